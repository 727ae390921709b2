// Package auditor counts again, from outside, what a Bitcloak network does with value: it imports nothing of Bitcloak and
// trusts nothing that it was not shown.
//
// What it is shown is public: headers, block bodies, and the nodes of the state trie, each checked against the hash that
// names it. Beside that it takes traders' statements: what they were told of their own account, with the proofs.
// Everything is decoded and added up here, with code of its own and big integers.
//
// After every block it holds:
//   - I1: the issuance of each asset is the sum of all balances; and every balance is what it was, changed by the block's
//     events and by nothing else.
//   - I2: custody = L + (D - D[c0]) + Q + S, with D, D[c0], L and Q counted here, of deposits, commits and payouts; the
//     account of custody holds at least that.
//   - I4: the inbox folds to the chain's hash, commits answer checkpoints one by one, deposits and payouts are numbered
//     without gap, and a payout is what a commit said, once.
//   - I9: a deposit is kept until a commit passes it; a payout that failed can be claimed.
//
// Of statements it holds that an account's history explains its balance to the unit, that each fill has another side that
// says the same, that every deposit was credited or paid back once, and that every payout has somebody who asked for it.
package auditor
