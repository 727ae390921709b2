package contract

import (
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// TestTradeByHand follows money through a trade with numbers worked out by hand.
// Market: 100 base units a lot, 3 quote units a lot and tick, fees 0.1 % and 0.25 %.
func TestTradeByHand(t *testing.T) {
	w := newMarketWorld(t)
	seller, buyer := w.newFunded(1), w.newFunded(2)
	seller.send(limit(1, wire.Sell, 2_000, 10))
	w.block()
	seller.wantBalance(base, 1_000_000-1_000, 1_000)

	// The buyer's limit is above: it holds 15 lots * 2,500 * 3 = 112,500 and 0.25 % of
	// it, 281 (floored); it trades 10 lots at 2,000: 60,000, with a fee of 150 as taker.
	buyer.send(limit(9, wire.Buy, 2_500, 15))
	w.block()
	// What rests, 5 lots * 2,500 * 3 = 37,500, holds 93 for fees.
	buyer.wantBalance(quote, 10_000_000-60_150-37_593, 37_593)
	buyer.wantBalance(base, 1_000_000+1_000, 0)
	seller.wantBalance(base, 1_000_000-1_000, 0)
	seller.wantBalance(quote, 10_000_000+60_000-60, 0) // 0.1 % as maker
	if got := w.feeBalance(quote); got != 150+60 {
		t.Errorf("fee account has %d", got)
	}

	// The rest fills against a cheaper seller, at the resting buyer's price.
	seller.send(limit(2, wire.Sell, 1, 5))
	w.block()
	buyer.wantBalance(quote, 10_000_000-60_150-37_500-37, 0) // 0.1 % of 37,500 floored
	seller.wantBalance(quote, 10_000_000+59_940+37_500-93, 0)

	fills := buyer.ask(wire.Query{Kind: wire.QueryFills}).Fills
	if len(fills) != 2 {
		t.Fatalf("%d fills", len(fills))
	}
	want := wire.Fill{
		Index: 2, Trade: fills[1].Trade, Order: 9, Market: testMarket, Side: wire.Buy, Maker: true, Price: 2_500, Quantity: 5,
		Base: wire.U128{Lo: 500}, Quote: wire.U128{Lo: 37_500}, Fee: wire.U128{Lo: 37}, Checkpoint: w.last.Checkpoint, Number: w.number, Timestamp: w.time,
	}
	if fills[1] != want {
		t.Errorf("fill %+v, want %+v", fills[1], want)
	}
	theirs := seller.ask(wire.Query{Kind: wire.QueryFills}).Fills
	if len(theirs) != 2 || theirs[1].Trade != fills[1].Trade || theirs[0].Trade == theirs[1].Trade || theirs[1].Maker {
		t.Errorf("the other side's fills: %+v", theirs)
	}
	receipt := buyer.ask(wire.Query{Kind: wire.QueryReceipt, Fill: 2})
	if receipt.Fill != want || !receipt.Base.Verify(w.last.StateRoot) || !receipt.Quote.Verify(w.last.StateRoot) {
		t.Errorf("receipt %+v", receipt.Fill)
	}
}

func TestTimesInForce(t *testing.T) {
	w := newMarketWorld(t)
	maker, taker := w.newFunded(1), w.newFunded(2)
	maker.send(limit(1, wire.Sell, 100, 4))
	immediate := limit(1, wire.Buy, 100, 10)
	immediate.TimeInForce = wire.ImmediateOrCancel
	taker.send(immediate)
	w.block()
	if e := taker.lastEvent(); e.Kind != wire.EventCancelled || e.Quantity != 6 || e.Reason != wire.ReasonRemainder {
		t.Errorf("the rest of an immediate order: %+v", e)
	}
	taker.wantBalance(quote, 10_000_000-1_200-3, 0)

	maker.send(limit(2, wire.Sell, 100, 4))
	post := limit(2, wire.Buy, 100, 10)
	post.TimeInForce = wire.PostOnly
	taker.send(post)
	w.block()
	taker.wantRejected(wire.CommandPlace, wire.ReasonWouldTake)
	post.Price = 99
	taker.send(post)
	w.block()
	if orders := taker.ask(wire.Query{Kind: wire.QueryOrders}).Orders; len(orders) != 1 || orders[0].TimeInForce != wire.PostOnly {
		t.Errorf("orders %+v", orders)
	}

	dated := limit(3, wire.Buy, 50, 10)
	dated.TimeInForce, dated.ExpiresAt = wire.GoodTillDate, w.time+1_200
	taker.send(dated)
	w.block()
	_, held := taker.balance(quote)
	w.block() // 1,000 ms after
	if _, still := taker.balance(quote); still != held {
		t.Error("the order expired early")
	}
	w.block()
	if e := taker.lastEvent(); e.Kind != wire.EventExpired || e.Order != 3 || e.Quantity != 10 {
		t.Errorf("last event %+v", e)
	}
	if _, left := taker.balance(quote); left != held-1_500-3 {
		t.Errorf("held %d after expiry, %d before", left, held)
	}

	never := limit(4, wire.Buy, 50, 10)
	never.TimeInForce = wire.FillOrKill
	taker.send(never)
	w.block()
	taker.wantRejected(wire.CommandPlace, wire.ReasonTimeInForce)
}

func TestAmendAndCancel(t *testing.T) {
	w := newMarketWorld(t)
	maker, taker := w.newFunded(1), w.newFunded(2)
	maker.send(limit(1, wire.Buy, 100, 10))
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 200, Quantity: 20})
	w.block()
	maker.wantBalance(quote, 10_000_000-12_030, 12_030) // 200 * 20 * 3 and 0.25 %
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 200, Quantity: 5})
	w.block()
	maker.wantBalance(quote, 10_000_000-3_007, 3_007)
	if o := maker.ask(wire.Query{Kind: wire.QueryOrders}).Orders; len(o) != 1 || o[0].Quantity != 5 || o[0].Remaining != 5 || o[0].Price != 200 {
		t.Errorf("orders %+v", o)
	}
	// Amending into the other side's price trades, as a taker.
	taker.send(limit(1, wire.Sell, 210, 2))
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 210, Quantity: 5})
	w.block()
	if o := maker.ask(wire.Query{Kind: wire.QueryOrders}).Orders; len(o) != 1 || o[0].Quantity != 5 || o[0].Remaining != 3 {
		t.Errorf("orders %+v", o)
	}
	if fills := maker.ask(wire.Query{Kind: wire.QueryFills}).Fills; len(fills) != 1 || fills[0].Maker || fills[0].Fee.Lo != 3 {
		t.Errorf("fills %+v", fills)
	}
	maker.send(wire.Command{Kind: wire.CommandCancel, Order: 1})
	w.block()
	maker.wantBalance(quote, 10_000_000-1_260-3, 0)
	if e := maker.lastEvent(); e.Kind != wire.EventCancelled || e.Quantity != 3 || e.Reason != wire.ReasonOwner {
		t.Errorf("last event %+v", e)
	}
	for order := range uint64(5) {
		maker.send(limit(10+order, wire.Buy, 10, 10))
	}
	maker.send(wire.Command{Kind: wire.CommandCancelAll})
	w.block()
	maker.wantBalance(quote, 10_000_000-1_263, 0)
	if len(maker.ask(wire.Query{Kind: wire.QueryOrders}).Orders) != 0 {
		t.Error("orders stay open")
	}
}

// TestAmendKeepsOrTakesFees: a decrease keeps the fees the order was placed under,
// what enters the book anew takes those of now; and an order that filled below the
// market's minimum may still change its price, but not shrink further.
func TestAmendKeepsOrTakesFees(t *testing.T) {
	w := newMarketWorld(t)
	maker, taker := w.newFunded(1), w.newFunded(2)
	maker.send(limit(1, wire.Buy, 1_000, 10))
	w.block()
	dear := exampleMarket()
	dear.TakerFeePPM, dear.MinQuantity = 100_000, 5
	w.list(dear)
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 1_000, Quantity: 8})
	w.block()
	maker.wantBalance(quote, 10_000_000-24_060, 24_060) // 8 * 1,000 * 3 and 0.25 %
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 1_001, Quantity: 8})
	w.block()
	maker.wantBalance(quote, 10_000_000-24_024-2_402, 24_024+2_402)
	taker.send(limit(1, wire.Sell, 1_001, 6))
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 1_000, Quantity: 1})
	w.block()
	maker.wantRejected(wire.CommandAmend, wire.ReasonQuantity)
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 900, Quantity: 2})
	w.block()
	if o := maker.ask(wire.Query{Kind: wire.QueryOrders}).Orders; len(o) != 1 || o[0].Price != 900 || o[0].Remaining != 2 {
		t.Errorf("orders %+v", o)
	}
}

// TestSelfTradeIsPrevented: the incoming order's rest is cancelled, the resting one stays.
func TestSelfTradeIsPrevented(t *testing.T) {
	w := newMarketWorld(t)
	tr := w.newFunded(1)
	tr.send(limit(1, wire.Sell, 100, 4))
	tr.send(limit(2, wire.Buy, 100, 9))
	w.block()
	if e := tr.lastEvent(); e.Kind != wire.EventCancelled || e.Order != 2 || e.Quantity != 9 || e.Reason != wire.ReasonSelfMatch {
		t.Errorf("last event %+v", e)
	}
	tr.wantBalance(quote, 10_000_000, 0)
	tr.wantBalance(base, 1_000_000-400, 400)
}

// TestI6Priority: best price first, then time; never outside the limit.
func TestI6Priority(t *testing.T) {
	w := newMarketWorld(t)
	early, late, cheap, taker := w.newFunded(1), w.newFunded(2), w.newFunded(3), w.newFunded(4)
	early.send(limit(1, wire.Sell, 100, 4))
	late.send(limit(1, wire.Sell, 100, 4))
	cheap.send(limit(1, wire.Sell, 99, 4))
	w.block()
	taker.send(limit(1, wire.Buy, 100, 6))
	w.block()
	var traded []uint64
	for _, tr := range []*trader{cheap, early, late} {
		lots := uint64(0)
		for _, f := range tr.ask(wire.Query{Kind: wire.QueryFills}).Fills {
			lots += f.Quantity
		}
		traded = append(traded, lots)
	}
	if traded[0] != 4 || traded[1] != 2 || traded[2] != 0 {
		t.Errorf("cheap, early, late traded %v", traded)
	}
	for _, f := range taker.ask(wire.Query{Kind: wire.QueryFills}).Fills {
		if f.Price > 100 {
			t.Errorf("filled at %d, above the limit", f.Price)
		}
	}
	// An amendment that loses priority goes behind; a decrease keeps it.
	early.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 100, Quantity: 3})
	taker.send(limit(2, wire.Buy, 100, 2))
	w.block()
	if e := late.lastEvent(); e.Kind != wire.EventFilled {
		t.Errorf("an increased order kept its place: %+v", e)
	}
}

func TestMarketChanges(t *testing.T) {
	w := newMarketWorld(t)
	maker, taker := w.newFunded(1), w.newFunded(2)
	maker.send(limit(1, wire.Sell, 1_000, 10))
	w.block()
	halted := exampleMarket()
	halted.Status = wire.MarketHalted
	w.list(halted)
	taker.send(limit(1, wire.Buy, 1_000, 10))
	maker.send(wire.Command{Kind: wire.CommandAmend, Order: 1, Price: 900, Quantity: 10})
	w.block()
	taker.wantRejected(wire.CommandPlace, wire.ReasonMarketHalted)
	maker.wantRejected(wire.CommandAmend, wire.ReasonMarketHalted)
	if copied := w.restore(w.snapshot()); copied.Epoch() != w.epoch {
		t.Error("a halted market's orders do not restore")
	}

	// Reopened at higher fees: the resting order pays no more than it was placed under.
	dear := exampleMarket()
	dear.MakerFeePPM, dear.TakerFeePPM = 50_000, 60_000
	w.list(dear)
	taker.send(limit(2, wire.Buy, 1_000, 10))
	w.block()
	fill := maker.ask(wire.Query{Kind: wire.QueryFills}).Fills[0]
	if fill.Fee.Lo != 75 { // 2,500 ppm of 30,000
		t.Errorf("the resting order paid %v", fill.Fee)
	}
	if fee := taker.ask(wire.Query{Kind: wire.QueryFills}).Fills[0].Fee; fee.Lo != 1_800 {
		t.Errorf("the incoming order paid %v", fee)
	}

	// What would change the amounts of open orders changes nothing.
	maker.send(limit(3, wire.Sell, 1_000, 10))
	w.block()
	for _, spoil := range []func(*wire.Market){
		func(m *wire.Market) { m.LotSize.Lo++ }, func(m *wire.Market) { m.TickValue++ },
		func(m *wire.Market) { m.Base = 55 }, func(m *wire.Market) { m.Quote = 55 }, func(m *wire.Market) { m.MakerFeePPM = 1 << 30 },
	} {
		bad := exampleMarket()
		spoil(&bad)
		w.list(bad)
		w.block()
		if got := w.c.findMarket(testMarket).Market; got != dear {
			t.Fatalf("the market became %+v", got)
		}
	}
	maker.send(wire.Command{Kind: wire.CommandCancel, Order: 3})
	w.block()
	maker.wantBalance(base, 1_000_000-1_000, 0)
}
