package contract

import (
	"math/big"
	"slices"

	"github.com/bitcloak/bitcloak/wire"
	"pgregory.net/rapid"
)

// model is a second, naive contract: big integers, sorted slices, no engine.
type model struct {
	available map[modelKey]*big.Int
	orders    []*modelOrder // in order of time priority
	outbox    modelOutbox
	fees      *big.Int
	market    wire.Market
	now       uint64
}

type modelKey struct {
	trader int
	asset  uint32
}

type modelOrder struct {
	trader                   int
	number, price, remaining uint64
	side, timeInForce        uint8
	feePPM                   uint32
	expiresAt                uint64
}

func number(v uint64) *big.Int { return new(big.Int).SetUint64(v) }

func product(factors ...uint64) *big.Int {
	p := number(1)
	for _, f := range factors {
		p.Mul(p, number(f))
	}
	return p
}

func (m *model) money(trader int, asset uint32) *big.Int {
	key := modelKey{trader, asset}
	if m.available[key] == nil {
		m.available[key] = new(big.Int)
	}
	return m.available[key]
}

func feeOf(quote *big.Int, ppm uint32) *big.Int {
	fee := new(big.Int).Mul(quote, number(uint64(ppm)))
	return fee.Div(fee, big.NewInt(1_000_000))
}

// need is what an order holds, and of which asset.
func (m *model) need(side uint8, price, lots uint64, ppm uint32) (*big.Int, uint32) {
	if side == wire.Sell {
		return product(lots, m.market.LotSize.Lo), base
	}
	q := product(lots, price, m.market.TickValue)
	return q.Add(q, feeOf(q, ppm)), quote
}

func (m *model) find(trader int, number uint64) *modelOrder {
	for _, o := range m.orders {
		if o.trader == trader && o.number == number {
			return o
		}
	}
	return nil
}

func (m *model) remove(o *modelOrder) {
	m.orders = slices.DeleteFunc(m.orders, func(x *modelOrder) bool { return x == o })
	amount, asset := m.need(o.side, o.price, o.remaining, o.feePPM)
	m.money(o.trader, asset).Add(m.money(o.trader, asset), amount)
}

// best is the order that an incoming one meets first.
func (m *model) best(side uint8, price uint64) *modelOrder {
	var best *modelOrder
	for _, o := range m.orders {
		crosses := side == wire.Buy && o.price <= price || side == wire.Sell && o.price >= price
		if o.side == side || !crosses {
			continue
		}
		if best == nil || side == wire.Buy && o.price < best.price || side == wire.Sell && o.price > best.price {
			best = o
		}
	}
	return best
}

// match trades o, whose hold has been taken, and rests what is left.
func (m *model) match(o *modelOrder) {
	for o.remaining > 0 {
		maker := m.best(o.side, o.price)
		if maker == nil {
			break
		}
		if maker.trader == o.trader {
			m.remove(o)
			return
		}
		lots := min(o.remaining, maker.remaining)
		q := product(lots, maker.price, m.market.TickValue)
		for _, party := range []struct {
			o   *modelOrder
			ppm uint32
		}{{o, m.market.TakerFeePPM}, {maker, m.market.MakerFeePPM}} {
			before, asset := m.need(party.o.side, party.o.price, party.o.remaining, party.o.feePPM)
			party.o.remaining -= lots
			after, _ := m.need(party.o.side, party.o.price, party.o.remaining, party.o.feePPM)
			fee := feeOf(q, min(party.ppm, party.o.feePPM))
			m.fees.Add(m.fees, fee)
			freed := m.money(party.o.trader, asset)
			freed.Add(freed, before).Sub(freed, after)
			got, paid := m.money(party.o.trader, base), m.money(party.o.trader, quote)
			if party.o.side == wire.Sell {
				got, paid = paid, got
				got.Add(got, q).Sub(got, fee)
				paid.Sub(paid, product(lots, m.market.LotSize.Lo))
			} else {
				got.Add(got, product(lots, m.market.LotSize.Lo))
				paid.Sub(paid, q).Sub(paid, fee)
			}
		}
		if maker.remaining == 0 {
			m.remove(maker)
		}
	}
	if o.remaining == 0 || o.timeInForce == wire.ImmediateOrCancel {
		m.remove(o)
		return
	}
	m.orders = append(m.orders, o)
}

// apply applies a command as the specification says, if it applies at all.
func (m *model) apply(trader int, c *wire.Command, ids []wire.AccountID) {
	switch c.Kind {
	case wire.CommandPlace:
		m.place(trader, c)
	case wire.CommandAmend:
		m.amend(trader, c)
	case wire.CommandCancel:
		if o := m.find(trader, c.Order); o != nil {
			m.remove(o)
		}
	case wire.CommandCancelAll:
		for _, o := range slices.Clone(m.orders) {
			if o.trader == trader && (!c.Markets.Some || c.Markets.Value == testMarket) {
				m.remove(o)
			}
		}
	case wire.CommandWithdraw:
		m.withdraw(trader, c, ids[trader])
	case wire.CommandTransfer:
		from := m.money(trader, c.Asset)
		to := slices.Index(ids, c.To)
		if c.Amount.IsZero() || from.Cmp(number(c.Amount.Lo)) < 0 || to == trader {
			return
		}
		from.Sub(from, number(c.Amount.Lo))
		m.money(to, c.Asset).Add(m.money(to, c.Asset), number(c.Amount.Lo))
	}
}

func (m *model) place(trader int, c *wire.Command) {
	dated := c.TimeInForce == wire.GoodTillDate
	if c.Order == 0 || c.Market != testMarket || m.market.Status != wire.MarketOpen || c.Side > 1 || c.Price == 0 ||
		c.Price > m.market.MaxPrice || c.Quantity < m.market.MinQuantity || c.Quantity > m.market.MaxQuantity ||
		c.TimeInForce > wire.PostOnly || c.TimeInForce == wire.FillOrKill || dated != (c.ExpiresAt != 0) || dated && c.ExpiresAt <= m.now ||
		m.find(trader, c.Order) != nil {
		return
	}
	ppm := max(m.market.MakerFeePPM, m.market.TakerFeePPM)
	amount, asset := m.need(c.Side, c.Price, c.Quantity, ppm)
	if m.money(trader, asset).Cmp(amount) < 0 || c.TimeInForce == wire.PostOnly && m.best(c.Side, c.Price) != nil {
		return
	}
	m.money(trader, asset).Sub(m.money(trader, asset), amount)
	m.match(&modelOrder{
		trader: trader, number: c.Order, price: c.Price, remaining: c.Quantity, side: c.Side, timeInForce: c.TimeInForce, feePPM: ppm, expiresAt: c.ExpiresAt,
	})
}

func (m *model) amend(trader int, c *wire.Command) {
	o := m.find(trader, c.Order)
	if o == nil || m.market.Status != wire.MarketOpen || c.Price == 0 || c.Price > m.market.MaxPrice ||
		c.Quantity < min(m.market.MinQuantity, o.remaining) || c.Quantity > m.market.MaxQuantity {
		return
	}
	kept := c.Price == o.price && c.Quantity <= o.remaining
	ppm := o.feePPM
	if !kept {
		ppm = max(m.market.MakerFeePPM, m.market.TakerFeePPM)
		if o.timeInForce == wire.PostOnly && m.best(o.side, c.Price) != nil {
			return
		}
	}
	before, asset := m.need(o.side, o.price, o.remaining, o.feePPM)
	after, _ := m.need(o.side, c.Price, c.Quantity, ppm)
	money := m.money(trader, asset)
	if new(big.Int).Add(money, before).Cmp(after) < 0 {
		return
	}
	money.Add(money, before).Sub(money, after)
	o.price, o.remaining, o.feePPM = c.Price, c.Quantity, ppm
	if !kept {
		m.orders = slices.DeleteFunc(m.orders, func(x *modelOrder) bool { return x == o })
		m.match(o)
	}
}

func (m *model) block(now uint64) {
	m.now = now
	for _, o := range slices.Clone(m.orders) {
		if o.expiresAt != 0 && o.expiresAt <= now {
			m.remove(o)
		}
	}
}

// compare holds the contract's leaves and orders to the model's.
func (m *model) compare(t *rapid.T, w *world, traders []*trader) {
	for i, tr := range traders {
		held := map[uint32]*big.Int{base: new(big.Int), quote: new(big.Int), wire.NativeAsset: new(big.Int)}
		count := 0
		for _, o := range m.orders {
			if o.trader != i {
				continue
			}
			count++
			amount, asset := m.need(o.side, o.price, o.remaining, o.feePPM)
			held[asset].Add(held[asset], amount)
			if got := w.c.orders.findClient(w.c.accounts.byID[tr.id], o.number); got == nil || got.remaining != o.remaining || got.price != o.price {
				t.Fatalf("trader %d, order %d: %+v, want %+v", i, o.number, got, o)
			}
		}
		if got := len(tr.ask(wire.Query{Kind: wire.QueryOrders}).Orders); got != count {
			t.Fatalf("trader %d has %d orders, want %d", i, got, count)
		}
		for _, asset := range []uint32{base, quote, wire.NativeAsset} {
			available, has := tr.balance(asset)
			if number(available).Cmp(m.money(i, asset)) != 0 || number(has).Cmp(held[asset]) != 0 {
				t.Fatalf("trader %d, asset %d: %d and %d, want %v and %v", i, asset, available, has, m.money(i, asset), held[asset])
			}
		}
	}
	if number(w.feeBalance(quote)).Cmp(m.fees) != 0 {
		t.Fatalf("fees %d, want %v", w.feeBalance(quote), m.fees)
	}
}

func drawCommand(t *rapid.T, now uint64, ids []wire.AccountID) wire.Command {
	few := func(name string, values ...uint64) uint64 { return rapid.SampledFrom(values).Draw(t, name) }
	kinds := []uint64{1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 5, 6, 0}
	c := wire.Command{
		Kind: uint8(few("kind", kinds...)), Order: few("order", 0, 1, 2, 3, 4, 5, 6), Market: uint32(few("market", 7, 7, 7, 7, 7, 7, 7, 8)),
		Side: uint8(few("side", 0, 1)), Price: few("price", 98, 99, 100, 101, 102, 100, 0, 1<<20, 1<<20+1),
		Quantity: few("quantity", 2, 3, 5, 10, 11, 30, 1, 0, 1<<20), TimeInForce: uint8(few("time in force", 0, 0, 0, 0, 1, 2, 3, 4)),
		Asset: uint32(few("asset", base, quote, uint64(wire.NativeAsset))), Amount: wire.U128{Lo: few("amount", 0, 1, 50, 5_000, 1<<40)},
		To: rapid.SampledFrom(ids).Draw(t, "to"),
	}
	if c.TimeInForce == wire.GoodTillDate {
		c.ExpiresAt = now + few("expiry", 0, 600, 1_100, 2_000)
	}
	c.Markets.Some = rapid.Bool().Draw(t, "one market")
	if c.Markets.Some {
		c.Markets.Value = c.Market
	}
	return c
}
