package node

import (
	"context"
	"errors"
	"log/slog"
	"time"

	cmtmempool "github.com/cometbft/cometbft/mempool"

	"github.com/bitcloak/bitcloak/node/app"
)

// doorbell wakes CometBFT's consensus when a transaction is ready. Any number of requests while it rings are one.
type doorbell struct {
	requests chan struct{}
	log      *slog.Logger
}

func newDoorbell(log *slog.Logger) *doorbell {
	return &doorbell{requests: make(chan struct{}, 1), log: log}
}

// Ring asks for a block soon. It does not block.
func (d *doorbell) Ring() { signal(d.requests) }

// retryInterval is how soon a doorbell that CometBFT's mempool could not take is rung again.
const retryInterval = time.Millisecond

// run puts the doorbell into CometBFT's mempool when asked to. While it is in there already, consensus has been told.
func (d *doorbell) run(ctx context.Context, pool cmtmempool.Mempool) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.requests:
		}
		err := pool.CheckTx(app.Doorbell, nil, cmtmempool.TxInfo{})
		if err == nil || errors.Is(err, cmtmempool.ErrTxInCache) {
			continue
		}
		d.log.Debug("the doorbell was not taken; it is rung again", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryInterval):
			d.Ring()
		}
	}
}
