package app

import (
	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// result is what executing one CometBFT block gave.
type result struct {
	height    uint64
	timestamp uint64       // ms
	proposed  [][]byte     // what CometBFT's block consists of: the claim, then transactions
	built     *chain.Built // nil: no Substrate block
	included  []scale.Hash // of the transactions in the block
}

// maxResults bounds how many proposals of one height are remembered: there is one a round.
const maxResults = 8

// results remembers executed proposals until their height is committed. It is used by one goroutine: CometBFT's
// consensus connection.
type results struct {
	prepared *result // by this node, not yet seen with a hash
	byHash   map[scale.Hash]*result
}

// recall gives the result of the block with this hash, or of the prepared proposal if it is the same.
func (r *results) recall(hash scale.Hash, height, timestamp uint64, proposed [][]byte) *result {
	if known := r.byHash[hash]; known != nil && known.height == height {
		return known
	}
	p := r.prepared
	if p == nil || p.height != height || p.timestamp != timestamp || !sameTransactions(p.proposed, proposed) {
		return nil
	}
	r.remember(hash, p)
	return p
}

func (r *results) remember(hash scale.Hash, one *result) {
	if r.byHash == nil || len(r.byHash) >= maxResults {
		r.byHash = map[scale.Hash]*result{}
	}
	r.byHash[hash] = one
}

// forget drops everything: the head has changed.
func (r *results) forget() { r.prepared, r.byHash = nil, nil }
