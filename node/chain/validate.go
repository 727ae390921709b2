package chain

import (
	"sync"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// validators are runtimes over the head's state that are idle. Validating leaves nothing in the state, so one serves
// again and again, and what it has read from the state is not read again.
type validators struct {
	mutex sync.Mutex
	idle  []*validator
	view  *View
}

// maxIdleValidators bounds how many are kept.
const maxIdleValidators = 16

type validator struct {
	runtime *runtime.Runtime
	view    *View // on whose state it stands
	used    int
}

// maxValidatorUses is after how many validations one is given up: what it has read takes memory.
const maxValidatorUses = 4_096

// reset makes the present head the state to validate on.
func (v *validators) reset(c *Chain) {
	head := c.Head()
	view := c.viewOf(head.Hash, head.Number, head.StateRoot)
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.view, v.idle = view, nil
}

func (v *validators) take() *validator {
	v.mutex.Lock()
	view := v.view
	if last := len(v.idle) - 1; last >= 0 {
		taken := v.idle[last]
		v.idle = v.idle[:last]
		v.mutex.Unlock()
		return taken
	}
	v.mutex.Unlock()
	return &validator{runtime: view.runtime(), view: view}
}

func (v *validators) giveBack(one *validator) {
	one.used++
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if one.view == v.view && len(v.idle) < maxIdleValidators && one.used < maxValidatorUses {
		v.idle = append(v.idle, one)
	}
}

func (v *validators) current() *View {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.view
}

// Best is the state after the head.
func (c *Chain) Best() *View { return c.validators.current() }

// Nonce is the nonce of the account's next transaction after the head.
func (c *Chain) Nonce(account scale.AccountID) (uint32, error) {
	return c.Best().Nonce(account)
}

// Validate asks the runtime about a transaction in the block after the head. The reason of a refusal is a
// *frame.TransactionValidityError.
func (c *Chain) Validate(source mempool.Source, transaction []byte) (validity mempool.Validity, err error) {
	defer recoverRuntime(c, &err)
	one := c.validators.take()
	valid, invalid := one.runtime.ValidateTransaction(uint8(source), transaction, one.view.Hash)
	view := one.view
	c.validators.giveBack(one)
	if invalid != nil {
		return mempool.Validity{}, invalid
	}
	validity = mempool.Validity{Priority: valid.Priority, Longevity: valid.Longevity, Propagate: valid.Propagate}
	decoded, err := extrinsic.Decode(transaction)
	if err != nil {
		return mempool.Validity{}, err // the runtime has decoded it: cannot be
	}
	if !decoded.Signed {
		for _, tag := range valid.Provides {
			validity.Tag += string(tag)
			validity.Provides = append(validity.Provides, string(tag))
		}
		for _, tag := range valid.Requires {
			validity.Requires = append(validity.Requires, string(tag))
		}
		return validity, nil
	}
	validity.Signed, validity.Nonce = true, decoded.Nonce
	validity.Sender, _ = decoded.Address.Account()
	validity.Next, err = view.Nonce(validity.Sender)
	return validity, err
}

// Nonce is the nonce of the account's next transaction: the first field of System.Account.
func (v *View) Nonce(account scale.AccountID) (uint32, error) {
	value, found, err := v.Get(wire.StorageAccount(account))
	if err != nil || !found {
		return 0, err
	}
	d := scale.NewDecoder(value)
	nonce := d.U32()
	return nonce, d.Err()
}

// Preverify checks signatures ahead of execution and remembers the valid ones.
func (c *Chain) Preverify(items []keys.Signed) { c.signatures.Preverify(items) }
