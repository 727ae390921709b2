package mempool

import (
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Reasons for which a transaction is not taken; test with errors.Is and errors.As. What the runtime finds wrong is
// returned as the validator gave it.
var (
	ErrBanned = errors.New("mempool: the transaction was found invalid lately and is banned for some minutes; make a new one")
	ErrFull   = errors.New("mempool: the transaction couldn't enter the pool because of the limit; wait, or offer a higher tip")
	ErrSender = errors.New("mempool: the sender has too many transactions waiting; wait until some are in a block")
	ErrFuture = errors.New("mempool: the nonce is too far ahead; send the missing transactions first")
	ErrSize   = errors.New("mempool: the transaction is too large; split it")
)

// KnownError refuses a transaction that is in the pool already.
type KnownError struct{ Hash scale.Hash }

func (e *KnownError) Error() string {
	return fmt.Sprintf("mempool: transaction %v is in the pool already", e.Hash)
}

// PriorityError refuses a replacement that offers too little.
type PriorityError struct{ Old, New uint64 }

func (e *PriorityError) Error() string {
	return fmt.Sprintf("mempool: priority %d does not replace %d: raise the tip so that it exceeds it by a tenth", e.New, e.Old)
}
