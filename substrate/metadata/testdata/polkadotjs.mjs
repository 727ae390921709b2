// Writes what polkadot.js makes of the same values, for the Go tests of scale,
// header, extrinsic and metadata to compare with. To run it again:
//
//   cd any/empty/folder && npm install @polkadot/api@16.5.4
//   node path/to/substrate/metadata/testdata/polkadotjs.mjs
//
// It reads the metadata that `go test -update` of this package wrote, and also
// checks what package extrinsic wrote (ours.json): it fails if polkadot.js reads
// that otherwise or finds a signature invalid.
import { createRequire } from 'module';
import { readFileSync, writeFileSync } from 'fs';
import assert from 'assert/strict';

const require = createRequire(process.cwd() + '/');
const { Metadata, TypeRegistry, expandMetadata } = require('@polkadot/types');
const { Keyring } = require('@polkadot/keyring');
const { cryptoWaitReady, signatureVerify, blake2AsU8a } = require('@polkadot/util-crypto');
const { u8aToHex, hexToU8a } = require('@polkadot/util');

const substrate = new URL('../../', import.meta.url);
const read = (file) => readFileSync(new URL(file, substrate), 'utf8');
const write = (file, value) => writeFileSync(new URL(file, substrate), JSON.stringify(value, null, 1) + '\n');
const producer = '@polkadot/api 16.5.4 by metadata/testdata/polkadotjs.mjs';

await cryptoWaitReady();
const runtimes = {};
for (const version of [14, 15]) {
  const hex = read(`metadata/testdata/v${version}.hex`).trim();
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, hex);
  registry.setMetadata(metadata);
  assert.equal(metadata.toHex(), hex);
  assert.equal(metadata.version, version);
  runtimes[version] = { registry, metadata, latest: metadata.asLatest, tx: expandMetadata(registry, metadata) };
}
const { registry, tx } = runtimes[15];

// scale: compact integers and a few values of each shape.
const integers = ['0', '1', '63', '64', '16383', '16384', '1073741823', '1073741824', '4294967295', '4294967296',
  '1099511627775', '1099511627776', '72057594037927936', '9007199254740993', '18446744073709551615',
  '18446744073709551616', '1000000000000000000000000000000', '340282366920938463463374607431768211455'];
write('scale/testdata/polkadotjs.json', {
  producer,
  compact: integers.map((decimal) => ({ decimal, hex: u8aToHex(registry.createType('Compact<u128>', decimal).toU8a()) })),
  u128: integers.map((decimal) => ({ decimal, hex: u8aToHex(registry.createType('u128', decimal).toU8a()) })),
  text: ['', 'Hamlet', 'Война и мир', '全国人大'].map((value) => ({ value, hex: u8aToHex(registry.createType('Text', value).toU8a()) })),
  optionalTexts: [[], [null], ['a', null, 'bc']].map((value) => ({
    value, hex: u8aToHex(registry.createType('Vec<Option<Text>>', value).toU8a()) })),
});

// header
const digests = [
  [],
  [{ PreRuntime: ['cmbt', '0x0100000000000000'] }],
  [{ Other: '0x00112233' }, { Consensus: ['BABE', '0x'] }, { Seal: ['BABE', '0x' + 'ab'.repeat(64)] },
    { PreRuntime: ['aura', '0x' + 'cd'.repeat(300)] }, { RuntimeEnvironmentUpdated: null }],
];
write('header/testdata/polkadotjs.json', {
  producer,
  headers: digests.map((logs, i) => {
    const header = registry.createType('Header', {
      parentHash: '0x' + `${i}1`.repeat(32), number: [0, 255, 4294967295][i], stateRoot: '0x' + 'a2'.repeat(32),
      extrinsicsRoot: '0x' + 'b3'.repeat(32), digest: { logs } });
    const rpc = { ...header.toJSON(), number: '0x' + header.number.toNumber().toString(16),
      digest: { logs: header.digest.logs.map((log) => log.toHex()) } };
    assert.equal(registry.createType('Header', rpc).toHex(), header.toHex());
    return { rpc, hex: header.toHex(), hash: header.hash.toHex() };
  }),
});

// extrinsic
const eras = [[64, 42], [64, 20000], [4, 6], [5, 1001], [100, 1000000], [2048, 4095], [4096, 4097], [8192, 100001],
  [65536, 1234567], [32768, 32767]].map(([period, current]) => {
  const hex = u8aToHex(registry.createType('ExtrinsicEra', { period, current }).toU8a());
  const era = registry.createType('ExtrinsicEra', hex).asMortalEra; // the phase as encoded, in its steps
  return { period, current, hex, encodedPeriod: era.period.toNumber(), encodedPhase: era.phase.toNumber(),
    birth: era.birth(current), death: era.death(current) };
});
const genesisHash = '0x' + '47'.repeat(32);
const blockHash = '0x' + '74'.repeat(32);
const bob = '0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48';
const calls = {
  transfer: tx.tx.market.transfer({ Id: bob }, '12345678901234567890'),
  longRemark: tx.tx.system.remark('0x' + 'ee'.repeat(500)),
  batch: tx.tx.market.batch([tx.tx.system.remark('0x0102'), tx.tx.market.transfer({ Address20: '0x' + '20'.repeat(20) }, 1)]),
  // Signed data of 256 bytes, the longest that is not hashed, and of 257.
  edge: tx.tx.system.remark('0x' + 'ef'.repeat(176)),
  beyondEdge: tx.tx.system.remark('0x' + 'ef'.repeat(177)),
};
const cases = [
  { kind: 'sr25519', call: 'transfer', era: { period: 64, current: 20000 }, nonce: 7, tip: '0' },
  { kind: 'sr25519', call: 'longRemark', era: null, nonce: 0, tip: '1000000000000' },
  { kind: 'ed25519', call: 'batch', era: { period: 4096, current: 100001 }, nonce: 70000, tip: '340282366920938463463374607431768211455' },
  { kind: 'ed25519', call: 'edge', era: { period: 8, current: 3 }, nonce: 63, tip: '0' },
  { kind: 'sr25519', call: 'beyondEdge', era: { period: 8, current: 3 }, nonce: 63, tip: '0' },
  { kind: 'ecdsa', call: 'transfer', era: null, nonce: 4294967295, tip: '1' },
];
const runtimeVersion = { specVersion: 100, transactionVersion: 3 };
const signed = cases.map(({ kind, call, era, nonce, tip }) => {
  const pair = new Keyring({ type: kind }).addFromUri('//Alice');
  const method = calls[call];
  const options = { blockHash: era ? blockHash : genesisHash, genesisHash, nonce, tip, runtimeVersion,
    era: era ? registry.createType('ExtrinsicEra', era) : '0x00' };
  const payload = registry.createType('ExtrinsicPayload', { ...options, ...runtimeVersion, method: method.toHex() }, { version: 4 });
  const plain = payload.toU8a({ method: true });
  const extrinsic = registry.createType('Extrinsic', { method }, { version: 4 }).sign(pair, options);
  return { kind, era: u8aToHex(options.era === '0x00' ? hexToU8a('0x00') : options.era.toU8a()), nonce, tip,
    signer: u8aToHex(pair.addressRaw), call: method.toHex(), genesisHash, mortalityHash: options.blockHash, ...runtimeVersion,
    plainLength: plain.length, signingPayload: u8aToHex(plain.length > 256 ? blake2AsU8a(plain) : plain),
    signature: extrinsic.signature.toHex(), hex: extrinsic.toHex(), hash: extrinsic.hash.toHex() };
});
const bare = [4, 5].map((version) => ({ version, call: calls.transfer.toHex(),
  hex: registry.createType('Extrinsic', { method: calls.transfer }, { version }).toHex() }));
const addresses = [{ Id: bob }, { Raw: '0x010203' }, { Address32: bob }, { Address20: '0x' + '20'.repeat(20) }]
  .map((value) => ({ kind: Object.keys(value)[0], value: Object.values(value)[0], hex: registry.createType('MultiAddress', value).toHex() }));
write('extrinsic/testdata/polkadotjs.json', { producer, eras, signed, bare, addresses });

for (const ours of JSON.parse(read('extrinsic/testdata/ours.json')).extrinsics) {
  const extrinsic = registry.createType('Extrinsic', hexToU8a(ours.hex), { isSigned: true, version: 4 });
  assert.equal(extrinsic.toHex(), ours.hex);
  assert.equal(extrinsic.hash.toHex(), ours.hash);
  assert.equal(extrinsic.method.toHex(), ours.call);
  assert.equal(extrinsic.nonce.toNumber(), ours.nonce);
  assert.equal(extrinsic.tip.toString(), ours.tip);
  assert.equal(u8aToHex(extrinsic.era.toU8a()), ours.era);
  assert.equal(u8aToHex(extrinsic.signer.value.toU8a()), ours.signer);
  const payload = registry.createType('ExtrinsicPayload', { method: ours.call, nonce: ours.nonce, tip: ours.tip, era: ours.era,
    blockHash: ours.mortalityHash, genesisHash: ours.genesisHash, specVersion: ours.specVersion, transactionVersion: ours.transactionVersion },
  { version: 4 }).toU8a({ method: true });
  const { isValid, crypto } = signatureVerify(payload.length > 256 ? blake2AsU8a(payload) : payload,
    extrinsic.signature.toU8a(), extrinsic.signer.value.toU8a());
  assert.ok(isValid && crypto === ours.kind, `signature of ${ours.hex}`);
}

// metadata: what a client finds under which name.
const variants = (latest, option) => option.isNone ? null : latest.lookup.getSiType(option.unwrap().type).def.asVariant.variants
  .map((v) => ({ name: v.name.toString(), index: v.index.toNumber(), docs: v.docs.map(String).join('\n'),
    fields: v.fields.map((f) => `${f.name.unwrapOr('')}: ${latest.lookup.getTypeDef(f.type).type}`) }));
const facts = ({ latest, tx: decorated, metadata, registry: reg }) => ({
  pallets: latest.pallets.map((p) => ({
    name: p.name.toString(), index: p.index.toNumber(), docs: (p.docs ?? []).map(String).join('\n'),
    prefix: p.storage.isNone ? null : p.storage.unwrap().prefix.toString(),
    storage: p.storage.isNone ? [] : p.storage.unwrap().items.map((s) => ({
      name: s.name.toString(), optional: s.modifier.isOptional, docs: s.docs.map(String).join('\n'), default: s.fallback.toHex(),
      hashers: s.type.isMap ? s.type.asMap.hashers.map(String) : [],
      key: s.type.isMap ? latest.lookup.getTypeDef(s.type.asMap.key).type : '',
      value: reg.lookup.getSiType(s.type.isMap ? s.type.asMap.value : s.type.asPlain).path.map(String).join('::') })),
    calls: variants(latest, p.calls), events: variants(latest, p.events), errors: variants(latest, p.errors),
    constants: p.constants.map((c) => ({ name: c.name.toString(), docs: c.docs.map(String).join('\n'),
      value: JSON.stringify(reg.createTypeUnsafe(reg.createLookupType(c.type), [hexToU8a(c.value.toHex())]).toJSON()) })),
  })),
  extensions: reg.signedExtensions,
  explicit: latest.extrinsic.transactionExtensions.map((x) => reg.lookup.getSiType(x.type).path.map(String).join('::')),
  implicit: metadata.asV15.extrinsic.signedExtensions.map((x) => latest.lookup.getTypeDef(x.additionalSigned).type),
  orderKey: u8aToHex(decorated.query.market.orders(7, '0x' + '11'.repeat(32), '0xff').subarray(2)), // without its length
  apis: metadata.asV15.apis.map((a) => ({ name: a.name.toString(), docs: a.docs.map(String).join('\n'), methods: a.methods.map((m) => ({
    name: m.name.toString(), docs: m.docs.map(String).join('\n'),
    inputs: m.inputs.map((i) => `${i.name}: ${latest.lookup.getTypeDef(i.type).lookupName ?? latest.lookup.getTypeDef(i.type).type}`),
    output: latest.lookup.getTypeDef(m.output).type })) })),
  custom: metadata.version < 15 ? {} : metadata.asV15.custom.toJSON().map,
  outerEnums: metadata.version < 15 ? [] : ['callType', 'eventType', 'errorType']
    .map((k) => latest.lookup.getSiType(metadata.asV15.outerEnums[k]).path.map(String).join('::')),
});
write('metadata/testdata/polkadotjs.json', { producer, v14: facts(runtimes[14]), v15: facts(runtimes[15]) });
