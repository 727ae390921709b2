// What every test of this folder starts from: an API connection to the node under test, the development accounts, and
// a way to submit a transaction and wait until its block is final.
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api'

export const endpoint = process.env.BITCLOAK_WS
if (!endpoint) throw new Error('BITCLOAK_WS is not set: run these tests with `go test ./e2e/polkadot` or `make test`')

export const CLOAK = 1_000_000_000_000n
export const USDT = 1000

export async function connect() {
  return ApiPromise.create({ provider: new WsProvider(endpoint, 200), noInitWarn: true, throwOnConnect: true })
}

const keyring = new Keyring({ type: 'sr25519', ss58Format: 2 })
export const account = (name) => keyring.addFromUri(`//${name}`)

// An account nobody has used, so that tests do not meet each other's balances.
let fresh = 0
export const newAccount = () => keyring.addFromUri(`//polkadot-e2e//${process.pid}//${fresh++}`)

// finalized submits and resolves with { block, events, statuses } once the block is final; a failed dispatch resolves too,
// and dispatchError tells.
export function finalized(tx, signer, options = {}) {
  return new Promise((resolve, reject) => {
    const statuses = []
    let stop
    tx.signAndSend(signer, options, (result) => {
      statuses.push(result.status.type)
      if (result.isError) {
        stop?.()
        reject(new Error(`transaction ended as ${result.status.type}`))
      }
      if (result.status.isFinalized) {
        stop?.()
        resolve({ block: result.status.asFinalized.toHex(), events: result.events, statuses, dispatchError: result.dispatchError })
      }
    }).then((unsubscribe) => { stop = unsubscribe }, reject)
  })
}

export const event = (events, section, method) =>
  events.find(({ event }) => event.section === section && event.method === method)?.event

export async function until(condition, what, milliseconds = 10_000) {
  const end = Date.now() + milliseconds
  while (Date.now() < end) {
    const value = await condition()
    if (value) return value
    await new Promise((wake) => setTimeout(wake, 50))
  }
  throw new Error(`${what} did not happen within ${milliseconds} ms`)
}
