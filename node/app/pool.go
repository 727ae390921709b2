package app

import (
	"bytes"
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/mempool"
)

// Doorbell is the one transaction that CometBFT's own mempool is given. Its mempool wakes the consensus, which waits for
// transactions, when one comes in; the transactions themselves are in the application's pool. It is never in a block.
var Doorbell = []byte("bitcloak/doorbell")

const (
	codeOK      = abci.CodeTypeOK
	codeRefused = 1
)

// CheckTx takes the doorbell, and keeps it in CometBFT's mempool for as long as anything is ready: CometBFT asks again
// after every block, and goes on to the next one at once while its mempool is not empty.
func (a *App) CheckTx(_ context.Context, request *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if !bytes.Equal(request.Tx, Doorbell) || request.Type == abci.CheckTxType_Recheck && !a.pool.HasReady() {
		return &abci.ResponseCheckTx{Code: codeRefused}, nil
	}
	return &abci.ResponseCheckTx{Code: codeOK}, nil
}

// InsertTx takes a transaction from another node.
func (a *App) InsertTx(_ context.Context, request *abci.RequestInsertTx) (*abci.ResponseInsertTx, error) {
	if _, err := a.pool.Submit(mempool.SourceExternal, request.Tx); err != nil {
		a.log.Debug("transaction of a peer refused", "reason", err)
		return &abci.ResponseInsertTx{Code: codeRefused}, nil
	}
	return &abci.ResponseInsertTx{Code: codeOK}, nil
}

// ReapTxs gives the network what has come in since the last time.
func (a *App) ReapTxs(_ context.Context, request *abci.RequestReapTxs) (*abci.ResponseReapTxs, error) {
	return &abci.ResponseReapTxs{Txs: a.pool.Reap(request.MaxBytes)}, nil
}
