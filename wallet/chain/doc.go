// Package chain reads and writes a Bitcloak network for a wallet that trusts no node.
//
// Terms:
//   - node: whoever answers; it can withhold and lie.
//   - head: the newest finalised block that the wallet's own light client has proven.
//   - view: what a head's state says that every decision needs: last commit, epoch, whether commits have stopped.
//   - inclusion: a finalised block that holds an extrinsic of ours, with the events that it caused.
//
// A Client follows the heads in the background. What it reads is proven against a head's state root, blocks by the hashes between
// two heads, bodies by the extrinsics root, events as storage. Three things are taken from the node as they come, because a lie
// about them can only make a transaction fail or a list short: the next nonce, the runtime's version, the keys of a storage map.
// The runtime's metadata names and delimits events; a program that has the runtime built in hands its metadata over
// (Config.Metadata), otherwise the node is asked, and what its events are said to mean is checked again through storage.
package chain
