package sim

import (
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func name(kind string, index int) string { return fmt.Sprintf("%s %d", kind, index) }

// act does one thing that a trader might do.
func (t *trader) act() {
	w := t.world
	c := w.chance
	if w.at() == nil {
		return
	}
	switch draw := c.IntN(20); {
	case draw < 4:
		t.deposit()
	case draw < 5:
		t.payPublicly()
	case draw < 6:
		t.claim(&t.party)
	case draw < 7 || t.session == nil || w.now().After(t.expires):
		if (t.session == nil || w.now().After(t.expires) || c.in(1, 4)) && t.openings < maxOpenings {
			if envelope := t.opening(time.Duration(c.between(5, 120)) * time.Second); envelope != nil {
				w.tracef("%s opens a session", t.name)
				t.hand(t.someRelay(), envelope)
			}
		}
	default:
		var envelopes [][]byte
		by := t.someRelay()
		for range c.between(1, 4) {
			named := by
			if c.in(1, 10) {
				named = t.someRelay() // another than it goes through, perhaps
			}
			envelopes = append(envelopes, t.command(named, t.anyCommand()))
		}
		t.hand(by, envelopes...)
	}
}

// someRelay is a relay, or nil.
func (t *trader) someRelay() *relay {
	if t.world.chance.in(1, 2) {
		return pick(t.world.chance, t.world.relays)
	}
	return nil
}

// hand submits envelopes, directly or through a relay. When a relay has kept something back, its owner may submit the same
// bytes himself: same tag.
func (t *trader) hand(by *relay, envelopes ...[]byte) {
	w := t.world
	w.remember(envelopes)
	if by != nil {
		by.take(envelopes)
		if w.chance.in(5, 6) {
			return
		}
	}
	call, err := wire.CallSubmit(envelopes)
	w.must(err)
	t.submit(call)
}

// deposit pays into custody, for this or another trader, plain, sealed, or sealed so that nobody can open it.
func (t *trader) deposit() {
	w := t.world
	c := w.chance
	asset := pick(c, allAssets)
	amount := c.amount(endowment[asset] / 10)
	beneficiary := wire.Beneficiary{Account: t.account()}
	if c.in(1, 4) {
		beneficiary.Account = pick(c, w.traders).account()
	}
	kind := "plain"
	if key := w.sealingKey(); key != nil && c.in(1, 2) {
		told := amount
		if kind = "sealed"; c.in(1, 4) {
			told, kind = amount+1, "mismatched" // it is bound to the amount
		}
		w.reseed()
		sealed, err := key.Beneficiary(beneficiary.Account, t.account(), asset, scale.U128From(told))
		w.must(err)
		if beneficiary = sealed; c.in(1, 5) {
			kind = "unopenable"
			beneficiary.Sealed = c.bytes(len(sealed.Sealed))
		}
	}
	call, err := wire.CallDeposit(asset, scale.U128From(amount), beneficiary)
	w.must(err)
	w.tracef("%s deposits %d of %d, %s", t.name, amount, asset, kind)
	w.count("deposits " + kind)
	t.submit(call)
}

// payPublicly moves something on the chain, now and then to custody, which gets a surplus by it.
func (t *trader) payPublicly() {
	w := t.world
	c := w.chance
	asset := pick(c, allAssets)
	to := pick(c, w.traders).account()
	switch c.IntN(6) {
	case 0:
		to = wire.CustodyAccount
	case 1:
		to = t.pocket.account()
	}
	amount := scale.U128From(c.amount(endowment[asset] / 1000))
	call := wire.CallAssetTransfer(asset, to, amount)
	if asset == cloak {
		call = wire.CallTransferAllowDeath(to, amount)
	}
	t.submit(call)
}

// claim asks for payouts that could not be made.
func (t *trader) claim(who *party) {
	w := t.world
	for _, asset := range allAssets {
		if w.at().get(wire.StorageClaimable(who.account(), asset)) != nil {
			to := scale.None[scale.AccountID]()
			if who != &t.party || w.chance.in(1, 2) {
				to = scale.Some(t.account())
			}
			w.tracef("%s claims asset %d", who.name, asset)
			w.count("claims")
			who.submit(wire.CallClaim(asset, to))
			return
		}
	}
}

// anyCommand draws a command; not all of them can apply.
func (t *trader) anyCommand() wire.Command {
	w := t.world
	c := w.chance
	switch draw := c.IntN(40); {
	case draw < 18:
		return t.place()
	case draw < 23:
		order, market, side := t.someOrder()
		price := t.price()
		t.limit(order, market, side, price)
		return wire.Command{Kind: wire.CommandAmend, Order: order, Price: price, Quantity: uint64(c.between(0, 1500))}
	case draw < 26:
		order, _, _ := t.someOrder()
		return wire.Command{Kind: wire.CommandCancel, Order: order}
	case draw < 27:
		all := wire.Command{Kind: wire.CommandCancelAll}
		if c.in(1, 2) {
			all.Markets = scale.Some(uint32(c.between(0, 4)))
		}
		return all
	case draw < 33:
		return t.withdrawal()
	case draw < 36:
		asset := pick(c, allAssets)
		return wire.Command{Kind: wire.CommandTransfer, Asset: asset, Amount: scale.U128From(t.part(asset)), To: pick(c, w.traders).account()}
	case draw == 36 && c.in(1, 3):
		return wire.Command{Kind: wire.CommandCloseSession}
	default:
		return wire.Command{Kind: wire.CommandDummy}
	}
}

// part draws an amount of what the trader believes to have, sometimes more than that.
func (t *trader) part(asset uint32) uint64 {
	c := t.world.chance
	has := t.balances[asset]
	switch {
	case c.in(1, 12):
		return has + c.amount(1_000_000)
	case has > 0 && c.in(1, 5):
		return has
	default:
		return c.amount(max(has, 10))
	}
}

// withdrawal asks for a payout, now and then to an account that cannot take it.
func (t *trader) withdrawal() wire.Command {
	w := t.world
	c := w.chance
	asset := pick(c, allAssets)
	command := wire.Command{Kind: wire.CommandWithdraw, Asset: asset, Amount: scale.U128From(t.part(asset)), To: t.account()}
	switch c.IntN(5) {
	case 0:
		command.To = t.pocket.account()
		if c.in(2, 3) {
			command.Amount = scale.U128From(c.amount(minimumBalance[asset]))
		}
	case 1:
		command.To = pick(c, w.traders).account()
		if c.in(1, 10) {
			command.To = wire.CustodyAccount
		}
	}
	return command
}

func (t *trader) price() uint64 {
	c := t.world.chance
	if c.in(1, 30) {
		return uint64(c.between(0, 2_000_000))
	}
	return uint64(c.between(95, 105))
}

// someOrder is one of the open orders when last asked, or one that never was.
func (t *trader) someOrder() (order uint64, market uint32, side uint8) {
	c := t.world.chance
	if len(t.open) > 0 && c.in(9, 10) {
		o := pick(c, t.open)
		return o.Order, o.Market, o.Side
	}
	return t.orders + uint64(c.between(1, 5)) + 1<<40, 1, wire.Buy
}

// place draws an order of any kind that there is.
func (t *trader) place() wire.Command {
	c := t.world.chance
	t.orders++
	command := wire.Command{Kind: wire.CommandPlace, Order: t.orders, Market: pick(c, []uint32{1, 1, 1, 2, 2, 3}), Side: uint8(c.IntN(2)),
		Price: t.price(), Quantity: uint64(c.between(1, 1200))}
	switch c.IntN(10) {
	case 0, 1:
		command.TimeInForce = wire.ImmediateOrCancel
	case 2, 3:
		command.TimeInForce = wire.GoodTillDate
		command.ExpiresAt = uint64(t.world.now().Add(time.Duration(c.between(-500, 8000)) * time.Millisecond).UnixMilli())
	case 4:
		command.TimeInForce = wire.PostOnly
	case 5:
		command.TimeInForce = uint8(c.between(0, 6)) // fill or kill, unknown
	}
	if c.in(1, 40) {
		command.Market, command.Side = uint32(c.between(0, 9)), uint8(c.between(0, 3))
	}
	if c.in(1, 40) {
		command.Order = max(1, t.orders-uint64(c.IntN(3)))
	}
	if _, taken := t.limits[command.Order]; !taken || command.Order == t.orders {
		t.limit(command.Order, command.Market, command.Side, command.Price)
	} else {
		t.widen(&command)
	}
	return command
}

// widen gives a number that was used before any limit: which of the two orders it will be, the owner cannot know.
func (t *trader) widen(command *wire.Command) {
	b := t.limits[command.Order]
	command.Market, command.Side = b.market, b.side
	t.limit(command.Order, b.market, b.side, command.Price)
}
