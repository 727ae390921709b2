package rpc

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// changeSet is Substrate's StorageChangeSet: values of keys in a block.
type changeSet struct {
	Block   scale.Hash `json:"block"`
	Changes [][2]any   `json:"changes"` // key, value or null
}

// reader reads the same keys of one state after another and tells what changed.
type reader struct {
	keys   []storageKey
	values [][]byte // nil: absent; as they were last
	read   bool
}

// changes reads the keys and gives those whose values differ from the last time; all of them the first time.
func (r *reader) changes(view *chain.View) (changeSet, error) {
	set := changeSet{Block: view.Hash, Changes: [][2]any{}}
	if r.values == nil {
		r.values = make([][]byte, len(r.keys))
	}
	for i, key := range r.keys {
		value, found, err := view.Get(key)
		if err != nil {
			return changeSet{}, stateError(view.Hash, err)
		}
		if found && value == nil {
			value = []byte{}
		}
		if r.read && (value == nil) == (r.values[i] == nil) && bytes.Equal(value, r.values[i]) {
			continue
		}
		r.values[i] = value
		if found {
			set.Changes = append(set.Changes, [2]any{key, scale.HexBytes(value)})
		} else {
			set.Changes = append(set.Changes, [2]any{key, nil})
		}
	}
	r.read = true
	return set, nil
}

func (m *methods) queryStorageAt(_ context.Context, p jsonrpc.Params) (any, error) {
	var keys []storageKey
	var hash *scale.Hash
	if err := p.Decode(1, &keys, &hash); err != nil {
		return nil, err
	}
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	view, err := m.view(hash)
	if err != nil {
		return nil, err
	}
	set, err := (&reader{keys: keys}).changes(view)
	if err != nil {
		return nil, err
	}
	return []changeSet{set}, nil
}

// queryStorage gives the values in the first block, and what changed in those after it.
func (m *methods) queryStorage(ctx context.Context, p jsonrpc.Params) (any, error) {
	var keys []storageKey
	var from scale.Hash
	var to *scale.Hash
	if err := p.Decode(2, &keys, &from, &to); err != nil {
		return nil, err
	}
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	first, last, err := m.blockRange(from, m.block(to))
	if err != nil {
		return nil, err
	}
	r := reader{keys: keys}
	out := []changeSet{}
	for number := uint64(first); number <= uint64(last); number++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hash, err := m.Chain.Store().HashAt(uint32(number))
		if err != nil {
			return nil, err
		}
		view, err := m.view(&hash)
		if err != nil {
			return nil, err
		}
		set, err := r.changes(view)
		if err != nil {
			return nil, err
		}
		if len(set.Changes) > 0 {
			out = append(out, set)
		}
	}
	return out, nil
}

// blockRange gives the numbers of two blocks, checked.
func (m *methods) blockRange(from, to scale.Hash) (first, last uint32, err error) {
	a, err := m.Chain.Header(from)
	if err != nil {
		return 0, 0, stateError(from, err)
	}
	b, err := m.Chain.Header(to)
	if err != nil {
		return 0, 0, stateError(to, err)
	}
	if a.Number > b.Number || b.Number-a.Number >= maxRange {
		return 0, 0, &jsonrpc.Error{Code: codeInvalidRange, Message: fmt.Sprintf(
			"Cannot resolve a block range ['%v' ... '%v]. it must rise and have at most %d blocks", from, to, maxRange)}
	}
	return a.Number, b.Number, nil
}

func (m *methods) registerStateStreams(r *jsonrpc.Registry) {
	r.Subscription("state_subscribeRuntimeVersion", "state_runtimeVersion", "state_unsubscribeRuntimeVersion", m.followVersion)
	r.SubscriptionAlias("state_subscribeRuntimeVersion", "chain_subscribeRuntimeVersion", "chain_unsubscribeRuntimeVersion")
	r.Subscription("state_subscribeStorage", "state_storage", "state_unsubscribeStorage", m.followStorage)
}

// followVersion sends the runtime's version. This program holds one runtime, so it does not change while it runs.
func (m *methods) followVersion(context.Context, jsonrpc.Params) (jsonrpc.Stream, error) {
	return func(ctx context.Context, sink *jsonrpc.Sink) {
		if sink.Send(versionJSON(m.Chain.Version())) == nil {
			<-ctx.Done()
		}
	}, nil
}

// followStorage sends the keys' values, then what every block after that changed: who follows System.Events must not miss
// those of a block because another came soon after.
func (m *methods) followStorage(_ context.Context, p jsonrpc.Params) (jsonrpc.Stream, error) {
	var keys []storageKey
	if err := p.Decode(1, &keys); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, jsonrpc.InvalidParams("name the keys to follow: the changes of the whole state are not offered")
	}
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	return func(ctx context.Context, sink *jsonrpc.Sink) {
		r := reader{keys: keys}
		for next, last := m.Chain.Head().Number, m.Chain.Head().Number; ; {
			for ; next <= last; next++ {
				if m.sendChanges(&r, next, sink) != nil {
					return
				}
			}
			newest, ok := m.Chain.WaitBest(ctx, last)
			if !ok {
				return
			}
			last = newest
		}
	}, nil
}

// sendChanges sends what a block changed, if it is anything.
func (m *methods) sendChanges(r *reader, number uint32, sink *jsonrpc.Sink) error {
	hash, err := m.Chain.Store().HashAt(number)
	if err != nil {
		return err
	}
	view, err := m.Chain.View(hash)
	if err != nil {
		return err
	}
	set, err := r.changes(view)
	if err != nil || len(set.Changes) == 0 {
		return err
	}
	return sink.Send(set)
}
