// Package rpc is Substrate's JSON-RPC as wallets, explorers and @polkadot/api call it, and beside it what followers of
// the chain need (spec/blocks.md). Package jsonrpc carries it.
//
// Names, shapes and error codes are those of polkadot-sdk (substrate/client/rpc-api). Methods that Substrate calls unsafe
// exist and are refused: this node has no operator's port.
package rpc
