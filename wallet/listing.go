package wallet

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Listing is the assets and markets of a network, as proven once.
type Listing struct {
	Assets []chain.Asset
	Pairs  []Pair
}

// Listing reads assets and markets, once.
func (c *Client) Listing(ctx context.Context) (*Listing, error) {
	c.mutex.Lock()
	known := c.listing
	c.mutex.Unlock()
	if known != nil {
		return known, nil
	}
	listing, err := ReadListing(ctx, c.chain)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	c.listing = listing
	c.mutex.Unlock()
	return listing, nil
}

// ReadListing reads assets and markets at the newest head.
func ReadListing(ctx context.Context, network *chain.Client) (*Listing, error) {
	assets, err := network.Assets(ctx)
	if err != nil {
		return nil, err
	}
	markets, err := network.Markets(ctx)
	if err != nil {
		return nil, err
	}
	listing := &Listing{Assets: assets}
	for _, market := range markets {
		base, quote := listing.assetByID(market.Base), listing.assetByID(market.Quote)
		if base == nil || quote == nil {
			continue // not for people yet: an asset without a record cannot be shown
		}
		listing.Pairs = append(listing.Pairs, Pair{Market: market, BaseSymbol: base.Symbol, QuoteSymbol: quote.Symbol,
			BaseDecimals: base.Decimals, QuoteDecimals: quote.Decimals})
	}
	return listing, nil
}

func (l *Listing) assetByID(id uint32) *chain.Asset {
	for i := range l.Assets {
		if l.Assets[i].ID == id {
			return &l.Assets[i]
		}
	}
	return nil
}

// AssetByID is an asset, or a nameless one of its number if the listing does not have it.
func (l *Listing) AssetByID(id uint32) chain.Asset {
	if asset := l.assetByID(id); asset != nil {
		return *asset
	}
	return chain.Asset{ID: id, Symbol: fmt.Sprintf("asset-%d", id)}
}

// Asset finds an asset by its symbol, in any case, or by its number. A symbol that several assets claim is refused: anyone can
// create an asset, and call it like another.
func (l *Listing) Asset(name string) (*chain.Asset, error) {
	if id, err := strconv.ParseUint(name, 10, 32); err == nil {
		if asset := l.assetByID(uint32(id)); asset != nil {
			return asset, nil
		}
	}
	var found *chain.Asset
	for i := range l.Assets {
		if !strings.EqualFold(l.Assets[i].Symbol, name) {
			continue
		}
		if found != nil {
			return nil, refusedf(fmt.Sprintf("name it by number: %d or %d (see 'bitcloak wallet assets')", found.ID, l.Assets[i].ID),
				"several assets are called %q", name)
		}
		found = &l.Assets[i]
	}
	if found == nil {
		return nil, refusedf("see 'bitcloak wallet assets'", "there is no asset %q", name)
	}
	return found, nil
}

// PairOf finds the market of two assets.
func (l *Listing) PairOf(base, quote *chain.Asset) (*Pair, error) {
	for i := range l.Pairs {
		if m := &l.Pairs[i].Market; m.Base == base.ID && m.Quote == quote.ID {
			return &l.Pairs[i], nil
		}
	}
	for i := range l.Pairs {
		if m := &l.Pairs[i].Market; m.Base == quote.ID && m.Quote == base.ID {
			return nil, refusedf(fmt.Sprintf("prices there are in %s: buy or sell %s", base.Symbol, quote.Symbol),
				"there is no market %s/%s, but one %s", base.Symbol, quote.Symbol, l.Pairs[i].Name())
		}
	}
	return nil, refusedf("see 'bitcloak wallet markets'", "there is no market %s/%s", base.Symbol, quote.Symbol)
}

// PairByID is the market of a number.
func (l *Listing) PairByID(id uint32) (*Pair, error) {
	for i := range l.Pairs {
		if l.Pairs[i].Market.ID == id {
			return &l.Pairs[i], nil
		}
	}
	return nil, refusedf("see 'bitcloak wallet markets'", "there is no market %d", id)
}

// Pair finds a market by its name, such as KSM/USDT, or its number.
func (l *Listing) Pair(name string) (*Pair, error) {
	if id, err := strconv.ParseUint(name, 10, 32); err == nil {
		return l.PairByID(uint32(id))
	}
	baseName, quoteName, _ := strings.Cut(name, "/")
	base, err := l.Asset(baseName)
	if err != nil {
		return nil, err
	}
	quote, err := l.Asset(quoteName)
	if err != nil {
		return nil, err
	}
	return l.PairOf(base, quote)
}

// Open tells whether the market takes orders.
func (p *Pair) Open() bool { return p.Market.Status == wire.MarketOpen }
