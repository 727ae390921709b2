// Package hashing holds the hash functions of Substrate chains and the
// builders of storage keys made from them.
//
// BLAKE2b is RFC 7693 with a 16- or 32-byte digest and no key. TwoX is XXH64
// run with the seeds 0, 1, 2, ... and the little-endian results put one after
// another (polkadot-sdk, substrate/primitives/crypto/hashing). TwoX is not
// collision resistant: use it only for keys that nobody outside can choose.
//
// The package is deterministic, has no state and is part of the Wasm runtime.
package hashing
