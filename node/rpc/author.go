package rpc

import (
	"context"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func (m *methods) registerAuthor(r *jsonrpc.Registry) {
	r.Method("author_submitExtrinsic", m.submitExtrinsic)
	r.Method("author_pendingExtrinsics", m.pendingExtrinsics)
	r.Subscription("author_submitAndWatchExtrinsic", "author_extrinsicUpdate", "author_unwatchExtrinsic", m.submitAndWatch)
}

// transaction reads the one parameter of both ways to submit.
func transaction(p jsonrpc.Params) ([]byte, error) {
	var text string
	if err := p.Decode(1, &text); err != nil {
		return nil, err
	}
	bytes, err := scale.ParseHex(text)
	if err != nil {
		return nil, jsonrpc.InvalidParams("%v", err)
	}
	return bytes, nil
}

func (m *methods) submitExtrinsic(_ context.Context, p jsonrpc.Params) (any, error) {
	bytes, err := transaction(p)
	if err != nil {
		return nil, err
	}
	hash, err := m.Pool.Submit(mempool.SourceExternal, bytes)
	if err != nil {
		return nil, submitError(err)
	}
	return hash, nil
}

func (m *methods) pendingExtrinsics(context.Context, jsonrpc.Params) (any, error) {
	return hexList(m.Pool.Ready(maxPending, maxPendingCount)), nil
}

func (m *methods) submitAndWatch(_ context.Context, p jsonrpc.Params) (jsonrpc.Stream, error) {
	bytes, err := transaction(p)
	if err != nil {
		return nil, err
	}
	_, watcher, err := m.Pool.SubmitAndWatch(mempool.SourceExternal, bytes)
	if err != nil {
		return nil, submitError(err)
	}
	return func(ctx context.Context, sink *jsonrpc.Sink) {
		for {
			status, ok := watcher.Next(ctx)
			if !ok || sink.Send(statusJSON(status)) != nil {
				return
			}
		}
	}, nil
}

// statusJSON is a status as Substrate's TransactionStatus is written.
func statusJSON(status mempool.Status) any {
	switch status.Kind {
	case mempool.StatusFuture:
		return "future"
	case mempool.StatusReady:
		return "ready"
	case mempool.StatusInBlock:
		return map[string]scale.Hash{"inBlock": status.Block}
	case mempool.StatusFinalized:
		return map[string]scale.Hash{"finalized": status.Block}
	case mempool.StatusUsurped:
		return map[string]scale.Hash{"usurped": status.By}
	case mempool.StatusDropped:
		return "dropped"
	default:
		return "invalid"
	}
}
