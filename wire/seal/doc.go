// Package seal encrypts and decrypts what passes between wallets and the
// confidential contract: sections 3 and 8 of spec/wire.md.
//
// Terms:
//   - contract key: the contract's HPKE key pair of an epoch (RFC 9180, with
//     the hybrid KEM MLKEM768-X25519, HKDF-SHA256 and ChaCha20-Poly1305).
//   - seed: 32 bytes from which an epoch's contract key and the next epoch's
//     seed follow; erasing it erases both ways back.
//   - session: an account's shared secret with the contract, opened once with
//     HPKE; its root key ratchets every epoch.
//   - tag: what finds a command's session and sequence number, good for once.
//
// Sealing draws randomness; opening is a pure function of keys and bytes, so
// that every worker opens alike (I5). Package contract sees the opening half
// through an interface of its own, and never this package.
//
// Openers take bytes from anybody: they check lengths first, never panic, and
// say nothing about why they refuse (ErrSealed) beyond what the caller needs.
// Secrets never print: their types format as "[redacted]". Wipe overwrites the
// key bytes a value holds; copies that a library keeps inside stay until the
// garbage collector takes them.
package seal
