package main

import (
	"context"
	"crypto/rand"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
)

// execute hands a line's command over.
func (t *trading) execute(ctx context.Context, words []string) (*wallet.Ticket, error) {
	arguments := words[1:]
	switch words[0] {
	case "place":
		return t.placeLine(ctx, arguments)
	case "amend":
		return t.amendLine(ctx, arguments)
	case "cancel":
		if len(arguments) != 1 {
			return nil, usagef("write: cancel ORDER")
		}
		order, err := parseNumber("an order's number", arguments[0])
		if err != nil {
			return nil, err
		}
		return t.current().Cancel(ctx, order)
	case "withdraw", "transfer":
		return t.moneyLine(ctx, words[0], arguments)
	}
	return nil, usagef("%q is none of place, amend, cancel, withdraw, transfer", words[0])
}

// placeLine reads: buy|sell QUANTITY BASE at PRICE QUOTE [ioc|post-only].
func (t *trading) placeLine(ctx context.Context, arguments []string) (*wallet.Ticket, error) {
	inForce := wire.GoodTillCancelled
	if len(arguments) == 7 {
		switch arguments[6] {
		case "ioc":
			inForce = wire.ImmediateOrCancel
		case "post-only":
			inForce = wire.PostOnly
		default:
			return nil, usagef("%q is neither ioc nor post-only", arguments[6])
		}
		arguments = arguments[:6]
	}
	if len(arguments) != 6 {
		return nil, usagef("write: place buy|sell QUANTITY BASE at PRICE QUOTE [ioc|post-only]")
	}
	side, err := parseSide(arguments)
	if err != nil {
		return nil, err
	}
	order, err := t.parseOrder(ctx, t.client, arguments)
	if err != nil {
		return nil, err
	}
	order.Side, order.TimeInForce = side, inForce
	ticket, err := t.current().Place(ctx, order)
	if err == nil {
		t.mutex.Lock()
		t.markets[ticket.Order] = order.Pair.Market.ID
		t.mutex.Unlock()
	}
	return ticket, err
}

// amendLine reads: ORDER price PRICE quantity QUANTITY. Both are wanted: to look the other up would be a question that shows.
func (t *trading) amendLine(ctx context.Context, arguments []string) (*wallet.Ticket, error) {
	if len(arguments) != 5 || arguments[1] != "price" || arguments[3] != "quantity" {
		return nil, usagef("write: amend ORDER price PRICE quantity QUANTITY")
	}
	order, err := parseNumber("an order's number", arguments[0])
	if err != nil {
		return nil, err
	}
	t.mutex.Lock()
	market, known := t.markets[order]
	t.mutex.Unlock()
	if !known {
		return nil, &wallet.Refused{Cause: "this session knows no such order", Remedy: "see 'bitcloak wallet order list'"}
	}
	pair, err := t.listing.PairByID(market)
	if err != nil {
		return nil, err
	}
	price, err := pair.ParsePrice(arguments[2])
	if err != nil {
		return nil, err
	}
	quantity, err := t.parseQuantity(pair, arguments[4])
	if err != nil {
		return nil, err
	}
	return t.current().Amend(ctx, order, price, quantity)
}

// moneyLine reads: AMOUNT ASSET [to ADDRESS].
func (t *trading) moneyLine(ctx context.Context, what string, arguments []string) (*wallet.Ticket, error) {
	to := t.client.Account()
	switch {
	case len(arguments) == 4 && arguments[2] == "to":
		var err error
		if to, err = wallet.ParseAddress(arguments[3]); err != nil {
			return nil, err
		}
	case len(arguments) != 2 || what == "transfer":
		return nil, usagef("write: withdraw AMOUNT ASSET [to ADDRESS], or transfer AMOUNT ASSET to ADDRESS")
	}
	asset, err := t.listing.Asset(arguments[1])
	if err != nil {
		return nil, err
	}
	amount, err := t.amountOf(arguments[0], asset)
	if err != nil {
		return nil, err
	}
	if what == "withdraw" {
		return t.current().Withdraw(ctx, asset.ID, amount, to)
	}
	return t.current().Transfer(ctx, asset.ID, amount, to)
}

// envelopeFee asks the node what a transaction with one command costs. It is signed by a key that nobody has, so that the node can do
// nothing with it.
func (t *trading) envelopeFee(ctx context.Context) (fee scale.U128, err error) {
	var seed [32]byte
	rand.Read(seed[:])
	nobody, err := keys.NewPair(keys.Sr25519, seed)
	if err != nil {
		return fee, err
	}
	defer nobody.Wipe()
	envelope := make([]byte, wire.CommandEnvelopeSize)
	envelope[0] = wire.ClassCommand
	call, err := wire.CallSubmit([][]byte{envelope})
	if err != nil {
		return fee, err
	}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{}, extrinsic.Implicit{}, extrinsic.SignerOf(nobody))
	if err != nil {
		return fee, err
	}
	var info struct {
		PartialFee string `json:"partialFee"`
	}
	if err := t.node.Call(ctx, &info, "payment_queryInfo", scale.HexBytes(signed)); err != nil {
		return fee, err
	}
	return scale.ParseU128(info.PartialFee)
}
