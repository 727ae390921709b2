// Package jsonrpc serves JSON-RPC 2.0 over HTTP and WebSocket on one port, as Substrate nodes do: methods, batches and
// subscriptions, under named limits on everything a client can spend.
//
// It knows no method of its own but rpc_methods: package rpc registers them. The error codes of the transport are those
// of jsonrpsee 0.24 (types/src/error.rs), which Substrate's clients expect.
//
// Terms:
//   - call: one request object with an id; a request without an id is a notification and is ignored, as jsonrpsee does.
//   - session: one WebSocket connection; its calls run one after another, so a client's order is kept.
//   - stream: the running part of a subscription, which sends results until it ends or the session does.
package jsonrpc
