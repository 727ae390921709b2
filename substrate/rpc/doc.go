// Package rpc is a JSON-RPC 2.0 client for Substrate nodes, over HTTP and
// WebSocket.
//
// Nothing that a node answers is trusted here: answers are bounded in size and
// time, must be well formed, and are handed on as they are. Whoever uses them
// checks them against proofs.
//
// A connection is never made again silently: when it is lost, calls in flight and
// subscriptions end with ErrDisconnected, and the caller, who knows what it
// missed, dials and subscribes anew. Byte strings in parameters and results are
// scale.HexBytes, hashes scale.Hash, and numbers in hex, as in headers, Number.
package rpc
