// Package runtime is Bitcloak's state transition: the pallets composed, the
// executive that runs blocks, and the runtime APIs by which a node drives it.
//
// It is a pure function of the host's storage and its inputs: the same block on
// the same state gives the same state, natively and as Wasm (I5).
//
// A node runs a block as InitializeBlock, ApplyExtrinsic for the timestamp
// inherent and for each transaction, FinalizeBlock. An extrinsic is either
// applied, its fee paid even if its call fails, or invalid and without any effect.
package runtime
