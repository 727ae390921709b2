package contract

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Prepared is a message and what could be computed about it ahead of its turn:
// its hash and what its envelope opens to. It is a hint: Apply looks everything
// that depends on the state up again, so preparing cannot change a result (I5).
type Prepared struct {
	// Message is the caller's, not to be changed until it is applied.
	Message *wire.InboxMessage

	done  bool
	epoch uint32 // of the contract as it prepared
	leaf  wire.Hash

	// An envelope of class command whose tag was known.
	session   *session
	cipher    Cipher
	sequence  uint64
	authentic bool
	readable  bool
	command   wire.Command

	// An envelope of class opening, or a sealed beneficiary.
	opens   bool
	opening wire.Opening
	account wire.AccountID
}

// Workspace is the memory that preparing works in, one for each goroutine.
type Workspace struct {
	encoder scale.Encoder
	scratch [ScratchSize]byte
}

// Prepare opens a message's envelope ahead of Apply. It may run in parallel with
// itself, each with a Workspace of its own, and not with anything else.
func (c *Contract) Prepare(w *Workspace, p *Prepared) {
	message := p.Message
	*p = Prepared{Message: message, done: true, epoch: c.block.Epoch}
	w.encoder.Reset()
	encodeMessage(&w.encoder, message)
	p.leaf = hashing.Blake2_256(w.encoder.Encoded())
	switch message.Kind {
	case wire.MessageEnvelope:
		c.prepareEnvelope(w, p)
	case wire.MessageDeposit:
		c.prepareDeposit(p)
	}
}

func (c *Contract) prepareEnvelope(w *Workspace, p *Prepared) {
	envelope := p.Message.Envelope.Bytes
	if wire.CheckEnvelope(envelope) != nil {
		return // the chain refuses these; one that came all the same opens to nothing
	}
	if envelope[0] == wire.ClassOpening {
		var err error
		p.opening, err = c.config.Opener.Opening(envelope)
		p.opens = err == nil
		return
	}
	if s, sequence, epoch := c.findTag(wire.EnvelopeTag(envelope)); s != nil {
		p.open(w, s, sequence, s.ciphers[epoch])
	}
}

// open opens a command envelope as one of a session and a sequence.
func (p *Prepared) open(w *Workspace, s *session, sequence uint64, cipher Cipher) {
	p.session, p.sequence, p.cipher = s, sequence, cipher
	plaintext, ok := cipher.Open(w.scratch[:], sequence, p.Message.Envelope.Bytes)
	p.authentic = ok
	if ok {
		claimed, err := wire.DecodeCommand(plaintext, &p.command)
		p.readable = err == nil && claimed == sequence
	}
}

func (c *Contract) prepareDeposit(p *Prepared) {
	d := &p.Message.Deposit
	if d.Beneficiary.Kind == wire.BeneficiaryPlain {
		p.account, p.opens = d.Beneficiary.Account, true
		return
	}
	var err error
	p.account, err = c.config.Opener.Beneficiary(d)
	p.opens = err == nil
}

// encodeMessage is wire.InboxMessageCodec.Encode, with the frequent kind written out.
func encodeMessage(e *scale.Encoder, m *wire.InboxMessage) {
	if m.Kind != wire.MessageEnvelope {
		wire.InboxMessageCodec.Encode(e, m)
		return
	}
	e.U8(wire.MessageEnvelope)
	e.Raw(m.Envelope.Sender[:])
	e.U64(m.Envelope.Fee)
	e.Bytes(m.Envelope.Bytes)
}
