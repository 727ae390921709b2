// Package confidential is the Confidential pallet: the chain's side of the
// confidential contract. It orders messages for the contract into the inbox, knows
// which workers may answer, checks their commits and lets custody execute them.
//
// Terms:
//   - inbox: all messages to the contract, folded into a count and a hash.
//   - checkpoint: a block with messages; the first is its Block message. Every
//     checkpoint is answered by one commit, in order.
//   - worker: an ed25519 key that attested hardware holds. A platform has one worker:
//     a new one takes the last one's place, and the last one's key is retired.
//   - vote: a worker's signature over a commit or over a contract key. A commit
//     counts when Threshold workers have voted for the same bytes.
//   - discrepancy: workers disagree, or agree on what the chain refuses. Commits
//     and with them the outbox stop until governance resolves it.
//   - dissent: a vote, arriving late, against a commit that was accepted.
//   - snapshot: the contract's state as every worker publishes it once an epoch,
//     sealed; the chain keeps the root by which it is found.
//   - contract key: the HPKE key of an epoch, to which wallets seal.
//
// Calls by anyone: submit, register_worker. Bare, with workers' votes: commit,
// announce_key, announce_snapshot. By Root: set_market, set_threshold,
// remove_worker, allow_measurement, allow_platform, resolve_discrepancy,
// set_epoch_duration, sweep_fees.
//
// A bare extrinsic is free, so it is refused as invalid unless it adds something: a
// new vote of a registered worker for the checkpoint that is due, or for an epoch's
// missing key or snapshot. The pool also takes commits ahead of the due one, which wait there; a
// block never takes them early. The number of a custom validity error is that of the pallet's error.
//
// What one broken worker below the threshold can do: vote, for anything. If its
// vote contradicts another worker's, commits stop: the chain cannot know which of
// the two is right, and stopping loses nothing, while going on could.
//
// I4: commits come in the order of checkpoints, each once, and outbox messages are
// numbered without gaps. I5: messages are folded in the order in which the chain
// applies them. I10: nothing that is set here stops claims, and no pause exists.
package confidential
