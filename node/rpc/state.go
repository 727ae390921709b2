package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func (m *methods) registerState(r *jsonrpc.Registry) {
	r.Method("state_call", m.call, "state_callAt")
	r.Method("state_getMetadata", m.getMetadata)
	r.Method("state_getRuntimeVersion", m.getRuntimeVersion, "chain_getRuntimeVersion")
	r.Method("state_getStorage", m.getStorage, "state_getStorageAt")
	r.Method("state_getStorageHash", m.getStorageHash, "state_getStorageHashAt")
	r.Method("state_getStorageSize", m.getStorageSize, "state_getStorageSizeAt")
	r.Method("state_getKeysPaged", m.getKeysPaged, "state_getKeysPagedAt")
	r.Method("state_getKeys", m.getKeys)
	r.Method("state_queryStorageAt", m.queryStorageAt)
	r.Method("state_queryStorage", m.queryStorage)
	r.Method("state_getReadProof", m.getReadProof)
}

// view is the state after the block that hash names, or after the head.
func (m *methods) view(hash *scale.Hash) (*chain.View, error) {
	if hash == nil {
		return m.Chain.Best(), nil
	}
	view, err := m.Chain.View(*hash)
	if err != nil {
		return nil, stateError(*hash, err)
	}
	return view, nil
}

func (m *methods) call(_ context.Context, p jsonrpc.Params) (any, error) {
	var name string
	var arguments scale.HexBytes
	var hash *scale.Hash
	if err := p.Decode(2, &name, &arguments, &hash); err != nil {
		return nil, err
	}
	view, err := m.view(hash)
	if err != nil {
		return nil, err
	}
	out, err := view.Call(name, arguments)
	switch {
	case errors.Is(err, runtime.ErrMethod):
		return nil, clientError("Execution failed: Exported method %s is not found", name)
	case err != nil:
		return nil, stateError(view.Hash, fmt.Errorf("Execution failed: %w", err))
	}
	return scale.HexBytes(out), nil
}

// metadataVersion is the format that state_getMetadata gives; others are asked for by state_call.
const metadataVersion = 14

func (m *methods) getMetadata(_ context.Context, p jsonrpc.Params) (any, error) {
	var hash *scale.Hash
	if err := p.Decode(0, &hash); err != nil {
		return nil, err
	}
	if hash == nil {
		return scale.HexBytes(runtime.Metadata(metadataVersion)), nil
	}
	encoded, err := m.Chain.MetadataAfter(*hash, metadataVersion)
	if err != nil {
		return nil, stateError(*hash, err)
	}
	return scale.HexBytes(encoded), nil
}

// runtimeVersion is frame.RuntimeVersion in JSON.
type runtimeVersion struct {
	SpecName           string   `json:"specName"`
	ImplName           string   `json:"implName"`
	AuthoringVersion   uint32   `json:"authoringVersion"`
	SpecVersion        uint32   `json:"specVersion"`
	ImplVersion        uint32   `json:"implVersion"`
	Apis               [][2]any `json:"apis"`
	TransactionVersion uint32   `json:"transactionVersion"`
	StateVersion       uint8    `json:"stateVersion"`
}

func versionJSON(v frame.RuntimeVersion) runtimeVersion {
	out := runtimeVersion{SpecName: v.SpecName, ImplName: v.ImplName, AuthoringVersion: v.AuthoringVersion, SpecVersion: v.SpecVersion,
		ImplVersion: v.ImplVersion, TransactionVersion: v.TransactionVersion, StateVersion: v.StateVersion, Apis: [][2]any{}}
	for _, api := range v.Apis {
		out.Apis = append(out.Apis, [2]any{scale.HexString(api.ID[:]), api.Version})
	}
	return out
}

func (m *methods) getRuntimeVersion(_ context.Context, p jsonrpc.Params) (any, error) {
	var hash *scale.Hash
	if err := p.Decode(0, &hash); err != nil {
		return nil, err
	}
	if hash == nil {
		return versionJSON(m.Chain.Version()), nil
	}
	version, err := m.Chain.VersionAfter(*hash)
	if err != nil {
		return nil, stateError(*hash, err)
	}
	return versionJSON(version), nil
}

// read gets the value of a method's key and optional hash.
func (m *methods) read(p jsonrpc.Params) (value []byte, found bool, err error) {
	var key storageKey
	var hash *scale.Hash
	if err := p.Decode(1, &key, &hash); err != nil {
		return nil, false, err
	}
	view, err := m.view(hash)
	if err != nil {
		return nil, false, err
	}
	value, found, err = view.Get(key)
	if err != nil {
		return nil, false, stateError(view.Hash, err)
	}
	return value, found, nil
}

func (m *methods) getStorage(_ context.Context, p jsonrpc.Params) (any, error) {
	value, found, err := m.read(p)
	if err != nil || !found {
		return nil, err
	}
	return scale.HexBytes(value), nil
}

func (m *methods) getStorageHash(_ context.Context, p jsonrpc.Params) (any, error) {
	value, found, err := m.read(p)
	if err != nil || !found {
		return nil, err
	}
	return scale.Hash(hashing.Blake2_256(value)), nil
}

func (m *methods) getStorageSize(_ context.Context, p jsonrpc.Params) (any, error) {
	value, found, err := m.read(p)
	if err != nil || !found {
		return nil, err
	}
	return len(value), nil
}

func (m *methods) getKeysPaged(_ context.Context, p jsonrpc.Params) (any, error) {
	var prefix, after storageKey
	var count uint32
	var hash *scale.Hash
	if err := p.Decode(0, &prefix, &count, &after, &hash); err != nil {
		return nil, err
	}
	if count > maxPage {
		return nil, &jsonrpc.Error{Code: codeInvalidCount, Message: fmt.Sprintf("count exceeds maximum value. value: %d, max: %d", count, maxPage)}
	}
	return m.keys(hash, prefix, after, int(count))
}

func (m *methods) getKeys(_ context.Context, p jsonrpc.Params) (any, error) {
	var prefix storageKey
	var hash *scale.Hash
	if err := p.Decode(1, &prefix, &hash); err != nil {
		return nil, err
	}
	keys, err := m.keys(hash, prefix, nil, maxAllKeys+1)
	if err == nil && len(keys) > maxAllKeys {
		return nil, &jsonrpc.Error{Code: codeInvalidCount, Message: fmt.Sprintf("more than %d keys have this prefix; use state_getKeysPaged", maxAllKeys)}
	}
	return keys, err
}

func (m *methods) keys(hash *scale.Hash, prefix, after []byte, limit int) ([]scale.HexBytes, error) {
	view, err := m.view(hash)
	if err != nil {
		return nil, err
	}
	keys, err := view.Keys(prefix, after, limit)
	if err != nil {
		return nil, stateError(view.Hash, err)
	}
	return hexList(keys), nil
}

func (m *methods) getReadProof(_ context.Context, p jsonrpc.Params) (any, error) {
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
	plain := make([][]byte, len(keys))
	for i := range keys {
		plain[i] = keys[i]
	}
	proof, err := view.Prove(plain)
	if err != nil {
		return nil, stateError(view.Hash, err)
	}
	return struct {
		At    scale.Hash       `json:"at"`
		Proof []scale.HexBytes `json:"proof"`
	}{view.Hash, hexList(proof)}, nil
}
