package worker

import (
	"context"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Node is what a worker asks of a node. None of it is trusted.
type Node interface {
	light.Transport
	// Submit hands an extrinsic to the node's pool.
	Submit(ctx context.Context, extrinsic []byte) error
	// RuntimeVersion is what signed extrinsics must name.
	RuntimeVersion(ctx context.Context) (RuntimeVersion, error)
}

// RuntimeVersion names a runtime.
type RuntimeVersion struct {
	Spec        uint32 `json:"specVersion"`
	Transaction uint32 `json:"transactionVersion"`
}

// rpcNode is a Node behind JSON-RPC.
type rpcNode struct{ *light.RPC }

// DialNode is the node at a JSON-RPC endpoint, ws:// preferably: over HTTP news
// of blocks is polled for.
func DialNode(endpoint string) Node { return rpcNode{light.NewRPC(endpoint)} }

// Submit implements Node.
func (n rpcNode) Submit(ctx context.Context, extrinsic []byte) error {
	return n.Call(ctx, nil, "author_submitExtrinsic", scale.HexBytes(extrinsic))
}

// RuntimeVersion implements Node.
func (n rpcNode) RuntimeVersion(ctx context.Context) (v RuntimeVersion, err error) {
	return v, n.Call(ctx, &v, "state_getRuntimeVersion")
}
