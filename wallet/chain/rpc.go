package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
)

// addressPrefix is Kusama's SS58 prefix, which the network uses.
const addressPrefix = 2

// RPC is a node at a JSON-RPC endpoint. It connects when it needs to, and again after a lost connection. Each Client takes one of
// its own.
type RPC struct{ *light.RPC }

var _ Node = RPC{}

// DialRPC is the node at a ws://, wss://, http:// or https:// endpoint.
func DialRPC(endpoint string) RPC { return RPC{light.NewRPC(endpoint)} }

// GenesisHash implements Node.
func (r RPC) GenesisHash(ctx context.Context) (genesis scale.Hash, err error) {
	err = r.Call(ctx, &genesis, "chain_getBlockHash", 0)
	return genesis, err
}

// Version implements Node.
func (r RPC) Version(ctx context.Context) (Version, error) {
	var result struct {
		Spec        uint32 `json:"specVersion"`
		Transaction uint32 `json:"transactionVersion"`
	}
	err := r.Call(ctx, &result, "state_getRuntimeVersion")
	return Version{Spec: result.Spec, Transaction: result.Transaction}, err
}

// Metadata implements Node.
func (r RPC) Metadata(ctx context.Context) ([]byte, error) {
	var result scale.HexBytes
	err := r.Call(ctx, &result, "state_getMetadata")
	return result, err
}

// NextNonce implements Node.
func (r RPC) NextNonce(ctx context.Context, account scale.AccountID) (nonce uint32, err error) {
	address, err := ss58.Encode(addressPrefix, account)
	if err != nil {
		return 0, err
	}
	err = r.Call(ctx, &nonce, "system_accountNextIndex", address)
	return nonce, err
}

// Submit implements Node.
func (r RPC) Submit(ctx context.Context, extrinsic []byte) error {
	return rejected(r.Call(ctx, nil, "author_submitExtrinsic", scale.HexBytes(extrinsic)))
}

// Watch implements Node. Over HTTP, which has no subscriptions, the watch ends at once and the blocks are searched.
func (r RPC) Watch(ctx context.Context, extrinsic []byte) (Watch, error) {
	client, err := r.Client(ctx)
	if err != nil {
		return nil, err
	}
	subscription, err := client.Subscribe(ctx, "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", []any{scale.HexBytes(extrinsic)})
	if errors.Is(err, rpc.ErrNoSubscriptions) {
		return endedWatch{}, r.Submit(ctx, extrinsic)
	}
	if err != nil {
		return nil, rejected(err)
	}
	return rpcWatch{subscription}, nil
}

// rejected tells a refusal of the pool from a lost connection.
func rejected(err error) error {
	var refusal *rpc.Error
	if !errors.As(err, &refusal) {
		return err
	}
	return &RejectedError{Code: refusal.Code, Message: refusal.Error()}
}

// Body implements Node.
func (r RPC) Body(ctx context.Context, block scale.Hash) ([][]byte, error) {
	var result *struct {
		Block struct {
			Extrinsics []scale.HexBytes `json:"extrinsics"`
		} `json:"block"`
	}
	if err := r.Call(ctx, &result, "chain_getBlock", block); err != nil {
		return nil, err
	}
	if result == nil {
		return nil, fmt.Errorf("chain: the node does not have block %s; let it catch up, or use another node", block)
	}
	return plain(result.Block.Extrinsics), nil
}

// Keys implements Node.
func (r RPC) Keys(ctx context.Context, at scale.Hash, prefix, after []byte) ([][]byte, error) {
	var start any
	if after != nil {
		start = scale.HexBytes(after)
	}
	var result []scale.HexBytes
	if err := r.Call(ctx, &result, "state_getKeysPaged", scale.HexBytes(prefix), MaxKeys, start, at); err != nil {
		return nil, err
	}
	if len(result) > MaxKeys {
		return nil, fmt.Errorf("%w (%d keys instead of %d)", light.ErrMalformed, len(result), MaxKeys)
	}
	return plain(result), nil
}

func plain(hex []scale.HexBytes) [][]byte {
	bytes := make([][]byte, len(hex))
	for i := range hex {
		bytes[i] = hex[i]
	}
	return bytes
}

// errWatchEnded says that there is no more news of an extrinsic.
var errWatchEnded = errors.New("chain: the node tells nothing more of the transaction")

type endedWatch struct{}

func (endedWatch) Next(context.Context) (Status, error) { return Status{}, errWatchEnded }
func (endedWatch) Close()                               {}

type rpcWatch struct{ *rpc.Subscription }

// Next implements Watch.
func (w rpcWatch) Next(ctx context.Context) (Status, error) {
	for {
		select {
		case notification, open := <-w.Notifications():
			if !open {
				return Status{}, errors.Join(errWatchEnded, w.Err())
			}
			if status, known := parseStatus(notification); known {
				return status, nil
			}
		case <-ctx.Done():
			return Status{}, ctx.Err()
		}
	}
}

// parseStatus reads sc_transaction_pool_api's TransactionStatus. What it does not know is no news.
func parseStatus(notification json.RawMessage) (Status, bool) {
	var word string
	if json.Unmarshal(notification, &word) == nil {
		switch word {
		case "dropped", "invalid":
			return Status{Stage: StageDropped, Reason: word}, true
		default: // ready, future
			return Status{Stage: StagePending}, true
		}
	}
	var named struct {
		InBlock   *scale.Hash `json:"inBlock"`
		Finalized *scale.Hash `json:"finalized"`
		Usurped   *scale.Hash `json:"usurped"`
	}
	if json.Unmarshal(notification, &named) != nil {
		return Status{}, false
	}
	switch {
	case named.Finalized != nil:
		return Status{Stage: StageFinalized, Block: *named.Finalized}, true
	case named.InBlock != nil:
		return Status{Stage: StageInBlock, Block: *named.InBlock}, true
	case named.Usurped != nil:
		return Status{Stage: StageDropped, Reason: "another transaction of the account took its nonce"}, true
	}
	return Status{}, false
}
