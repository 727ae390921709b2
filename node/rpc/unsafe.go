package rpc

import (
	"context"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
)

// unsafeMethods are Substrate's that reveal or change what is the operator's alone.
var unsafeMethods = []string{
	"author_hasKey", "author_hasSessionKeys", "author_insertKey", "author_rotateKeys", "author_rotateKeysWithOwner",
	"author_removeExtrinsic", "offchain_localStorageGet", "offchain_localStorageSet", "state_getPairs", "state_traceBlock",
	"system_addLogFilter", "system_addReservedPeer", "system_dryRun", "system_dryRunAt", "system_removeReservedPeer",
	"system_resetLogFilter", "system_unstable_networkState",
}

// errUnsafe is what Substrate answers on a public port.
var errUnsafe = &jsonrpc.Error{Code: jsonrpc.CodeMethodNotFound, Message: "RPC call is unsafe to be called externally"}

func registerUnsafe(r *jsonrpc.Registry) {
	for _, name := range unsafeMethods {
		r.Method(name, func(context.Context, jsonrpc.Params) (any, error) { return nil, errUnsafe })
	}
}
