// Package network tests a network of separate processes, as `bitcloak testnet` writes it and `bitcloak node` runs it: four
// validators agree on every state root, go on without one, stop without two, and lose nothing; other nodes join by blocks
// and by state sync.
//
// Peers reach each other over links of the test's own, which it can cut: bytes then wait on the way, as in a network that
// is parted. This needs no privileges and runs everywhere.
package network
