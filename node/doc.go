// Package node runs a Bitcloak node: the runtime under CometBFT in one process, its store, its transaction pool, and
// Substrate's JSON-RPC.
//
// [Start] opens everything, [Node.Close] ends it in the order that leaves the store whole. The data folder holds
//
//	LOCK                 held by the running node
//	chain-spec.json      of a development network
//	chain/               the store (Pebble)
//	snapshots/           the latest states, cut into chunks, for nodes that join by state sync
//	cometbft/config/     the validator's key and the node's key: keep them secret, and keep a copy of the first
//	cometbft/data/       CometBFT's blocks, write-ahead log, and what the validator signed last
//
// # How CometBFT is driven
//
// CometBFT v0.40 has a mempool of type "app", which hands transactions between nodes to the application, but it never
// tells consensus that there are any: with create_empty_blocks = false an order would wait for the heartbeat. So CometBFT
// is given its ordinary mempool, holding nothing but one transaction, the doorbell, which package app takes; and the
// reactor of the app mempool in its place at the network. Public interfaces of CometBFT suffice for both.
package node
