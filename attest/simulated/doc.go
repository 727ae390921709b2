// Package simulated is an attestation backend without hardware, for
// development. Its vendor's secret is public and its sealing key lies in a
// file, so it protects nothing from whoever runs it; attest.Policy refuses it
// on any other chain.
//
// A quote is 192 bytes (spec/wire.md, section 7):
//
//	measurement [32] || platform [32] || report data [64] || ed25519 signature [64]
package simulated
