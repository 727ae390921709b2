package mempool

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Source says where a transaction comes from, numbered as Substrate's TransactionSource.
type Source uint8

// Sources.
const (
	SourceInBlock  Source = 0
	SourceLocal    Source = 1
	SourceExternal Source = 2
)

// Validity is what the runtime says about a valid transaction in some state.
type Validity struct {
	Signed    bool
	Sender    scale.AccountID // of a signed one
	Nonce     uint32          // of a signed one
	Next      uint32          // the sender's nonce in the state
	Tag       string          // what a bare one provides, as one: two with the same tag exclude each other
	Provides  []string        // what a bare one provides, one by one
	Requires  []string        // what others must provide before a bare one can be in a block
	Priority  uint64          // of a bare one: below that of all which provide what it requires
	Longevity uint64          // blocks for which this holds at least
	Propagate bool
}

// Validator asks the runtime about the latest state. Its methods are called concurrently.
type Validator interface {
	// Validate returns the runtime's reason as an error if the transaction can never be, or not now.
	Validate(source Source, transaction []byte) (Validity, error)
	// Nonce is the nonce that the account's next transaction must have.
	Nonce(account scale.AccountID) (uint32, error)
}

// Transaction is one in the pool. Its exported fields do not change.
type Transaction struct {
	Hash     scale.Hash
	Bytes    []byte
	Signed   bool
	Sender   scale.AccountID
	Nonce    uint32
	Priority uint64

	tag       string
	provides  []string
	requires  []string // as the runtime last said
	propagate bool
	expires   uint64 // block number from which the validity must be asked again
	arrival   uint64 // order of arrival
	ready     bool   // its sender's queue leads up to it without a gap; of a bare one: all that it requires is there
	due       bool   // waits for revalidation
}

// take notes what the runtime says.
func (t *Transaction) take(v Validity) {
	t.Signed, t.Sender, t.Nonce, t.Priority = v.Signed, v.Sender, v.Nonce, v.Priority
	t.tag, t.provides, t.requires, t.propagate = v.Tag, v.Provides, v.Requires, v.Propagate
}

// HashOf is a transaction's hash: BLAKE2b-256 of its bytes.
func HashOf(transaction []byte) scale.Hash { return hashing.Blake2_256(transaction) }
