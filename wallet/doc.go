// Package wallet is the SDK of a Bitcloak trader: accounts, sessions with the confidential contract, deposits, sealed orders, and
// answers that are believed only when they are proven.
//
// Terms:
//   - home: the folder that keeps accounts, sessions and the network that is trusted.
//   - session: a secret shared with the contract, by which commands are sealed and questions are asked; opened by the account's
//     signature, for some days.
//   - sequence: the number of a sealed command in its session. None is used twice, ever, or two commands could be compared.
//   - answer: what a worker says about the account, signed. It counts when its state root is the one that the chain has committed
//     for its checkpoint, proven at a finalised head, not older than a minute, and every balance leads to that root.
//   - relay: who carries envelopes to the chain under an account of its own, so that this one does not show there. Not trusted.
//   - direct submission: a transaction of the account's own. Behind relays it is never done unasked.
//   - pace: one envelope at each tick, a command or a dummy, so that nobody sees when something is traded.
//   - receipt: the answer about a fill, with proof of the two balances behind it; it convinces others, too.
//
// Client is one account on one network. It sends through package wallet/chain, which trusts no node, and asks a Worker, which is
// not trusted either: what a worker can do to a trader is to withhold (spec/wire.md, section 8; design, section 4).
//
// Methods take a context, report on their way through Config.Progress, and return errors that name cause and remedy: a *Refused,
// or an error whose text has the remedy after its semicolon. Explain splits both.
package wallet
