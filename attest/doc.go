// Package attest is remote attestation: how code in trusted hardware proves
// what it is and where it runs, and how others check it.
//
// Terms:
//   - measurement: a hash of the code and configuration that was loaded.
//   - platform: a hash that names one physical processor (of Intel's PPID or
//     AMD's CHIP_ID), so that known machines can be allowed one by one.
//   - report data: 64 bytes that the code chose; the quote binds them.
//   - quote: the hardware vendor's statement about the three, signed with a key
//     that chains up to the vendor. Evidence is a quote and its kind.
//   - sealing key: a key that the hardware derives for this code on this
//     platform, and for nobody else.
//
// A Backend is the side inside the hardware, a Verifier the side outside, a
// Policy says what is accepted. Backends lie in one folder each, and each passes
// the suite of attest/conformance. Policy refuses simulated evidence unless the
// chain is a development one: whoever runs a worker with it can read everything.
package attest
