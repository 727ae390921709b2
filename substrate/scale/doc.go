// Package scale is SCALE, the binary encoding of every Substrate chain
// (https://docs.polkadot.com/polkadot-protocol/parachain-basics/data-encoding/).
//
// A value is declared once, as a [Codec]: the combinators of this package
// (Struct, Enum, Vec, Option, ...) build its encoder, its decoder and its
// description for metadata (scale-info) from one expression, without
// reflection. Hand-written code for a hot path uses [Encoder] and [Decoder]
// directly.
//
// Terms:
//   - compact: an unsigned integer in 1, 2, 4 or 5..17 bytes, the two low bits
//     of the first byte naming the mode. Exactly one form is accepted: the shortest.
//   - sequence: a compact count and then the elements.
//   - variant: one byte of index and then that variant's fields.
//   - portable registry: the numbered list of type descriptions in metadata.
//
// Decoders are strict and bounded: no trailing bytes, no second form of any
// value, every length checked against a named maximum and against what is left
// of the input before memory is reserved, recursion limited. They report the
// first error and never panic.
//
// The package imports neither fmt nor reflect nor encoding/json: it is part of
// the runtime's Wasm blob, where each of them would weigh more than it does.
package scale
