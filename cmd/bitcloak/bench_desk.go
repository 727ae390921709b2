package main

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// desk is traders with sessions who send sealed commands. What they do follows from a seed: it is the same in every run.
type desk struct {
	instance wire.Instance
	epoch    uint32
	market   uint32
	traders  []deskTrader
	random   *rand.Rand
}

type deskTrader struct {
	pair     keys.Pair
	session  *seal.Session
	sequence uint64
	order    uint64   // the last one's number
	open     []uint64 // orders that were placed to rest
}

// newDesk derives traders and their sessions' secrets.
func newDesk(instance wire.Instance, epoch, market uint32, traders int, expiresAt uint64) (*desk, error) {
	d := &desk{instance: instance, epoch: epoch, market: market, traders: make([]deskTrader, traders), random: rand.New(rand.NewPCG(3, 4))}
	for i := range d.traders {
		var seed, secret [32]byte
		copy(seed[8:], "bench trader")
		copy(secret[8:], "bench session")
		binary.LittleEndian.PutUint64(seed[:], uint64(i))
		binary.LittleEndian.PutUint64(secret[:], uint64(i))
		pair, err := keys.NewPair(keys.Ed25519, seed)
		if err != nil {
			return nil, err
		}
		d.traders[i].pair = pair
		d.traders[i].session = seal.NewSession(instance, pair.AccountID(), secret, expiresAt, epoch)
	}
	return d, nil
}

// openings are the envelopes that open all sessions.
func (d *desk) openings(public *seal.PublicKey) ([][]byte, error) {
	envelopes := make([][]byte, len(d.traders))
	for i := range d.traders {
		t := &d.traders[i]
		var err error
		envelopes[i], err = t.session.Open(public, wire.SessionSignature{Scheme: uint8(t.pair.Kind()), Bytes: t.pair.Sign(t.session.Message())})
		if err != nil {
			return nil, err
		}
	}
	return envelopes, nil
}

func (d *desk) seal(trader int, command wire.Command) ([]byte, error) {
	t := &d.traders[trader]
	envelope, err := t.session.Seal(d.epoch, t.sequence, &command)
	t.sequence++
	return envelope, err
}

// mixed gives envelopes of traders who trade: per hundred some 37 resting orders, 15 that hit others, 10 amendments and 38 cancels,
// so that the book keeps its size.
func (d *desk) mixed(count int) ([][]byte, error) {
	envelopes := make([][]byte, count)
	for i := range envelopes {
		trader := d.random.IntN(len(d.traders))
		var err error
		if envelopes[i], err = d.seal(trader, d.draw(&d.traders[trader])); err != nil {
			return nil, err
		}
	}
	return envelopes, nil
}

const deskMiddle = 1_200 // ticks

func (d *desk) draw(t *deskTrader) wire.Command {
	kind := d.random.IntN(100)
	switch {
	case kind < 38 && len(t.open) > 20:
		at, last := d.random.IntN(len(t.open)), len(t.open)-1
		order := t.open[at]
		t.open[at], t.open = t.open[last], t.open[:last]
		return wire.Command{Kind: wire.CommandCancel, Order: order}
	case kind < 48 && len(t.open) > 20:
		return wire.Command{Kind: wire.CommandAmend, Order: t.open[d.random.IntN(len(t.open))], Price: deskMiddle - 200 + 400*d.random.Uint64N(2),
			Quantity: 2 + d.random.Uint64N(50)}
	}
	distance := d.random.Int64N(500) + 1
	if kind >= 85 {
		distance = -d.random.Int64N(20)
	}
	command := d.place(t, uint8(d.random.IntN(2)), distance, 2+d.random.Uint64N(100))
	if distance > 0 {
		t.open = append(t.open, command.Order)
	}
	return command
}

// place orders so many ticks away from the middle, on the far side if the distance is negative.
func (d *desk) place(t *deskTrader, side uint8, distance int64, quantity uint64) wire.Command {
	t.order++
	if side == wire.Buy {
		distance = -distance
	}
	return wire.Command{Kind: wire.CommandPlace, Order: t.order, Market: d.market, Side: side, Price: uint64(deskMiddle + distance), Quantity: quantity}
}

// resting gives envelopes of orders that never meet, from one trader after another.
func (d *desk) resting(count int) ([][]byte, error) {
	envelopes := make([][]byte, count)
	for i := range envelopes {
		trader := i % len(d.traders)
		command := d.place(&d.traders[trader], uint8(d.random.IntN(2)), d.random.Int64N(500)+1, 10)
		var err error
		if envelopes[i], err = d.seal(trader, command); err != nil {
			return nil, err
		}
	}
	return envelopes, nil
}
