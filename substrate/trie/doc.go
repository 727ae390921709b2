// Package trie is the state trie of Substrate chains: a radix-16 Patricia trie
// hashed with BLAKE2b-256, in layouts 0 and 1 (polkadot spec, section 2.4.3;
// polkadot-sdk, substrate/primitives/trie).
//
// Terms:
//   - nibble: half a byte; a key is a path of nibbles, the high half first.
//   - partial key: the nibbles between a node and the branch above it.
//   - inline node: one whose encoding is shorter than 32 bytes; its parent holds
//     the encoding itself instead of a hash. The root is never inline.
//   - detached value: in layout 1 a value of 33 bytes or more; its node holds only
//     the hash, the value is stored as a record of its own.
//   - read proof: the encoded nodes and detached values that reading some keys
//     touches, as state_getReadProof returns them.
//
// # State
//
// A [Trie] stands at a root over a [NodeStore] and loads nodes when it needs them.
// Stored nodes are immutable; changes copy the path from the root to what
// changed. Tries share decoded nodes through a [Cache], across roots and blocks.
// Any number of tries, at any roots, may be used at the same time; one trie may
// be read by many goroutines, but changed by one that is then alone.
//
// # Reference counts
//
// One encoding can occur at several places of a trie, and come back after it
// was removed. [Trie.Commit] therefore reports occurrences, not sets: for each
// place that changed, the record that now stands there in Inserted, the one that
// stood there before in Removed, as often as there are places.
//
// A store that keeps the last roots and prunes exactly does this, as
// [MemoryStore] shows:
//   - on a commit: count[hash] += 1 for every element of Inserted, and the bytes
//     are written when the count was 0. Removed is kept beside the new root.
//   - on leaving a root behind, because its successor is now the oldest kept:
//     count[hash] -= 1 for every element of the successor's Removed; at 0 the
//     record is deleted.
//   - on discarding the newest root, a fork: count[hash] -= 1 for every element of
//     its Inserted; its Removed is dropped.
//
// Then count[hash] is the number of places at which the oldest kept trie holds
// the record, plus the places at which later tries brought it in: zero exactly
// when no kept trie holds it.
package trie
