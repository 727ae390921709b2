// Package app is the application under CometBFT (ABCI): CometBFT orders, this package makes Substrate blocks of the
// order (spec/blocks.md).
//
// A block is executed once. What PrepareProposal executed is recognised by height, time and transactions when the same
// proposal comes back in ProcessProposal, and by CometBFT's block hash from then on.
//
// Rules, the same on every node:
//   - A CometBFT block without transactions makes no Substrate block until a heartbeat of block time has passed since the
//     last one; it changes nothing, so the AppHash settles.
//   - A CometBFT block that makes a Substrate block begins with the claim of its hash. A proposal with a false claim, or with an
//     invalid transaction, is refused; a node that meets either in a decided block stops.
//   - AppHash is the hash of the latest Substrate header.
//
// Everything is on the disk when Commit returns. After a crash the store is behind CometBFT by at most the heights that
// CometBFT then replays through FinalizeBlock and Commit.
package app
