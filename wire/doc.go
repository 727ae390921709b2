// Package wire is what crosses a trust boundary between the chain, the workers
// of the confidential contract and the traders' wallets: the structures of
// spec/wire.md with their SCALE codecs, the hashes that bind them, and the
// storage keys and calls of spec/interface.md that clients need.
//
// Terms:
//   - inbox: the chain's ordered messages to the contract, folded into a hash.
//   - checkpoint: a block with messages; every one is answered by one commit.
//   - envelope: a sealed command (or the sealed opening of a session).
//   - outbox: the contract's numbered messages to the chain, inside commits.
//   - leaf: one account's balance of one asset in the contract's ledger.
//
// Every hash starts with an ASCII tag that ends in a version, so that no hash
// made for one purpose can stand for another. Codecs of what comes from outside
// bound every length by a named maximum.
//
// The package is deterministic, keeps no state, imports substrate/* only and is
// part of the Wasm runtime. What needs randomness or secret keys is wire/seal.
package wire
