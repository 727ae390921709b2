// Package blobs is the node's store of published snapshots: the encrypted state of
// the confidential contract, kept for workers that lost their disk.
//
// Terms:
//   - blob: a manifest or a sealed chunk, found by its BLAKE2b-256 hash (spec/wire.md, 7a).
//   - announced: a snapshot that enough workers voted for on the chain. Its root is the
//     hash of its manifest, which names its chunks.
//
// A blob is taken only if an announced snapshot names it, of the latest two: so the
// store holds what workers agreed on and nothing else, in bounded size and number,
// whoever sends it. Older ones are dropped. Each blob is a file of its own, written as
// one step; what is read back is compared with its hash.
package blobs
