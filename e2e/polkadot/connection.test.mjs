import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createConnection, createServer } from 'node:net'
import { WsProvider, ApiPromise } from '@polkadot/api'
import { account, connect, endpoint, until } from './network.mjs'

let api
before(async () => { api = await connect() })
after(() => api.disconnect())

test('the chain introduces itself', async () => {
  const [chain, name, version, type, health] = await Promise.all([
    api.rpc.system.chain(), api.rpc.system.name(), api.rpc.system.version(), api.rpc.system.chainType(), api.rpc.system.health()])
  assert.match(chain.toString(), /Bitcloak/)
  assert.match(name.toString(), /bitcloak/i)
  assert.match(version.toString(), /\d/)
  assert.equal(type.type, 'Development')
  assert.equal(health.isSyncing.toString(), 'false')
  assert.equal(api.registry.chainSS58, 2)
  assert.deepEqual(api.registry.chainTokens, ['CLOAK'])
  assert.deepEqual(api.registry.chainDecimals, [12])
  assert.equal(api.runtimeVersion.specName.toString(), 'bitcloak')
})

test('metadata v14 and v15 name the same pallets, calls, events and errors', async () => {
  const versions = await api.call.metadata.metadataVersions()
  assert.deepEqual(versions.map((v) => v.toNumber()).filter((v) => v < 16).sort(), [14, 15])
  const shape = async (version) => {
    const opaque = await api.call.metadata.metadataAtVersion(version)
    const { Metadata, TypeRegistry } = await import('@polkadot/types')
    const metadata = new Metadata(new TypeRegistry(), opaque.unwrap().toHex().replace(/^0x([0-9a-f]*?)6d657461/, '0x6d657461'))
    return metadata.asLatest.pallets.map((p) => ({
      name: p.name.toString(), index: p.index.toNumber(), calls: p.calls.isSome, events: p.events.isSome, errors: p.errors.isSome,
      storage: p.storage.isSome ? p.storage.unwrap().items.map((i) => i.name.toString()) : [] }))
  }
  const [v14, v15] = [await shape(14), await shape(15)]
  assert.deepEqual(v14, v15)
  const pallets = Object.fromEntries(v14.map((p) => [p.name, p.index]))
  assert.deepEqual(pallets, { System: 0, Timestamp: 1, Consensus: 2, Balances: 10, TransactionPayment: 11, Assets: 12, PrivateAssets: 20,
    Confidential: 21, Governance: 30 })
})

test('rpc_methods lists what is served', async () => {
  const { methods } = await api.rpc.rpc.methods()
  const names = methods.map((m) => m.toString())
  for (const name of ['author_submitAndWatchExtrinsic', 'chain_subscribeFinalizedHeads', 'state_getReadProof', 'state_queryStorageAt',
    'payment_queryInfo', 'state_getKeysPaged', 'system_accountNextIndex', 'cometbft_lightBlock', 'bitcloak_checkpoints'])
    assert.ok(names.includes(name), `${name} is missing`)
})

test('an unknown method, bad parameters and an unknown block are refused with their codes', async () => {
  const provider = new WsProvider(endpoint)
  await provider.isReady
  try {
    await assert.rejects(provider.send('no_such', []), /-32601/)
    await assert.rejects(provider.send('chain_getBlockHash', [{ a: 1 }]), /-32602/)
    await assert.rejects(provider.send('state_getStorage', ['0x00', `0x${'11'.repeat(32)}`]), /(4003|UnknownBlock|unknown block)/i)
  } finally { await provider.disconnect() }
})

test('heads are pushed, finalised ones in order without gaps', async () => {
  const best = [], final = []
  const stopBest = await api.rpc.chain.subscribeNewHeads((h) => best.push(h.number.toNumber()))
  const stopFinal = await api.rpc.chain.subscribeFinalizedHeads((h) => final.push(h.number.toNumber()))
  await until(() => final.length >= 4 && best.length >= 4, 'four heads')
  stopBest(); stopFinal()
  for (let i = 1; i < final.length; i++) assert.equal(final[i], final[i - 1] + 1)
})

test('a storage subscription tells of a change', async () => {
  const seen = []
  const stop = await api.query.system.number((n) => seen.push(n.toNumber()))
  await until(() => seen.length >= 3, 'three changes of System.Number')
  stop()
  assert.ok(seen.at(-1) > seen[0])
})

// A proxy between client and node, whose connections the test can cut as a failing network would.
async function cuttable() {
  const target = new URL(endpoint)
  const sockets = new Set()
  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) { sockets.add(socket); socket.on('error', () => {}) }
    client.pipe(upstream).pipe(client)
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    cut: () => { for (const socket of sockets) socket.destroy(); sockets.clear() },
    close: () => { for (const socket of sockets) socket.destroy(); server.close() },
  }
}

test('a cut connection comes back by itself, and its subscriptions with it', async () => {
  const network = await cuttable()
  const other = await ApiPromise.create({ provider: new WsProvider(network.url, 100), noInitWarn: true })
  try {
    const heads = []
    await other.rpc.chain.subscribeNewHeads((h) => heads.push(h.number.toNumber()))
    await until(() => heads.length >= 1, 'a first head')
    const before = heads.length
    network.cut()
    await until(() => !other.isConnected, 'the client noticing the cut')
    await until(() => other.isConnected, 'the client connecting again')
    await until(() => heads.length > before + 1, 'heads after the reconnect')
    assert.ok((await other.query.system.account(account('Alice').address)).data.free.toBigInt() > 0n)
  } finally {
    await other.disconnect()
    network.close()
  }
})
