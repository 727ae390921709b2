// Package light follows a chain without trusting the nodes that tell about it.
//
// Terms:
//   - head: a finalised Substrate block whose header has been proven.
//   - light block: a CometBFT header, the commit that signs it, and the
//     validators that signed. It proves the Substrate block that its AppHash names,
//     which lower heights made.
//   - claim: the hash of the Substrate block that a height makes, its first
//     transaction. With the proof of that, a light block proves its own height's.
//   - adjacent, skipping: a light block is verified from the one just below it, or
//     from an older one of whose validators more than a third signed it too.
//   - trusting period: for how long validators can be punished for signing two
//     histories. A trusted light block older than that proves nothing any more.
//   - inbox: the chain's messages to the confidential contract (spec/wire.md, 2).
//
// What is trusted is one hash in the configuration: of a recent CometBFT header,
// or of the genesis header, whose state commits to the first validators
// (spec/blocks.md). From there every byte that a node serves is checked against
// commit signatures, claim or AppHash, parent hashes, storage proofs and the inbox hash,
// and refused with a named error. A node can withhold, it cannot lie.
//
// Chain is what followers see; CometBFT implements it for a Bitcloak network.
// Transport is how answers come: RPC asks a node, light/memory is a whole chain
// with real signatures, for tests.
package light
