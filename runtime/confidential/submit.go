package confidential

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// batch is the arguments of submit.
type batch struct{ Envelopes [][]byte }

var batchCodec = scale.Struct("", "",
	scale.Field("envelopes", wire.EnvelopesCodec, func(b *batch) *[][]byte { return &b.Envelopes }))

// submit puts the envelopes of a known class and length into the inbox, in their
// order. Others are counted and left out: they cost their sender and change nothing.
func submit(c *frame.Context, origin frame.Origin, args *batch) error {
	sender, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	accepted := uint32(0)
	for _, envelope := range args.Envelopes {
		if wire.CheckEnvelope(envelope) == nil {
			accepted++
		}
	}
	switch {
	case len(args.Envelopes) == 0:
		return ErrNoEnvelopes
	case uint64(accepted) > room(c):
		return ErrInboxFull
	}
	if accepted > 0 {
		fold(c, sender, args)
	}
	envelopesSubmitted.Deposit(c, submission{
		Sender: sender, Accepted: accepted, Refused: uint32(len(args.Envelopes)) - accepted,
	})
	return nil
}

func fold(c *frame.Context, sender scale.AccountID, args *batch) {
	f := openInbox(c)
	share := sharedCost(c, args)
	message := wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: sender}}
	for _, envelope := range args.Envelopes {
		if wire.CheckEnvelope(envelope) != nil {
			continue
		}
		message.Envelope.Fee = saturated(plus(ownCost(envelope), share))
		message.Envelope.Bytes = envelope
		f.add(c, &message)
	}
	f.close(c)
}
