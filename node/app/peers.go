package app

import (
	"context"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
)

// peerQuery is how CometBFT asks whether it may keep a peer, if it was told to ask.
const peerQuery = "/p2p/filter/id/"

// Query implements abci.Application. It answers CometBFT's question about peers alone: nodes are asked over JSON-RPC.
func (a *App) Query(_ context.Context, request *abci.RequestQuery) (*abci.ResponseQuery, error) {
	id, is := strings.CutPrefix(request.Path, peerQuery)
	if is && a.options.KnownPeers != nil && !a.options.KnownPeers[id] {
		a.log.Warn("a peer that is not known was refused", "peer", id)
		return &abci.ResponseQuery{Code: codeRefused, Log: "this node keeps known peers only"}, nil
	}
	return &abci.ResponseQuery{Code: codeOK}, nil
}
