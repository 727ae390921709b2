// The state root and the read proofs of this node, recomputed by smoldot's executor.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { calculate_state_root, decode_proof } from '@acala-network/chopsticks-executor'
import { account, connect } from './network.mjs'


let api
before(async () => { api = await connect() })
after(() => api.disconnect())

async function wholeState(hash) {
  const entries = []
  for (let from = null; ;) {
    const keys = await api.rpc.state.getKeysPaged('0x', 500, from, hash)
    if (keys.length === 0) return entries
    const values = await Promise.all(keys.map((k) => api.rpc.state.getStorage(k, hash)))
    keys.forEach((k, i) => entries.push([k.toHex(), values[i].unwrap().toHex(true)]))
    from = keys.at(-1).toHex()
  }
}

test("smoldot's state root is the header's", async () => {
  const hash = await api.rpc.chain.getFinalizedHead()
  const header = await api.rpc.chain.getHeader(hash)
  const raw = (await wholeState(hash)).map(([k, v]) => [k, v])
  assert.ok(raw.length > 30)
  assert.equal(await calculate_state_root(raw, 1), header.stateRoot.toHex())
})

test("smoldot reads a proof's values", async () => {
  const hash = await api.rpc.chain.getFinalizedHead()
  const header = await api.rpc.chain.getHeader(hash)
  const keys = [api.query.system.account.key(account('Alice').address), api.query.confidential.inbox.key(), api.query.system.number.key()]
  const { proof } = await api.rpc.state.getReadProof(keys, hash)
  const decoded = new Map((await decode_proof(header.stateRoot.toHex(), proof.map((p) => p.toHex()))).map(([k, v]) => [k, v]))
  for (const key of keys) {
    const value = await api.rpc.state.getStorage(key, hash)
    assert.equal(decoded.get(key), value.unwrap().toHex(true), key)
  }
})
