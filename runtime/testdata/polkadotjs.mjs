// Makes testdata/polkadotjs.json: what the real @polkadot/api types make of this
// runtime's metadata. Run by `go test -run TestPolkadotJS -update`, after
// `npm ci` in e2e/polkadot.
//
//   node polkadotjs.mjs sign   <input.json >output.json   extrinsics and storage keys
//   node polkadotjs.mjs decode <input.json >output.json   events in words
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../e2e/polkadot/package.json', import.meta.url));
const { TypeRegistry, Metadata, expandMetadata } = require('@polkadot/types');
const { Keyring } = require('@polkadot/keyring');
const { cryptoWaitReady } = require('@polkadot/util-crypto');

await cryptoWaitReady();
const input = JSON.parse(readFileSync(0, 'utf8'));
const registry = new TypeRegistry();
const metadata = new Metadata(registry, input.metadata);
registry.setMetadata(metadata);
if (metadata.toHex() !== input.metadata) throw new Error('the metadata does not encode to what it was decoded from');
const { tx, query, consts } = expandMetadata(registry, metadata);

const output = process.argv[2] === 'sign' ? sign() : decode();
process.stdout.write(JSON.stringify(output, null, '\t') + '\n');

function sign() {
  const keyring = new Keyring({ type: 'sr25519', ss58Format: consts.system.ss58Prefix.toNumber() });
  const alice = keyring.addFromUri('//Alice'), bob = keyring.addFromUri('//Bob');
  const envelope = '0x01' + '00'.repeat(255);
  const calls = [
    tx.balances.transferKeepAlive(bob.address, 12_345_678_901_234n),
    tx.balances.transferAllowDeath({ Id: bob.address }, 1_000_000_000),
    tx.system.remarkWithEvent('0x68656c6c6f'),
    tx.assets.transfer(1, bob.address, 2_000_000_000_000n),
    tx.privateAssets.deposit(1, 3_000_000_000_000n, { Plain: bob.address }),
    tx.privateAssets.deposit(0, 4_000_000_000_000n, { Sealed: '0x' + '07'.repeat(1172) }),
    tx.confidential.submit([envelope, envelope]),
    tx.governance.propose(tx.privateAssets.setPaused(true)),
    tx.governance.propose(tx.governance.setDelay(5_000)),
  ];
  const runtimeVersion = registry.createType('RuntimeVersion', consts.system.version.toJSON());
  const extrinsics = calls.map((call, nonce) => {
    const mortal = nonce % 2 === 1;
    const xt = registry.createType('Extrinsic', call, { version: 4 });
    xt.sign(alice, {
      blockHash: input.genesis, // block 0 is where the eras begin
      era: mortal ? registry.createType('ExtrinsicEra', { current: 0, period: 64 }) : registry.createType('ExtrinsicEra'),
      genesisHash: input.genesis, nonce, runtimeVersion, tip: nonce,
    });
    return { call: `${call.section}.${call.method}`, hex: xt.toHex() };
  });
  const keys = [
    ['System.Account', query.system.account, [alice.address]],
    ['Assets.Account', query.assets.account, [1, alice.address]],
    ['System.BlockHash', query.system.blockHash, [7]],
    ['Balances.TotalIssuance', query.balances.totalIssuance, []],
  ].map(([item, entry, args]) => ({ item, hex: registry.createType('StorageKey', [entry, args]).toHex() }));
  return { address: alice.address, extrinsics, keys };
}

function decode() {
  const type = query.system.events.meta.type.asPlain;
  return registry.createType(registry.createLookupType(type), input.events).map(({ phase, event }) => ({
    phase: phase.toString(), event: `${event.section}.${event.method}`, fields: event.toHuman(true).data,
  }));
}
