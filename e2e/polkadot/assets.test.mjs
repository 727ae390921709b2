import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CLOAK, USDT, account, connect, event, finalized, newAccount, until } from './network.mjs'

let api
const alice = account('Alice'), bob = account('Bob'), charlie = account('Charlie')
before(async () => { api = await connect() })
after(() => api.disconnect())

const holding = async (id, who) => {
  const entry = await api.query.assets.account(id, who.address)
  return entry.isSome ? entry.unwrap().balance.toBigInt() : 0n
}
const module = (error) => api.registry.findMetaError(error.asModule).name

test('the registry lists the development assets', async () => {
  const names = {}
  for (const [key, value] of await api.query.assets.metadata.entries()) {
    const { symbol, decimals } = value.unwrap()
    names[key.args[0].toNumber()] = [symbol.toUtf8(), decimals.toNumber()]
  }
  assert.deepEqual([names[1], names[2], names[USDT]], [['KSM', 12], ['KAR', 12], ['USDT', 6]])
})

test('an asset is created, minted, moved, frozen, thawed and burned by those who may', async () => {
  const id = 50_000 + (process.pid % 10_000)
  const holder = newAccount()
  assert.equal((await finalized(api.tx.assets.create(id, bob.address, 10n), bob)).dispatchError, undefined)
  await finalized(api.tx.assets.setMetadata(id, 'Test asset', 'TST', 3), bob)
  await finalized(api.tx.assets.mint(id, bob.address, 1_000n), bob)
  await finalized(api.tx.assets.transfer(id, holder.address, 400n), bob)
  assert.deepEqual([await holding(id, bob), await holding(id, holder)], [600n, 400n])
  const stolen = await finalized(api.tx.assets.mint(id, charlie.address, 1n), charlie)
  assert.equal(module(stolen.dispatchError), 'NoPermission')
  await finalized(api.tx.assets.freeze(id, bob.address), bob)
  assert.ok((await finalized(api.tx.assets.transfer(id, holder.address, 1n), bob)).dispatchError)
  await finalized(api.tx.assets.thaw(id, bob.address), bob)
  await finalized(api.tx.assets.burn(id, bob.address, 100n), bob)
  assert.equal((await api.query.assets.asset(id)).unwrap().supply.toBigInt(), 900n)
})

test('a deposit locks in custody, is kept until a commit passes it, and the counters say so', async () => {
  const amount = 25_000_000n
  const { events, dispatchError } = await finalized(api.tx.privateAssets.deposit(USDT, amount, { Plain: charlie.address }), charlie)
  assert.equal(dispatchError, undefined)
  const deposited = event(events, 'privateAssets', 'Deposited')
  assert.equal(deposited.data.amount.toBigInt(), amount)
  await until(async () => (await api.query.privateAssets.deposits(deposited.data.id)).isNone, 'the commit that passes the deposit', 20_000)
  const c = await api.query.privateAssets.counters(USDT)
  const n = (name) => c[name].toBigInt()
  assert.equal(n('custody'), n('liabilities') + n('deposited') - n('depositedAtCommit') + n('queued') + n('shielded'))
  assert.ok(n('liabilities') >= amount)
})

test('deposits of nothing, of too much and of an unknown asset are refused with a reason', async () => {
  for (const [asset, amount] of [[USDT, 0n], [USDT, 10n ** 30n], [4_000_000_000, 1n]]) {
    const { dispatchError } = await finalized(api.tx.privateAssets.deposit(asset, amount, { Plain: charlie.address }), charlie)
    assert.ok(dispatchError, `deposit of ${amount} of asset ${asset} went through`)
  }
})

test('garbage envelopes cost their sender and change nothing', async () => {
  const envelope = `0x01${'5a'.repeat(255)}`
  const { events } = await finalized(api.tx.confidential.submit([envelope, '0x01', envelope]), charlie)
  const submitted = event(events, 'confidential', 'EnvelopesSubmitted')
  assert.deepEqual([submitted.data.accepted.toNumber(), submitted.data.refused.toNumber()], [2, 1])
})

test('root calls and worker calls are not for everyone', async () => {
  const { dispatchError } = await finalized(api.tx.privateAssets.setPaused(true), charlie)
  assert.ok(dispatchError.isBadOrigin)
  const last = (await api.query.confidential.lastCommit()).unwrap()
  assert.ok(last.checkpoint.toNumber() >= 0)
  const proposal = api.tx.privateAssets.setPaused(true)
  assert.ok((await finalized(api.tx.governance.propose(proposal), charlie)).dispatchError, 'a stranger proposed')
})
