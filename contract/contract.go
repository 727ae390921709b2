package contract

import (
	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// Contract is the state of one confidential contract.
type Contract struct {
	config Config

	// Of the chain.
	inbox      wire.Inbox
	block      wire.Block // last one, without its parent
	checkpoint uint64     // index of the checkpoint under way, or the next
	started    bool       // a Block message has opened the checkpoint
	last       LastCommit

	// The state proper.
	accounts accounts
	ledger   ledger
	markets  []*market // by id; nil if not listed
	orders   orders
	book     engine.Book
	tags     tags
	ids      sessionIDs
	outbox   outbox
	relays   relays
	trades   uint64 // trades ever made
	pooled   uint64 // history entries and fills kept
	items    digest // sum of all items of the remainder

	// Sessions and their tags, as they follow from the state: made anew after a restart.
	open   []*session // all open sessions, in no order that shows
	serial uint32     // of the last session
	ahead  ahead
	closed []closedSession

	// Work in progress, empty between checkpoints.
	sessions  []*session // changed
	events    engine.Events
	fault     error // after it nothing is applied
	workspace Workspace
	prepared  Prepared
	scratch   []byte
	item      [itemSize]byte
	tradeIDs  tradeIDs
}

// LastCommit is the last commit, as answers and frames name it.
type LastCommit struct {
	wire.LastCommit
	Timestamp uint64 // of its block, ms
	Remainder wire.Hash
}

// New is the contract before its first checkpoint: no account but the fee account.
func New(config Config) (*Contract, error) {
	c, err := newContract(config)
	if err != nil {
		return nil, err
	}
	c.openAccount(wire.FeeAccount) // handle feeAccount
	return c, nil
}

func newContract(config Config) (*Contract, error) {
	if config.Opener == nil {
		return nil, ErrOpener
	}
	if err := config.Limits.check(); err != nil {
		return nil, err
	}
	return &Contract{
		config: config, book: engine.New(config.Limits.engine()), ledger: newLedger(), orders: newOrders(), tags: newTags(),
		accounts: accounts{byID: map[wire.AccountID]uint32{}}, ids: sessionIDs{byID: map[wire.Hash]struct{}{}},
		outbox: newOutbox(), relays: newRelays(), ahead: newAhead(),
	}, nil
}

// Last is the last commit; ok is false before the first.
func (c *Contract) Last() (last LastCommit, ok bool) { return c.last, c.checkpoint > 0 }

// Inbox is the inbox as it stands after the last message applied.
func (c *Contract) Inbox() wire.Inbox { return c.inbox }

// Checkpoint is the index of the checkpoint under way, or of the next.
func (c *Contract) Checkpoint() uint64 { return c.checkpoint }

// Epoch is the epoch of the last block.
func (c *Contract) Epoch() uint32 { return c.block.Epoch }

// Apply applies the next message of the inbox. An error is final.
func (c *Contract) Apply(message *wire.InboxMessage) error {
	c.prepared = Prepared{Message: message}
	return c.ApplyPrepared(&c.prepared)
}

// ApplyPrepared is Apply of a message that Prepare may have looked at.
func (c *Contract) ApplyPrepared(p *Prepared) error {
	if c.fault != nil {
		return c.fault
	}
	if !p.done || p.epoch != c.block.Epoch {
		c.Prepare(&c.workspace, p)
	}
	c.inbox = c.inbox.FoldLeaf(p.leaf) // I4: the inbox hash says which messages were applied
	c.fail(c.apply(p))
	return c.fault
}

func (c *Contract) apply(p *Prepared) error {
	m := p.Message
	if (m.Kind == wire.MessageBlock) == c.started {
		return ErrProtocol
	}
	switch m.Kind {
	case wire.MessageBlock:
		return c.applyBlock(&m.Block)
	case wire.MessageEnvelope:
		c.applyEnvelope(p)
	case wire.MessageDeposit:
		c.applyDeposit(&m.Deposit, p.account, p.opens)
	case wire.MessageMarket:
		c.applyMarket(&m.Market)
	case wire.MessageFees:
		c.applyFees(&m.Fees)
	default:
		return ErrMessage
	}
	return nil
}

// fail keeps the first error.
func (c *Contract) fail(err error) {
	if c.fault == nil {
		c.fault = err
	}
}

// applyBlock opens a checkpoint: time passes, for epochs, sessions and orders.
func (c *Contract) applyBlock(b *wire.Block) error {
	first := c.inbox.Count == 1
	if !first && (b.Number <= c.block.Number || b.Timestamp < c.block.Timestamp || b.Epoch < c.block.Epoch) {
		return ErrBlock
	}
	if first || b.Epoch != c.block.Epoch {
		if first {
			c.block.Epoch = b.Epoch // nothing to ratchet from
		}
		if err := c.startEpoch(b.Epoch); err != nil {
			return err
		}
		c.payRelays()
	}
	c.block, c.started = wire.Block{Number: b.Number, Timestamp: b.Timestamp, Epoch: b.Epoch}, true
	c.expireSessions()
	c.events.Reset()
	c.book.AdvanceTime(b.Timestamp, &c.events)
	c.settle(c.events)
	return nil
}

func (c *Contract) applyEnvelope(p *Prepared) {
	envelope := p.Message.Envelope.Bytes
	if wire.CheckEnvelope(envelope) != nil {
		return
	}
	if envelope[0] == wire.ClassOpening {
		if p.opens {
			c.applyOpening(envelope, &p.opening)
		}
		return
	}
	tag := wire.EnvelopeTag(envelope)
	s, sequence, epoch := c.findTag(tag)
	if s == nil {
		return // unknown, used, given up or expired: nothing changes
	}
	if p.session != s || p.sequence != sequence || p.cipher != s.ciphers[epoch] {
		p.open(&c.workspace, s, sequence, s.ciphers[epoch])
	}
	if p.authentic {
		c.useSequence(s, sequence, tag, epoch)
		c.applySealed(s.account, p)
	}
}

// EndCheckpoint ends the checkpoint of a block and gives its commit. An error is
// final: nothing must be committed.
func (c *Contract) EndCheckpoint(blockHash wire.Hash) (*wire.Commit, error) {
	if c.fault == nil && !c.started {
		c.fault = ErrProtocol
	}
	if c.fault != nil {
		return nil, c.fault
	}
	start := c.outbox.next
	messages, payouts := c.takeOutbox()
	c.closeOutbox()
	c.closeRelays()
	c.closeOrders()
	c.closeSessions()
	leaves, err := c.closeLedger()
	if err != nil {
		c.fail(err)
		return nil, err
	}
	remainder := c.remainder(c.checkpoint)
	commit := &wire.Commit{
		Instance: c.config.Instance, Epoch: c.block.Epoch, Checkpoint: c.checkpoint, Number: c.block.Number,
		BlockHash: blockHash, PreviousRoot: c.last.StateRoot, Inbox: c.inbox, StateRoot: wire.StateRoot(leaves, remainder),
		OutboxStart: start, Outbox: messages, Payouts: payouts,
	}
	c.last = LastCommit{LastCommit: commit.Next(), Timestamp: c.block.Timestamp, Remainder: remainder}
	c.checkpoint++
	c.started = false
	c.prepareEpoch()
	return commit, nil
}
