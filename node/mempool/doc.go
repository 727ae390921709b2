// Package mempool keeps transactions that wait for a block. It is the application's own (CometBFT's "app" mempool only
// carries transactions between nodes), and knows the runtime through [Validator] alone.
//
// Terms:
//   - signed: ordered by its sender's nonces. A sender's transactions from the account's nonce on without a gap are
//     ready, those behind a gap are future.
//   - bare: carries its own proof and pays no fee (commits of workers, contract keys). The chain must go on when fees
//     are high, so bare transactions have room of their own and go first. One may require what others provide: commits
//     come in order, and those that are early wait here. It is offered to blocks behind the ones it requires. The
//     runtime gives it a lower priority than them, once and for all, so the order by priority is also the order in which
//     they apply, and in a full pool the latest gives way.
//   - priority: what the runtime gives by fee and tip. A transaction can enter a block only after its predecessors, so
//     its effective priority is the lowest among theirs and its own.
//
// # Fairness
//
// What one sender does must not cost others their place:
//   - each sender is limited in number and bytes, and in future transactions;
//   - when the pool is full, future transactions go first, then those beyond the fair share (the pool divided by its
//     senders), then those of the lowest effective priority, of equal ones the deepest in its sender's queue. That order
//     falls along every queue, so eviction takes tails and never makes a gap; and a high priority at the end of a queue
//     does not protect low ones before it;
//   - eviction frees a twentieth of the pool at a time, so it costs little for each transaction;
//   - a replacement must raise the priority by a tenth.
//
// A transaction that was found invalid when a block was made is banned for a while: it would be gossiped back at once.
package mempool
