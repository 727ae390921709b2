// Package contract is the confidential contract: a private ledger and sealed
// trading over package engine, as one deterministic state machine. Messages of
// the chain's inbox go in, one commit a checkpoint comes out, and questions of
// an account about itself are answered in between.
//
// Terms:
//   - checkpoint: the messages of one block, from its Block message on; what
//     EndCheckpoint answers with a commit.
//   - leaf: one account's balance of one asset, available and held.
//   - hold: what an open order can need at most, taken from available.
//   - handle: a dense number by which accounts are known inside.
//   - payer: an account that payouts wait for; payers are served in turns.
//   - remainder: the keyed hash of all state that is not in leaves.
//
// What it keeps:
//   - I2: per asset, the leaves and what relays have coming sum to the deposits
//     applied less the payouts queued; a contract that finds this broken stops
//     instead of committing.
//   - I4: a message is applied once (the inbox hash says which), a command once
//     (its tag is forgotten), a session id once, an outbox message is numbered once.
//   - I5: a commit is a pure function of the previous root and the checkpoint; how
//     messages were batched or prepared and whether the contract was restored in
//     between cannot show. No clock, no chance, no goroutine, no map's order.
//   - I6: package engine; prices and lots of a market are exact integers here.
//   - I8: answers are made for a Viewer, which names one account and its session.
//   - I9: what a deposit cannot credit is paid back; a command applies as a whole
//     or changes nothing but its account's history.
//
// The package sees no cryptography but hashes: envelopes are opened through the
// interface Opener, which wire/seal implements (decision 0004). It is not safe
// for concurrent use, except that Prepare may run in parallel with itself.
package contract
