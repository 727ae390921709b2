// Package keys makes, parses and uses the account keys of Substrate chains:
// sr25519 (Schnorr over ristretto255, as schnorrkel does it) and ed25519.
//
// Terms:
//   - mini secret (also seed): 32 bytes that an sr25519 or ed25519 pair is
//     expanded from.
//   - SURI: the text form of a secret, a mnemonic or 0x-hex seed followed by
//     derivation junctions and a password: "mnemonic//hard/soft///password".
//   - junction: one step of a derivation. Hard ("//") needs the secret, soft
//     ("/") can be followed with the public key alone; ed25519 has no soft ones.
//
// What is derived and signed here is what subkey and polkadot.js derive and
// sign. Verification decides as Substrate's host functions do, so the native
// and the Wasm build of a runtime agree (I5): sr25519 as schnorrkel 0.11,
// ed25519 by the rules of ZIP-215. In both the scalar of a signature must be in
// its shortest form, so nobody but the signer can alter a valid signature.
//
// Secrets never print: every type that holds one formats as "[redacted]", and
// errors name the position of what is wrong, never its text. Wipe overwrites the
// key bytes that a value holds. It cannot reach copies that the Go runtime or a
// library made on the way, nor strings that a caller passed in.
package keys
