// Package native is the host interface for the node: an overlay of a block's
// changes over the committed state, native hashing, and signature checks with a
// memory of what has been checked ahead of execution.
//
// One [Host] serves one block, one validation or one query: make a new one for
// each. Any number may work at once, over the same [Signatures].
package native
