package app

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var (
	accept = &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}
	refuse = &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}
)

// ProcessProposal executes a proposal and refuses one with an invalid transaction, one that makes another Substrate block than it
// claims, or on which the runtime panics.
func (a *App) ProcessProposal(_ context.Context, request *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	hash, height, timestamp := scale.Hash(request.Hash), uint64(request.Height), milliseconds(request.Time)
	if a.results.recall(hash, height, timestamp, request.Txs) != nil {
		return accept, nil
	}
	done, err := a.execute(height, timestamp, request.Txs)
	if err != nil {
		a.log.Warn("proposal refused", "height", height, "reason", err)
		return refuse, nil
	}
	a.results.remember(hash, done)
	return accept, nil
}

// FinalizeBlock executes a decided block, or recalls having done so. More than two thirds of the validators have found it valid and
// its claim true; a node that finds otherwise stops before it keeps anything of it.
func (a *App) FinalizeBlock(_ context.Context, request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	hash, height, timestamp := scale.Hash(request.Hash), uint64(request.Height), milliseconds(request.Time)
	a.at(StepDecided, height)
	done := a.results.recall(hash, height, timestamp, request.Txs)
	if done == nil {
		var err error
		if done, err = a.execute(height, timestamp, request.Txs); err != nil {
			return nil, fmt.Errorf("execute height %d: %w", height, err)
		}
	}
	a.decided = done
	response := &abci.ResponseFinalizeBlock{TxResults: transactionResults(len(request.Txs))}
	after := a.chain.Head().Hash
	if done.built != nil {
		after = done.built.Block.Header.Hash()
	}
	response.AppHash = after[:]
	return response, nil
}

// applied is shared: CometBFT only reads it.
var applied = &abci.ExecTxResult{}

// transactionResults are CometBFT's results of a block's transactions: in a valid block each applies.
func transactionResults(count int) []*abci.ExecTxResult {
	out := make([]*abci.ExecTxResult, count)
	for i := range out {
		out[i] = applied
	}
	return out
}

// execute runs a block: its claim, and the transactions behind it.
func (a *App) execute(height, timestamp uint64, proposed [][]byte) (*result, error) {
	done := &result{height: height, timestamp: timestamp, proposed: proposed}
	claim, transactions, err := readClaim(proposed)
	due := a.heartbeatDue(timestamp)
	switch {
	case err != nil:
		return nil, err
	case claim == nil && due:
		return nil, errNoClaim
	case claim == nil:
		return done, nil
	case len(transactions) == 0 && !due:
		return nil, errIdleClaim
	}
	a.preverify(transactions)
	a.executions++
	builder, err := a.chain.Build(height, timestamp)
	if err != nil {
		return nil, err
	}
	for i, transaction := range transactions {
		invalid, err := builder.Apply(transaction)
		if err == nil && invalid != nil {
			err = invalid
		}
		if err != nil {
			return nil, fmt.Errorf("transaction %d: %w", i, err)
		}
		done.included = append(done.included, mempool.HashOf(transaction))
	}
	if done.built, err = builder.Finish(); err != nil {
		return nil, err
	}
	return done, checkClaim(*claim, done.built)
}
