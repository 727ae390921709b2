package confidential

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// listing is the arguments of set_market.
type listing struct{ Market wire.Market }

var listingCodec = scale.Struct("", "",
	scale.Field("market", wire.MarketCodec, func(l *listing) *wire.Market { return &l.Market }))

// setMarket lists a market or changes one, and tells the contract.
func setMarket(c *frame.Context, origin frame.Origin, args *listing) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	if err := putMarket(c, &args.Market); err != nil {
		return err
	}
	if room(c) == 0 {
		return ErrInboxFull
	}
	Inbox{}.Push(c, &wire.InboxMessage{Kind: wire.MessageMarket, Market: args.Market})
	marketSet.Deposit(c, args.Market.ID)
	return nil
}

// putMarket stores a market that is sound and contradicts nothing listed.
func putMarket(c *frame.Context, market *wire.Market) error {
	listed, exists := markets.Find(c, market.ID)
	check := market.Check
	if exists {
		check = func() error { return market.CheckChange(&listed) }
	}
	if err := check(); err != nil {
		if errors.Is(err, wire.ErrMarketFixed) {
			return ErrMarketFixed
		}
		return ErrMarket
	}
	if !assets.Exists(c, market.Base) || !assets.Exists(c, market.Quote) {
		return ErrMarketAsset
	}
	if !exists {
		count := marketCount.Get(c)
		if count >= maxMarkets {
			return ErrTooManyMarkets
		}
		marketCount.Set(c, count+1)
	}
	markets.Set(c, market.ID, *market)
	return nil
}
