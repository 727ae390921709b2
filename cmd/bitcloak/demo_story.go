package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// sessionLength is how long the story's sessions are valid.
const sessionLength = 24 * time.Hour

// trader is one of the story's people.
type trader struct {
	name   string
	pair   keys.Pair
	client *wallet.Client
	fills  []wire.Fill
}

// demoSecret is a piece of plaintext that must be nowhere on the chain.
type demoSecret struct {
	what  string
	bytes []byte
}

func (d *demo) trader(name string) (*trader, error) {
	pair, err := pairFromSURI("//" + name)
	if err != nil {
		return nil, err
	}
	client := wallet.New(wallet.Config{Chain: d.chain, Worker: d.worker, Pair: pair})
	return &trader{name: name, pair: pair, client: client}, nil
}

// play runs the story from the deposits to the withdrawals.
func (d *demo) play(ctx context.Context) error {
	alice, err := d.trader("Alice")
	if err != nil {
		return err
	}
	bob, err := d.trader("Bob")
	if err != nil {
		return err
	}
	charlie, err := d.trader("Charlie")
	if err != nil {
		return err
	}
	defer func() {
		for _, t := range []*trader{alice, bob, charlie} {
			t.pair.Wipe()
		}
	}()
	d.say("Deposits, seen by everyone:")
	if err := d.deposit(ctx, alice, "5000", "USDT", false); err != nil {
		return err
	}
	if err := d.deposit(ctx, bob, "200", "KSM", true); err != nil {
		return err
	}
	d.say("\nSessions, opened with a post-quantum sealed envelope:")
	for _, t := range []*trader{alice, bob} {
		session, err := t.client.OpenSession(ctx, sessionLength)
		if err != nil {
			return fmt.Errorf("%s opens a session: %w", t.name, err)
		}
		d.say("  %s opened session %s", t.name, session.ID)
	}
	if err := d.garbage(ctx, charlie); err != nil {
		return err
	}
	if err := d.trade(ctx, alice, bob); err != nil {
		return err
	}
	for _, t := range []*trader{alice, bob} {
		if err := d.list(ctx, t); err != nil {
			return err
		}
	}
	return d.leave(ctx, alice, bob)
}

func (d *demo) deposit(ctx context.Context, t *trader, text, symbol string, sealed bool) error {
	asset, err := d.listing.Asset(symbol)
	if err != nil {
		return err
	}
	amount, err := wallet.ParseAmount(text, asset.Decimals)
	if err != nil {
		return err
	}
	deposited, err := t.client.Deposit(ctx, asset, amount, t.client.Account(), sealed)
	if err != nil {
		return fmt.Errorf("%s deposits: %w", t.name, err)
	}
	beneficiary := "plain beneficiary"
	if sealed {
		beneficiary = "sealed beneficiary"
	}
	d.say("  %s deposited %s %s in block %d (%s)", t.name, text, symbol, deposited.Number, beneficiary)
	return nil
}

// garbage has Charlie send envelopes that nobody sealed. They cost him their fee, and nothing else changes.
func (d *demo) garbage(ctx context.Context, charlie *trader) error {
	before, err := d.chain.Account(ctx, charlie.client.Account())
	if err != nil {
		return err
	}
	command, opening := make([]byte, wire.CommandEnvelopeSize), make([]byte, wire.OpeningEnvelopeSize)
	rand.Read(command)
	rand.Read(opening)
	command[0], opening[0] = wire.ClassCommand, wire.ClassOpening
	call, err := wire.CallSubmit([][]byte{command, opening, []byte("not an envelope")})
	if err != nil {
		return err
	}
	sent, err := d.chain.SubmitAndWatch(ctx, extrinsic.SignerOf(charlie.pair), call)
	if err != nil {
		return err
	}
	inclusion, err := sent.Included(ctx)
	if err != nil {
		return err
	}
	view, err := d.chain.Covered(ctx, inclusion.Block.Number)
	if err != nil {
		return err
	}
	after, err := d.chain.Account(ctx, charlie.client.Account())
	if err != nil {
		return err
	}
	fee, _ := before.Free.Sub(after.Free)
	d.result.GarbageRejected = !fee.IsZero() && !view.Halted
	d.say("\nCharlie submitted two forged envelopes and a piece of text: it cost him %s CLOAK and changed nothing.", wallet.FormatAmount(fee, 12))
	return nil
}

// trade plays the orders: a large rest, a better price, a partial fill, an immediate order, and a cancel.
func (d *demo) trade(ctx context.Context, alice, bob *trader) error {
	pair, err := d.listing.Pair("KSM/USDT")
	if err != nil {
		return err
	}
	d.say("\nSealed orders on %s:", pair.Name())
	orders := []struct {
		by              *trader
		side            uint8
		quantity, price string
		timeInForce     uint8
	}{
		{bob, wire.Sell, "41.377", "25.13", wire.GoodTillCancelled},
		{alice, wire.Buy, "15.291", "25.79", wire.GoodTillCancelled},
		{alice, wire.Buy, "37.483", "25.17", wire.GoodTillCancelled},
		{bob, wire.Sell, "3.419", "24.91", wire.ImmediateOrCancel},
	}
	var resting uint64
	for _, order := range orders {
		result, err := d.place(ctx, order.by, pair, order.side, order.quantity, order.price, order.timeInForce)
		if err != nil {
			return fmt.Errorf("%s places: %w", order.by.name, err)
		}
		if order.by == alice && result.Remaining > 0 {
			resting = result.Order
		}
	}
	if resting == 0 {
		return fmt.Errorf("no order of Alice rests, though one should be partly filled")
	}
	cancelled, err := alice.client.Cancel(ctx, resting)
	if err != nil {
		return err
	}
	d.say("  Alice cancelled what was left of order %d: %s KSM", cancelled.Order, pair.FormatQuantity(cancelled.Remaining))
	return nil
}

func (d *demo) place(ctx context.Context, t *trader, pair *wallet.Pair, side uint8, quantity, price string, timeInForce uint8) (*wallet.OrderResult, error) {
	lots, err := pair.ParseQuantity(quantity)
	if err != nil {
		return nil, err
	}
	ticks, err := pair.ParsePrice(price)
	if err != nil {
		return nil, err
	}
	// In a command the price is followed by the quantity, eight bytes each (spec/wire.md, 4).
	fields := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, ticks), lots)
	d.secrets = append(d.secrets, demoSecret{fmt.Sprintf("price and quantity of %s's order", t.name), fields})
	result, err := t.client.Place(ctx, wallet.Order{Pair: pair, Side: side, Price: ticks, Quantity: lots, TimeInForce: timeInForce})
	if err != nil {
		return nil, err
	}
	word := map[uint8]string{wire.Buy: "buys ", wire.Sell: "sells"}[side]
	d.say("  %-5s %s %s KSM at %s: %s, %s filled, %s left", t.name, word, quantity, price, result.Status,
		pair.FormatQuantity(result.Filled), pair.FormatQuantity(result.Remaining))
	return result, nil
}

// list shows a trader's own orders and fills.
func (d *demo) list(ctx context.Context, t *trader) error {
	orders, err := t.client.Orders(ctx)
	if err != nil {
		return err
	}
	if t.fills, err = t.client.Fills(ctx, 0, 100); err != nil {
		return err
	}
	d.result.Fills += len(t.fills)
	d.say("\nWhat %s sees: %d open orders, %d fills", t.name, len(orders), len(t.fills))
	table := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "  fill\torder\tside\tquantity\tprice\tquote\tfee\trole")
	for _, fill := range t.fills {
		pair, err := d.listing.PairByID(fill.Market)
		if err != nil {
			return err
		}
		side, role := "buy", "taker"
		if fill.Side == wire.Sell {
			side = "sell"
		}
		if fill.Maker {
			role = "maker"
		}
		fmt.Fprintf(table, "  %d\t%d\t%s\t%s %s\t%s\t%s %s\t%s\t%s\n", fill.Index, fill.Order, side, pair.FormatQuantity(fill.Quantity), pair.BaseSymbol,
			pair.FormatPrice(fill.Price), wallet.FormatAmount(fill.Quote, pair.QuoteDecimals), pair.QuoteSymbol, wallet.FormatAmount(fill.Fee, pair.QuoteDecimals), role)
	}
	return table.Flush()
}

// leave has both traders withdraw all they can of what they bought, and checks that it has arrived.
func (d *demo) leave(ctx context.Context, alice, bob *trader) error {
	d.say("\nWithdrawals, seen by everyone:")
	d.result.Withdrawn = true
	for _, w := range []struct {
		by     *trader
		symbol string
	}{{alice, "KSM"}, {bob, "USDT"}} {
		before, err := d.balance(ctx, w.by, w.symbol)
		if err != nil {
			return err
		}
		withdrawal, err := w.by.client.Withdraw(ctx, &before.Asset, before.Available, w.by.client.Account())
		if err != nil {
			return fmt.Errorf("%s withdraws: %w", w.by.name, err)
		}
		after, err := d.balance(ctx, w.by, w.symbol)
		if err != nil {
			return err
		}
		arrived, ok := after.Public.Sub(before.Public)
		d.result.Withdrawn = d.result.Withdrawn && withdrawal.Paid && ok && arrived == before.Available
		d.say("  %s withdrew %s %s, paid in block %d", w.by.name, wallet.FormatAmount(before.Available, before.Asset.Decimals), w.symbol, withdrawal.Number)
	}
	return nil
}

func (d *demo) balance(ctx context.Context, t *trader, symbol string) (wallet.Balance, error) {
	balances, _, err := t.client.Balances(ctx)
	if err != nil {
		return wallet.Balance{}, err
	}
	for _, balance := range balances {
		if balance.Asset.Symbol == symbol {
			return balance, nil
		}
	}
	return wallet.Balance{}, fmt.Errorf("%s has no %s", t.name, symbol)
}
