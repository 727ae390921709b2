// Package chain joins the runtime and the store into a Substrate chain: states to read and call into, blocks to build,
// validity of transactions, and news of the head. It knows nothing of CometBFT but heights.
//
// Terms:
//   - head: the latest committed block; best in the words of Substrate's clients.
//   - finalised: a block that CometBFT has committed to. That is the head: CometBFT votes on what a block makes.
//   - view: the state after one block, to read from and call into; nothing it does is kept.
//   - builder: a block being made on the head's state, and what it changes.
package chain
