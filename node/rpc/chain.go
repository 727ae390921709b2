package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func (m *methods) registerChain(r *jsonrpc.Registry) {
	r.Method("chain_getHeader", m.getHeader)
	r.Method("chain_getBlock", m.getBlock)
	r.Method("chain_getBlockHash", m.getBlockHash, "chain_getHead")
	r.Method("chain_getFinalizedHead", m.getFinalizedHead, "chain_getFinalisedHead")

	r.Subscription("chain_subscribeNewHeads", "chain_newHead", "chain_unsubscribeNewHeads", m.followBest)
	r.SubscriptionAlias("chain_subscribeNewHeads", "chain_subscribeNewHead", "chain_unsubscribeNewHead")
	r.SubscriptionAlias("chain_subscribeNewHeads", "subscribe_newHead", "unsubscribe_newHead")
	r.Subscription("chain_subscribeAllHeads", "chain_allHead", "chain_unsubscribeAllHeads", m.followBest)
	r.Subscription("chain_subscribeFinalizedHeads", "chain_finalizedHead", "chain_unsubscribeFinalizedHeads", m.followFinalized)
	r.SubscriptionAlias("chain_subscribeFinalizedHeads", "chain_subscribeFinalisedHeads", "chain_unsubscribeFinalisedHeads")
}

// block is what a method's optional hash names: the head's if it is absent.
func (m *methods) block(hash *scale.Hash) scale.Hash {
	if hash == nil {
		return m.Chain.Head().Hash
	}
	return *hash
}

func (m *methods) getHeader(_ context.Context, p jsonrpc.Params) (any, error) {
	var hash *scale.Hash
	if err := p.Decode(0, &hash); err != nil {
		return nil, err
	}
	h, err := m.Chain.Header(m.block(hash))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return h.JSON(), nil
}

// signedBlock is a block as chain_getBlock gives it. CometBFT's commits are no Substrate justifications.
type signedBlock struct {
	Block struct {
		Header     header.JSON      `json:"header"`
		Extrinsics []scale.HexBytes `json:"extrinsics"`
	} `json:"block"`
	Justifications any `json:"justifications"`
}

func (m *methods) getBlock(_ context.Context, p jsonrpc.Params) (any, error) {
	var hash *scale.Hash
	if err := p.Decode(0, &hash); err != nil {
		return nil, err
	}
	at := m.block(hash)
	h, err := m.Chain.Header(at)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	body, err := m.Chain.Store().Body(at)
	if err != nil {
		return nil, notKept(err)
	}
	var out signedBlock
	out.Block.Header, out.Block.Extrinsics = h.JSON(), hexList(body)
	return out, nil
}

func (m *methods) getBlockHash(_ context.Context, p jsonrpc.Params) (any, error) {
	var wanted *blockNumbers
	if err := p.Decode(0, &wanted); err != nil {
		return nil, err
	}
	if wanted == nil {
		return m.Chain.Head().Hash, nil
	}
	if len(wanted.numbers) > maxHashes {
		return nil, &jsonrpc.Error{Code: codeInvalidCount, Message: fmt.Sprintf("count exceeds maximum value. value: %d, max: %d", len(wanted.numbers), maxHashes)}
	}
	hashes := make([]*scale.Hash, len(wanted.numbers))
	for i, number := range wanted.numbers {
		hash, err := m.Chain.Store().HashAt(uint32(number))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, notKept(err)
		}
		hashes[i] = &hash
	}
	if wanted.list {
		return hashes, nil
	}
	return hashes[0], nil
}

func (m *methods) getFinalizedHead(context.Context, jsonrpc.Params) (any, error) {
	_, hash := m.Chain.Finalized()
	return hash, nil
}

// followBest sends the head and every block after it, none left out.
func (m *methods) followBest(context.Context, jsonrpc.Params) (jsonrpc.Stream, error) {
	return func(ctx context.Context, sink *jsonrpc.Sink) {
		m.follow(ctx, sink, m.Chain.Head().Number, m.Chain.WaitBest)
	}, nil
}

func (m *methods) followFinalized(context.Context, jsonrpc.Params) (jsonrpc.Stream, error) {
	return func(ctx context.Context, sink *jsonrpc.Sink) {
		m.follow(ctx, sink, m.Chain.Head().Finalized(), m.Chain.WaitFinalized)
	}, nil
}

// follow sends the headers from first on, as wait lets them come.
func (m *methods) follow(ctx context.Context, sink *jsonrpc.Sink, first uint32, wait func(context.Context, uint32) (uint32, bool)) {
	for next, last := uint64(first), uint64(first); ; {
		for ; next <= last; next++ {
			hash, err := m.Chain.Store().HashAt(uint32(next))
			if err != nil {
				return
			}
			h, err := m.Chain.Header(hash)
			if err != nil || sink.Send(h.JSON()) != nil {
				return
			}
		}
		number, ok := wait(ctx, uint32(last))
		if !ok {
			return
		}
		last = uint64(number)
	}
}
