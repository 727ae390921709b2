package chain

import "errors"

// What can go wrong beside the refusals of package light. Each names the remedy after its semicolon.
var (
	// ErrStaleHead: the newest head is old.
	ErrStaleHead = errors.New("chain: the newest finalised block is too old; the network stands still, this clock is wrong, or the node withholds blocks: try another node")
	// ErrNotFinal: the node named a block that is not on the finalised chain.
	ErrNotFinal = errors.New("chain: the node named a block that is not on the finalised chain; use another node")
	// ErrBody: the extrinsics do not belong to the block's header.
	ErrBody = errors.New("chain: the node served extrinsics that are not the block's; use another node")
	// ErrNotInBlock: the block does not hold the extrinsic that the node said it does.
	ErrNotInBlock = errors.New("chain: the block that the node named does not hold the transaction; use another node")
	// ErrDropped: the node says that the extrinsic left its pool without a block. It could still be sent by somebody.
	ErrDropped = errors.New("chain: the node dropped the transaction; look at balances and history before you send it again")
	// ErrUnclear: nobody knows whether the pool took the extrinsic.
	ErrUnclear = errors.New("chain: the connection broke while the transaction was handed in, so it may take effect; look at balances and history before you send it again")
	// ErrExpired: the extrinsic's era ended and it is in no block.
	ErrExpired = errors.New("chain: the transaction expired without effect; send it again")
	// ErrEvents: the block's events cannot be read with the metadata at hand.
	ErrEvents = errors.New("chain: the block's events do not fit the runtime's metadata; update this software, or use another node")
	// ErrState: proven storage in a format unknown here.
	ErrState = errors.New("chain: the chain's storage has an unknown format; update this software")
	// ErrForgotten: a block too far back for what is kept of it.
	ErrForgotten = errors.New("chain: that block is too far back to be proven again; ask about something newer")
	// ErrHalted: a discrepancy between workers has stopped commits and payouts.
	ErrHalted = errors.New("chain: commits and payouts have stopped because of a discrepancy between workers; nothing is lost, wait for governance to resolve it")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("chain: the client is closed; open another")
)
