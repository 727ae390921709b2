package chain

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of one block's events.
const (
	maxEvents = 1 << 18
	maxTopics = 1 << 10
)

// Event is one entry of a block's System.Events.
type Event struct {
	Extrinsic scale.Optional[uint32] // whose it is; none: of the block's start or end
	Pallet    uint8
	Index     uint8
	Name      string // "Pallet.Event"
	Fields    []byte // SCALE
}

var eventsKey = func() []byte { key := hashing.StoragePrefix("System", "Events"); return key[:] }()

// Events are the events of a proven block, proven themselves; where each ends, the runtime's metadata says.
func (c *Client) Events(ctx context.Context, block light.Head) ([]Event, error) {
	runtime, err := c.runtime(ctx)
	if err != nil {
		return nil, err
	}
	values, err := c.light.Read(ctx, block, eventsKey)
	if err != nil {
		return nil, err
	}
	events, err := decodeEvents(runtime, values[0])
	if err != nil {
		c.forget() // the runtime may be another since
		return nil, fmt.Errorf("%w (block %d: %w)", ErrEvents, block.Number, err)
	}
	return events, nil
}

// decodeEvents reads Vec<EventRecord>.
func decodeEvents(runtime *metadata.Runtime, encoded []byte) ([]Event, error) {
	if encoded == nil {
		return nil, nil
	}
	d := scale.NewDecoder(encoded)
	count := d.Length(maxEvents, 4) // phase, pallet, event, topics
	var events []Event
	for range count {
		event, err := decodeEvent(runtime, d)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, d.Finish()
}

func decodeEvent(runtime *metadata.Runtime, d *scale.Decoder) (event Event, err error) {
	switch d.U8() {
	case 0: // ApplyExtrinsic
		event.Extrinsic = scale.Some(d.U32())
	case 1, 2: // Finalization, Initialization
	default:
		d.Fail(scale.ErrVariant)
	}
	event.Pallet, event.Index = d.U8(), d.U8()
	pallet, variant := variantOf(runtime, event.Pallet, event.Index, func(p *metadata.Pallet) *scale.Type { return p.Events })
	if variant == nil {
		d.Fail(scale.ErrVariant)
	}
	if d.Err() != nil {
		return event, d.Err()
	}
	event.Name = pallet.Name + "." + variant.Name
	start := d.Rest()
	for i := range variant.Fields {
		if err := metadata.Skip(d, variant.Fields[i].Type); err != nil {
			return event, err
		}
	}
	event.Fields = start[:len(start)-d.Remaining()]
	d.View(32 * d.Length(maxTopics, 32))
	return event, d.Err()
}

// variantOf finds one alternative of an enum of a pallet.
func variantOf(runtime *metadata.Runtime, pallet, index uint8, part func(*metadata.Pallet) *scale.Type) (*metadata.Pallet, *scale.TypeVariant) {
	for i := range runtime.Pallets {
		p := &runtime.Pallets[i]
		enum := part(p)
		if p.Index != pallet || enum == nil {
			continue
		}
		for j := range enum.Variants {
			if enum.Variants[j].Index == index {
				return p, &enum.Variants[j]
			}
		}
	}
	return nil, nil
}

// Payout is the fields of PrivateAssets.Paid and PayoutFailed.
type Payout struct {
	Sequence uint64
	To       scale.AccountID
	Asset    uint32
	Amount   scale.U128
}

var payoutCodec = scale.Struct("", "",
	scale.Field("seq", scale.U64, func(p *Payout) *uint64 { return &p.Sequence }),
	scale.Field("to", scale.AccountIDCodec, func(p *Payout) *scale.AccountID { return &p.To }),
	scale.Field("asset", scale.U32, func(p *Payout) *uint32 { return &p.Asset }),
	scale.Field("amount", scale.U128Codec, func(p *Payout) *scale.U128 { return &p.Amount }))

// commitEvent is the fields of Confidential.Committed.
type commitEvent struct {
	Checkpoint uint64
	Number     uint32
	StateRoot  scale.Hash
	Messages   uint32
}

var commitEventCodec = scale.Struct("", "",
	scale.Field("checkpoint", scale.U64, func(e *commitEvent) *uint64 { return &e.Checkpoint }),
	scale.Field("number", scale.U32, func(e *commitEvent) *uint32 { return &e.Number }),
	scale.Field("state_root", scale.HashCodec, func(e *commitEvent) *scale.Hash { return &e.StateRoot }),
	scale.Field("messages", scale.U32, func(e *commitEvent) *uint32 { return &e.Messages }))

// Events of spec/interface.md that wallets read.
const (
	eventDeposited    = 0 // PrivateAssets
	eventPaid         = 2
	eventPayoutFailed = 3
	eventCommitted    = 1 // Confidential
	eventFeePaid      = 0 // TransactionPayment
)

// committed reads the event as an accepted commit.
func (e *Event) committed() (commit commitEvent, ok bool) {
	if e.Pallet != wire.PalletConfidential || e.Index != eventCommitted {
		return commit, false
	}
	commit, err := commitEventCodec.Unmarshal(e.Fields)
	return commit, err == nil
}

// Payout reads the event as a payout; paid is false for one that failed and can be claimed.
func (e *Event) Payout() (payout Payout, paid, ok bool) {
	if e.Pallet != wire.PalletPrivateAssets || e.Index != eventPaid && e.Index != eventPayoutFailed {
		return payout, false, false
	}
	payout, err := payoutCodec.Unmarshal(e.Fields)
	return payout, e.Index == eventPaid, err == nil
}

// FeePaid is the fields of TransactionPayment.TransactionFeePaid.
type FeePaid struct {
	Who scale.AccountID
	Fee scale.U128 // with the tip
	Tip scale.U128
}

var feePaidCodec = scale.Struct("", "",
	scale.Field("who", scale.AccountIDCodec, func(f *FeePaid) *scale.AccountID { return &f.Who }),
	scale.Field("actual_fee", scale.U128Codec, func(f *FeePaid) *scale.U128 { return &f.Fee }),
	scale.Field("tip", scale.U128Codec, func(f *FeePaid) *scale.U128 { return &f.Tip }))

// FeePaid reads the event as the fee of a transaction.
func (e *Event) FeePaid() (paid FeePaid, ok bool) {
	if e.Pallet != wire.PalletTransactionPayment || e.Index != eventFeePaid {
		return paid, false
	}
	paid, err := feePaidCodec.Unmarshal(e.Fields)
	return paid, err == nil
}

// DepositID reads the event as a deposit and gives its number.
func (e *Event) DepositID() (id uint64, ok bool) {
	if e.Pallet != wire.PalletPrivateAssets || e.Index != eventDeposited {
		return 0, false
	}
	d := scale.NewDecoder(e.Fields)
	id = d.U64()
	return id, d.Err() == nil
}
