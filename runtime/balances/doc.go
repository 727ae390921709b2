// Package balances is the Balances pallet: the native currency, CLOAK, of 12
// decimals. Its balances lie in System.Account.
//
// Terms:
//   - existential deposit: the least that an account may hold. An account below it
//     is removed and what is left of it, the dust, is burned.
//   - free: what an account can spend. Nothing reserves or freezes CLOAK yet.
//   - total issuance: all CLOAK that exist.
//
// Calls by anyone: transfer_allow_death, transfer_keep_alive, transfer_all. By Root:
// force_transfer, from any account but custody.
//
// I1: the total issuance is the sum of all balances. Transfers move equal amounts;
// dust and uncollectable fees leave both sides; only genesis adds to both.
//
// The pallet that clients know is substrate/frame/balances of polkadot-sdk; names,
// indices and encodings follow it.
package balances
