// Package frame is what pallets are declared with, after the FRAME of
// polkadot-sdk. A declaration is made in one place; dispatch, storage access and
// metadata all come from it.
//
// A pallet declares, once, at package level:
//
//	var module = frame.NewModule("Balances", 10, "pallet_balances")
//	var totalIssuance = frame.NewValue(module, "TotalIssuance", scale.U128Codec, frame.Default, "...")
//	var transferEvent = frame.NewEvent(module, 2, "Transfer", "...", transferCodec)
//	var errVesting = frame.NewError(module, 0, "VestingBalance", "...")
//
// and gives the runtime a [Pallet]: the module, its calls and its hooks.
//
// Terms:
//   - origin: who a call acts for: nobody (None), an account (Signed), governance (Root).
//   - extrinsic: what a block carries: signed by an account, or bare.
//   - inherent: a bare extrinsic that only the block's author puts in.
//   - weight: time (picoseconds on the reference machine) and proof size (bytes).
//   - dispatch: running a call; its storage changes are undone if it fails.
//
// Handlers check, then write: what follows the first write does not fail.
package frame
