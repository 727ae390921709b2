package rpc

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// registerFollowers adds what those need who follow the chain without trusting this node.
func (m *methods) registerFollowers(r *jsonrpc.Registry) {
	r.Method("cometbft_lightBlock", m.lightBlock)
	r.Method("cometbft_genesis", m.cometGenesis)
	r.Method("bitcloak_headers", m.headers)
	r.Method("bitcloak_checkpoints", m.checkpoints)
}

func (m *methods) lightBlock(_ context.Context, p jsonrpc.Params) (any, error) {
	var height *uint64
	if err := p.Decode(0, &height); err != nil {
		return nil, err
	}
	wanted := uint64(0)
	if height != nil {
		if wanted = *height; wanted == 0 {
			return nil, jsonrpc.InvalidParams("heights start from 1; null asks for the latest")
		}
	}
	found, block, err := m.Comet.LightBlock(wanted)
	if err != nil {
		return nil, &jsonrpc.Error{Code: codeNotAvailable, Message: "Light block not available", Data: err.Error()}
	}
	return struct {
		Height     uint64         `json:"height"`
		LightBlock scale.HexBytes `json:"lightBlock"`
	}{found, block}, nil
}

func (m *methods) cometGenesis(context.Context, jsonrpc.Params) (any, error) {
	chainID, document, err := m.Comet.Genesis()
	if err != nil {
		return nil, err
	}
	return struct {
		ChainID string         `json:"chainId"`
		Genesis scale.HexBytes `json:"genesis"`
	}{chainID, document}, nil
}

// headers gives encoded headers by number, up to the best block: its light block is served a moment before it is announced.
func (m *methods) headers(_ context.Context, p jsonrpc.Params) (any, error) {
	var from, to blockNumber
	if err := p.Decode(2, &from, &to); err != nil {
		return nil, err
	}
	if from > to || to-from >= maxHeaders {
		return nil, jsonrpc.InvalidParams("the numbers must rise, and name at most %d blocks", maxHeaders)
	}
	last := min(uint64(to), uint64(m.Chain.Head().Number))
	out := []scale.HexBytes{}
	for number := uint64(from); number <= last; number++ {
		hash, err := m.Chain.Store().HashAt(uint32(number))
		if err != nil {
			return nil, notKept(err)
		}
		encoded, err := m.Chain.Store().EncodedHeader(hash)
		if err != nil {
			return nil, err
		}
		out = append(out, encoded)
	}
	return out, nil
}

func (m *methods) checkpoints(_ context.Context, p jsonrpc.Params) (any, error) {
	var from uint64
	var limit uint32
	if err := p.Decode(2, &from, &limit); err != nil {
		return nil, err
	}
	if limit == 0 || limit > maxCheckpoint {
		return nil, jsonrpc.InvalidParams("ask for 1 to %d checkpoints", maxCheckpoint)
	}
	page, err := m.Chain.Store().Checkpoints(from, int(limit), maxMessages)
	if err != nil {
		return nil, notKept(err)
	}
	return encodeCheckpoints(page)
}

// encodeCheckpoints writes checkpoints with their messages, each encoded. A block may have tens of thousands, so they are written as
// JSON here and not looked at again.
func encodeCheckpoints(page []store.Checkpoint) (jsonrpc.Encoded, error) {
	size := 2
	for i := range page {
		size += 160 + 5*len(page[i].Messages)/2 // in hex, and quotes and commas
	}
	out := append(make([]byte, 0, size), '[')
	for i := range page {
		if i > 0 {
			out = append(out, ',')
		}
		messages, err := splitMessages(page[i].Messages)
		if err != nil {
			return nil, err
		}
		out = fmt.Appendf(out, `{"index":%d,"number":%d,"hash":"%v","messages":[`, page[i].Index, page[i].Number, page[i].Hash)
		for k, message := range messages {
			if k > 0 {
				out = append(out, ',')
			}
			out = append(scale.AppendHex(append(out, '"'), message), '"')
		}
		out = append(out, "]}"...)
	}
	return append(out, ']'), nil
}

// splitMessages cuts a SCALE Vec<InboxMessage> into its elements.
func splitMessages(encoded []byte) ([][]byte, error) {
	d := scale.NewDecoder(encoded)
	count := d.Length(wire.MaxBlockMessages, 1)
	out := make([][]byte, 0, count)
	var message wire.InboxMessage
	for range count {
		start := d.Offset()
		wire.InboxMessageCodec.Decode(d, &message)
		if d.Err() != nil {
			break
		}
		out = append(out, encoded[start:d.Offset():d.Offset()])
	}
	if d.Finish() != nil {
		return nil, store.ErrDamaged
	}
	return out, nil
}
