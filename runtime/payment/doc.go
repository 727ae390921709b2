// Package payment is the TransactionPayment pallet: what a signed extrinsic pays.
//
//	fee = base weight fee + length fee + weight fee + tip
//
// All parts are linear: one base unit of CLOAK (10^-12) for a picosecond of weight,
// a million for a byte. So the fee that a client is told is the fee that is paid,
// whether the call succeeds or not. Fees go to the treasury account. Bare
// extrinsics pay nothing.
package payment
