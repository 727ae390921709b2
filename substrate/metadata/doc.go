// Package metadata writes a runtime's description of itself, by which wallets,
// explorers and libraries know its calls, events, errors, storage and types:
// RuntimeMetadataPrefixed in versions 14 and 15 (paritytech/frame-metadata), with
// the portable registry of types (paritytech/scale-info).
//
// A runtime is declared as plain data, a [Runtime]: its pallets give their
// storage, calls, events, errors and constants with the *scale.Type of the
// codecs that they use, so the description cannot drift from the encoding.
//
// Terms:
//   - registry: every type reached from the declaration, numbered. Types of equal
//     content get one number, whatever pointers describe them.
//   - outer enum: RuntimeCall, RuntimeEvent and RuntimeError, with one variant for
//     each pallet. They contain the pallets and calls may contain RuntimeCall, so
//     their types are filled late, see [OuterEnum].
//   - modifier: what reading an absent storage value gives: nothing (optional) or
//     the default.
//
// The output is a pure function of the declaration.
package metadata
