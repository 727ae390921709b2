package rpc

import (
	"context"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/substrate/ss58"
)

func (m *methods) registerSystem(r *jsonrpc.Registry) {
	constant := func(name string, value any) {
		r.Method(name, func(context.Context, jsonrpc.Params) (any, error) { return value, nil })
	}
	constant("system_name", "Bitcloak Node")
	constant("system_version", m.Version)
	constant("system_chain", m.Spec.Name)
	constant("system_chainType", m.Spec.ChainType)
	constant("system_properties", m.Spec.Properties)
	constant("system_reservedPeers", []string{})
	r.Method("system_health", m.health)
	r.Method("system_nodeRoles", m.nodeRoles)
	r.Method("system_peers", m.peers)
	r.Method("system_syncState", m.syncState)
	r.Method("system_localPeerId", func(context.Context, jsonrpc.Params) (any, error) { return m.Comet.Network().PeerID, nil })
	r.Method("system_localListenAddresses", func(context.Context, jsonrpc.Params) (any, error) { return m.Comet.Network().Listening, nil })
	r.Method("system_accountNextIndex", m.accountNextIndex, "account_nextIndex")
}

func (m *methods) health(context.Context, jsonrpc.Params) (any, error) {
	network := m.Comet.Network()
	return struct {
		Peers           int  `json:"peers"`
		IsSyncing       bool `json:"isSyncing"`
		ShouldHavePeers bool `json:"shouldHavePeers"`
	}{len(network.Peers), network.Syncing, !network.Alone}, nil
}

func (m *methods) nodeRoles(context.Context, jsonrpc.Params) (any, error) {
	if m.Comet.Network().Validator {
		return []string{"Authority"}, nil
	}
	return []string{"Full"}, nil
}

// peerInfo is a peer as Substrate tells it. CometBFT does not tell what its peers have, so they are given this node's
// head.
type peerInfo struct {
	PeerID     string `json:"peerId"`
	Roles      string `json:"roles"`
	BestHash   any    `json:"bestHash"`
	BestNumber uint32 `json:"bestNumber"`
}

func (m *methods) peers(context.Context, jsonrpc.Params) (any, error) {
	head := m.Chain.Head()
	out := []peerInfo{}
	for _, peer := range m.Comet.Network().Peers {
		out = append(out, peerInfo{PeerID: peer.ID, Roles: "FULL", BestHash: head.Hash, BestNumber: head.Number})
	}
	return out, nil
}

func (m *methods) syncState(context.Context, jsonrpc.Params) (any, error) {
	head := m.Chain.Head()
	return struct {
		StartingBlock uint32 `json:"startingBlock"`
		CurrentBlock  uint32 `json:"currentBlock"`
		HighestBlock  uint32 `json:"highestBlock"`
	}{head.First, head.Number, head.Number}, nil
}

// accountNextIndex is the nonce for the account's next transaction, those in the pool counted.
func (m *methods) accountNextIndex(_ context.Context, p jsonrpc.Params) (any, error) {
	var address string
	if err := p.Decode(1, &address); err != nil {
		return nil, err
	}
	_, account, err := ss58.Decode(address)
	if err != nil {
		return nil, jsonrpc.InvalidParams("%v", err)
	}
	nonce, err := m.Chain.Nonce(account)
	if err != nil {
		return nil, err
	}
	return m.Pool.NextNonce(account, nonce), nil
}
