// Package extrinsic is Substrate's extrinsic, what a block's body is made of:
// signed transactions of version 4 and bare extrinsics of versions 4 and 5
// (polkadot-sdk, substrate/primitives/runtime/src/generic).
//
// Terms:
//   - call: the encoded RuntimeCall that the extrinsic asks for. This package
//     carries its bytes; the runtime gives them meaning.
//   - bare: without signer; the inherents and what carries its own proof.
//   - transaction extension: a check that takes part of the signed data with
//     it. Its explicit part travels in the extrinsic, its implicit part (for
//     example the genesis hash) is signed but known to both sides.
//   - era: the range of blocks in which a signed extrinsic is valid.
//   - tip: what the sender pays beyond the fee, for priority.
//
// The extensions and their order are fixed (see [Extensions] and [Implicit]):
// CheckNonZeroSender, CheckSpecVersion, CheckTxVersion, CheckGenesis,
// CheckMortality, CheckNonce, CheckWeight, ChargeTransactionPayment. They are
// declared once, in steps; the codecs and the metadata follow from that list.
//
// This package neither makes nor checks signatures: packages keys and runtime do.
package extrinsic
