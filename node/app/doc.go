// Package app is the application under CometBFT (ABCI): CometBFT orders, this package makes Substrate blocks of the
// order (spec/blocks.md).
//
// A block is executed once. What PrepareProposal executed is recognised by height, time and transactions when the same
// proposal comes back in ProcessProposal, and by CometBFT's block hash from then on.
//
// Rules, the same on every node:
//   - A CometBFT block without transactions makes no Substrate block until a heartbeat of block time has passed since the
//     last one; it changes nothing, so the AppHash settles.
//   - A proposal with an invalid transaction is refused. In a decided block, what still fails is skipped, with code 1 in
//     CometBFT's results.
//   - AppHash is the hash of the latest Substrate header.
//
// Everything is on the disk when Commit returns. After a crash the store is behind CometBFT by at most the heights that
// CometBFT then replays through FinalizeBlock and Commit.
package app
