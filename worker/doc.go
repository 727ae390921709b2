// Package worker is the process inside trusted hardware that runs the
// confidential contract: it follows the chain, opens envelopes, applies them,
// signs a commit for every checkpoint, and answers its traders.
//
// Terms:
//   - node: where chain data comes from; nothing of it is trusted (package light).
//   - instance: the network and contract served; everything is bound to it.
//   - operator: the account that pays for the worker's registration. It has no
//     other right.
//   - duties: what the worker owes the chain: registration, contract keys, commits.
//   - snapshot: the contract's state, sealed on the disk, in two generations.
//
// # Life
//
// Start checks that the chain accepts the hardware's evidence, opens the sealed
// keys, restores the newest snapshot that is whole and its own, and replays the
// inbox from there; the state root at the chain's last commit must come out the
// same, so a snapshot that was rolled back is brought forward and one that was
// altered is found out. If no snapshot serves, it replays from the first
// checkpoint, as long as the first epochs' keys exist.
//
// One goroutine follows and applies (I5: in chain order, each checkpoint once, I4).
// It holds the contract's lock from a checkpoint's first message to its commit, so
// queries see finished checkpoints only; envelopes are opened on all processors
// in between. A query holds the lock while the contract collects its answer, tens
// of microseconds; opening, signing and sealing happen outside. A second goroutine
// does the duties, a third writes snapshots, so neither the node nor the disk
// holds up the first.
//
// # Trust
//
// The host may stop the worker, withhold data and delay it. It cannot make it
// accept a forged chain, sign two commits for a checkpoint, or give a trader's
// secrets away: what is on disk is sealed, logs and metrics show public facts only
// (I7). A host can put back older sealed files; the chain's last commit shows it.
package worker
