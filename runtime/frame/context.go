package frame

import (
	"github.com/bitcloak/bitcloak/runtime/host"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// maxTransactionDepth bounds nested storage transactions: an extrinsic, a call
// of governance inside it, and some more.
const maxTransactionDepth = 16

// Context is what pallet code runs in: the host, and which part of the block is
// running. One goroutine uses it.
type Context struct {
	Host host.Host

	phase   Phase
	length  uint32        // bytes of the running extrinsic
	depth   int           // open storage transactions
	key     []byte        // scratch: the storage key being built
	encoder scale.Encoder // scratch: the key part, value or event being encoded
	decoder scale.Decoder // scratch: the value being decoded
}

// NewContext is a context over h, in the phase of genesis, where events are not kept.
func NewContext(h host.Host) *Context { return &Context{Host: h} }

// SetPhase says which part of the block runs from now on; events record it.
func (c *Context) SetPhase(p Phase) { c.phase, c.length = p, 0 }

// SetLength says how many bytes the extrinsic has whose phase was set.
func (c *Context) SetLength(bytes uint32) { c.length = bytes }

// Length is how many bytes the running extrinsic has, its length prefix included; 0
// outside of extrinsics.
func (c *Context) Length() uint32 { return c.length }

// Transaction runs f in a nested storage transaction: an error undoes its
// changes, events included.
func (c *Context) Transaction(f func() error) error {
	if c.depth == maxTransactionDepth {
		return ErrTransactionLimit
	}
	c.depth++
	c.Host.Begin()
	err := f()
	if err != nil {
		c.Host.Rollback()
	} else {
		c.Host.Commit()
	}
	c.depth--
	return err
}
