// Package chainspec reads and makes chain specs: one JSON file that says which network a node belongs to and what its
// block 0 is.
//
//	{"name", "id", "chainType", "properties", "genesis": {...}, "cometbft": {...}}
//
// "genesis" is the runtime's (a part for each pallet), "cometbft" what CometBFT starts from. The genesis names the
// hashes of the latter, so the hash of header 0 commits to both (spec/blocks.md). Reading is strict: unknown fields are
// refused, and so is a spec whose parts contradict each other, with the value that would be right.
package chainspec
