package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Codes of polkadot-sdk (substrate/client/rpc-api, error.rs of each module).
const (
	codeBadFormat          = 1001
	codeInvalidTransaction = 1010
	codeUnknownValidity    = 1011
	codeBanned             = 1012
	codeAlreadyImported    = 1013
	codeTooLowPriority     = 1014
	codeImmediatelyDropped = 1016
	codeFuture             = 1021
	codeAuthorOther        = 1040
	codeInvalidRange       = 4001
	codeInvalidCount       = 4002
	codeClient             = 4003
	codePayment            = 1
	codeNotAvailable       = 5001 // of Bitcloak's own methods
)

// submitError is what a client learns about a transaction that was not taken.
func submitError(err error) *jsonrpc.Error {
	var invalid *frame.TransactionValidityError
	var known *mempool.KnownError
	var low *mempool.PriorityError
	switch {
	case errors.As(err, &invalid) && invalid.Unknown():
		return &jsonrpc.Error{Code: codeUnknownValidity, Message: "Unknown Transaction Validity", Data: invalid.Error()}
	case errors.As(err, &invalid):
		return &jsonrpc.Error{Code: codeInvalidTransaction, Message: "Invalid Transaction", Data: invalid.Error()}
	case errors.Is(err, mempool.ErrBanned):
		return &jsonrpc.Error{Code: codeBanned, Message: "Transaction is temporarily banned", Data: err.Error()}
	case errors.As(err, &known):
		return &jsonrpc.Error{Code: codeAlreadyImported, Message: "Transaction Already Imported", Data: known.Hash.String()}
	case errors.As(err, &low):
		return &jsonrpc.Error{Code: codeTooLowPriority, Message: fmt.Sprintf("Priority is too low: (%d vs %d)", low.Old, low.New),
			Data: "The transaction has too low priority to replace another transaction already in the pool."}
	case errors.Is(err, mempool.ErrFuture):
		return &jsonrpc.Error{Code: codeFuture, Message: "The pool is not accepting future transactions", Data: err.Error()}
	case errors.Is(err, mempool.ErrFull), errors.Is(err, mempool.ErrSender), errors.Is(err, mempool.ErrSize):
		return &jsonrpc.Error{Code: codeImmediatelyDropped, Message: "Immediately Dropped", Data: err.Error()}
	}
	return &jsonrpc.Error{Code: codeAuthorOther, Message: err.Error()}
}

// notKept tells a client of a node that began by state sync that what it asks for is older.
func notKept(err error) error {
	if errors.Is(err, store.ErrOrigin) {
		return &jsonrpc.Error{Code: codeNotAvailable, Message: "Not available: older than where this node's state sync began", Data: err.Error()}
	}
	return err
}

// stateError is what a client learns when a state cannot be read. Clients look for the words.
func stateError(hash scale.Hash, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return clientError("UnknownBlock: Header was not found in the database: %v", hash)
	case errors.Is(err, store.ErrPruned):
		return clientError("UnknownBlock: State already discarded for %v", hash)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	var own *jsonrpc.Error
	if errors.As(err, &own) {
		return own
	}
	return clientError("%v", err)
}

func clientError(format string, arguments ...any) *jsonrpc.Error {
	return &jsonrpc.Error{Code: codeClient, Message: "Client error: " + fmt.Sprintf(format, arguments...)}
}
