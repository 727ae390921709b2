import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { u8aToHex } from '@polkadot/util'
import { CLOAK, account, connect, event, finalized, newAccount, until } from './network.mjs'

let api
const alice = account('Alice'), bob = account('Bob')
before(async () => { api = await connect() })
after(() => api.disconnect())

const raw = (method, ...params) => api._rpcCore.provider.send(method, params)
const free = async (who, at = api) => (await at.query.system.account(who.address)).data.free.toBigInt()

test('a transfer is watched to finality, its events decode, the fee told is the fee paid', async () => {
  const receiver = newAccount()
  const tx = api.tx.balances.transferKeepAlive(receiver.address, 3n * CLOAK)
  const { partialFee, weight } = await tx.paymentInfo(alice)
  assert.ok(partialFee.toBigInt() > 0n)
  assert.ok(weight.refTime.toBigInt() > 0n)
  const before = await free(alice)
  const { block, events, statuses } = await finalized(tx, alice)
  assert.equal(statuses.at(0), 'Ready')
  assert.equal(statuses.at(-1), 'Finalized')
  const transfer = event(events, 'balances', 'Transfer')
  assert.equal(transfer.data.from.toString(), alice.address)
  assert.equal(transfer.data.to.toString(), receiver.address)
  assert.equal(transfer.data.amount.toBigInt(), 3n * CLOAK)
  const paid = event(events, 'transactionPayment', 'TransactionFeePaid')
  assert.equal(paid.data.actualFee.toBigInt(), partialFee.toBigInt())
  assert.ok(event(events, 'system', 'ExtrinsicSuccess'))
  assert.equal(await free(receiver), 3n * CLOAK)
  assert.equal(before - await free(alice), 3n * CLOAK + partialFee.toBigInt())
  const details = await api.rpc.chain.getBlock(block)
  assert.ok(details.block.extrinsics.some((x) => x.hash.toHex() === tx.hash.toHex()))
})

test('a watched extrinsic is ready, in a block, then final', async () => {
  const tx = await api.tx.system.remark('0x10').signAsync(bob, { nonce: -1 })
  const statuses = []
  await new Promise((resolve, reject) => {
    api.rpc.author.submitAndWatchExtrinsic(tx, (status) => {
      statuses.push(status.type)
      if (status.isFinalized) resolve()
    }).catch(reject)
  })
  assert.deepEqual(statuses.filter((s) => s !== 'Broadcast'), ['Ready', 'InBlock', 'Finalized'])
})

test('a tip is paid on top of the fee', async () => {
  const tx = api.tx.system.remark('0x00')
  const { events } = await finalized(tx, bob, { tip: 5_000n })
  const paid = event(events, 'transactionPayment', 'TransactionFeePaid')
  assert.equal(paid.data.tip.toBigInt(), 5_000n)
})

test('mortal and immortal transactions both live, a mortal one signed for the past does not', async () => {
  await finalized(api.tx.system.remark('0x01'), bob, { era: 8 })
  await finalized(api.tx.system.remark('0x02'), bob, { era: 0 })
  await until(async () => (await api.rpc.chain.getHeader()).number.toNumber() > 12, 'twelve blocks', 30_000)
  const first = await api.rpc.chain.getBlockHash(1)
  await assert.rejects(finalized(api.tx.system.remark('0x03'), bob, { era: api.createType('ExtrinsicEra', { current: 1, period: 4 }), blockHash: first }),
    /1010|outdated|AncientBirthBlock|bad proof/i)
})

test('a wrong nonce is refused as stale, a future one waits for the gap', async () => {
  const sender = newAccount()
  await finalized(api.tx.balances.transferKeepAlive(sender.address, 10n * CLOAK), alice)
  await finalized(api.tx.system.remark('0x04'), sender, { nonce: 0 })
  await assert.rejects(api.tx.system.remark('0x05').signAndSend(sender, { nonce: 0 }), /1010.*(outdated|stale)/i)
  const later = await api.tx.system.remark('0x06').signAsync(sender, { nonce: 2 })
  const statuses = []
  await api.rpc.author.submitAndWatchExtrinsic(later, (status) => { statuses.push(status.type) })
  await until(() => statuses.length > 0, 'a status of the future transaction')
  assert.deepEqual(statuses, ['Future'])
  await finalized(api.tx.system.remark('0x07'), sender, { nonce: 1 })
  await until(() => statuses.includes('Finalized'), 'the finality of the future transaction')
  assert.equal((await api.rpc.system.accountNextIndex(sender.address)).toNumber(), 3)
})

test('a wrong signature is refused, and so is one already in a block', async () => {
  const tx = await api.tx.system.remark('0x08').signAsync(bob)
  const bytes = tx.toU8a()
  const damaged = Uint8Array.from(bytes)
  damaged[60] ^= 1 // inside the signature
  await assert.rejects(raw('author_submitExtrinsic', u8aToHex(damaged)), /1010.*(bad signature|bad proof)/i)
  await finalized(tx, bob, { nonce: -1 }).catch(() => {})
  await assert.rejects(async () => {
    await api.rpc.author.submitExtrinsic(tx.toHex())
    await api.rpc.author.submitExtrinsic(tx.toHex())
  }, /1010|1012|1013/)
})

test('garbage, a call nobody knows and an empty purse are refused', async () => {
  for (const bytes of ['0x', '0x00', '0x0412345678', `0x${'ff'.repeat(300)}`, '0x2004150100'])
    await assert.rejects(raw('author_submitExtrinsic', bytes), /1010|1002|-32602/, bytes)
  await assert.rejects(raw('author_submitExtrinsic', 'no hex'), /-32602/)
  await assert.rejects(api.tx.system.remark('0x09').signAndSend(newAccount()), /1010.*(balance too low|pay)/i)
})

test('a failed dispatch pays its fee, changes nothing else and names its error', async () => {
  const receiver = newAccount()
  const { dispatchError, events } = await finalized(api.tx.balances.transferKeepAlive(receiver.address, 1n), bob)
  assert.ok(dispatchError.isModule || dispatchError.isToken)
  if (dispatchError.isModule) {
    const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule)
    assert.equal(section, 'balances')
    assert.ok(name.length > 0 && docs.join('').length > 0)
  }
  assert.ok(event(events, 'system', 'ExtrinsicFailed'))
  assert.ok(event(events, 'transactionPayment', 'TransactionFeePaid'))
  assert.equal(await free(receiver), 0n)
})

test('the past can be asked', async () => {
  const receiver = newAccount()
  const { block } = await finalized(api.tx.balances.transferKeepAlive(receiver.address, 2n * CLOAK), alice)
  const parent = (await api.rpc.chain.getHeader(block)).parentHash
  assert.equal(await free(receiver, await api.at(block)), 2n * CLOAK)
  assert.equal(await free(receiver, await api.at(parent)), 0n)
  const changes = await api.rpc.state.queryStorageAt([api.query.system.account.key(receiver.address)], block)
  assert.equal(changes.length > 0, true)
})
