// Package privateassets is the PrivateAssets pallet: custody of what backs the
// confidential contract's ledger. Deposits go in by call, payouts come out by the
// contract's commits.
//
// Terms:
//   - custody: the account that holds all that is deposited, of every asset.
//   - deposit: an amount taken into custody for a beneficiary, who may be sealed to
//     the contract. It stays in storage until a commit passes it.
//   - passed: a deposit whose inbox message a commit's inbox counts.
//   - payout: the contract's order, numbered in the outbox, to pay out of custody.
//   - claimable: a payout that could not be made (minimum balance, freeze,
//     suspension); its owner claims it, to any account, whenever it can be made.
//   - suspended: an asset of which custody holds less than the counters say.
//
// Calls by anyone: deposit, claim. By Root: set_paused.
//
// I2, per asset, in counters never read from balances:
// custody = L + (D - D[c0]) + Q + S. Every change of a counter is a function of
// counters.go that changes both sides alike. The chain computes L' itself and
// refuses a commit that would make it negative.
//
// I4: [Settle] is called once for each accepted commit; a deposit is passed once
// because it is removed then, and an outbox message is executed once because the
// caller counts them without gaps.
//
// I9: a payout that fails becomes claimable; a deposit stays until it is in the
// contract's ledger.
//
// I10: set_paused stops deposits and nothing else.
//
// The native asset is paid with the custody account kept alive. Genesis gives
// custody the existential deposit, which no counter counts, so that the last unit
// can be paid out.
package privateassets
