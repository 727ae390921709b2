// Package snapshot is the form in which one node hands another the state of a block, for CometBFT's state sync
// (spec/blocks.md, "State sync").
//
// Terms:
//   - description: what a node offers: a height, the Substrate header of the latest block after it, and a number of chunks.
//   - record: a node of the state trie, or a detached value (package trie).
//   - chunk: some records, in the order of a walk through the trie: a node, its detached value, then what is below it.
//
// A [Reader] that knows the header's hash, which the light client has proven, knows the hash of the first record, and by
// each record those of the records below it. So it knows at every moment the hash of the only record that may come next,
// and where a chunk must end: every chunk is checked alone, before anything of it is used, and a wrong one convicts
// whoever sent it. Nothing has to be believed of the one who described the snapshot but how many chunks there are.
//
// A [Folder] keeps the latest snapshots on the disk. It makes them in the background, from a view of the store that
// later blocks do not change, and it takes its time.
package snapshot
