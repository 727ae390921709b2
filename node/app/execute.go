package app

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// codeSkipped is CometBFT's result of a transaction that is not in the Substrate block.
const codeSkipped = 1

var (
	accept = &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}
	refuse = &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}
)

// ProcessProposal executes a proposal and refuses one with an invalid transaction, or on which the runtime panics.
func (a *App) ProcessProposal(_ context.Context, request *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	hash, height, timestamp := scale.Hash(request.Hash), uint64(request.Height), milliseconds(request.Time)
	if a.results.recall(hash, height, timestamp, request.Txs) != nil {
		return accept, nil
	}
	done, err := a.execute(height, timestamp, request.Txs, false)
	if err != nil {
		a.log.Warn("proposal refused", "height", height, "reason", err)
		return refuse, nil
	}
	a.results.remember(hash, done)
	return accept, nil
}

// FinalizeBlock executes a decided block, or recalls having done so.
func (a *App) FinalizeBlock(_ context.Context, request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	hash, height, timestamp := scale.Hash(request.Hash), uint64(request.Height), milliseconds(request.Time)
	done := a.results.recall(hash, height, timestamp, request.Txs)
	if done == nil {
		var err error
		if done, err = a.execute(height, timestamp, request.Txs, true); err != nil {
			return nil, fmt.Errorf("execute height %d: %w", height, err)
		}
	}
	a.decided = done
	response := &abci.ResponseFinalizeBlock{TxResults: transactionResults(done, len(request.Txs))}
	after := a.chain.Head().Hash
	if done.built != nil {
		after = done.built.Block.Header.Hash()
	}
	response.AppHash = after[:]
	return response, nil
}

// applied and skipped are shared: CometBFT only reads them.
var (
	applied = &abci.ExecTxResult{}
	skipped = &abci.ExecTxResult{Code: codeSkipped, Codespace: "bitcloak", Log: "invalid in this block"}
)

func transactionResults(done *result, count int) []*abci.ExecTxResult {
	out := make([]*abci.ExecTxResult, count)
	for i := range out {
		out[i] = applied
		if done.skipped != nil && done.skipped[i] {
			out[i] = skipped
		}
	}
	return out
}

// execute runs the transactions of a block. An invalid one is an error unless it is to be skipped.
func (a *App) execute(height, timestamp uint64, transactions [][]byte, skip bool) (*result, error) {
	done := &result{height: height, timestamp: timestamp, transactions: transactions}
	if len(transactions) == 0 && !a.heartbeatDue(timestamp) {
		return done, nil
	}
	a.preverify(transactions)
	a.executions++
	builder, err := a.chain.Build(height, timestamp)
	if err != nil {
		return nil, err
	}
	for i, transaction := range transactions {
		invalid, err := builder.Apply(transaction)
		if err != nil {
			return nil, fmt.Errorf("transaction %d: %w", i, err)
		}
		if invalid == nil {
			done.included = append(done.included, mempool.HashOf(transaction))
			continue
		}
		if !skip {
			return nil, fmt.Errorf("transaction %d: %w", i, invalid)
		}
		if done.skipped == nil {
			done.skipped = make([]bool, len(transactions))
		}
		done.skipped[i] = true
	}
	if done.included == nil && !a.heartbeatDue(timestamp) {
		return done, nil // as if it had been empty
	}
	done.built, err = builder.Finish()
	return done, err
}
