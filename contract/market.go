package contract

import (
	"encoding/binary"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/wire"
)

// market is a listed market and the leaf that its fees go to.
type market struct {
	wire.Market
	feeLeaf uint32
	item    digest
}

// findMarket gives a listed market, or nil.
func (c *Contract) findMarket(id uint32) *market {
	if uint64(id) >= uint64(len(c.markets)) {
		return nil
	}
	return c.markets[id]
}

// applyMarket lists a market or changes a listed one, whose open orders stay. The
// chain has checked it; what breaks the rules all the same changes nothing.
func (c *Contract) applyMarket(listing *wire.Market) {
	m := c.findMarket(listing.ID)
	if m == nil {
		if listing.Check() != nil || !c.ledgerRoom(listing.Quote) {
			return
		}
		c.listMarket(listing)
	} else {
		if listing.CheckChange(&m.Market) != nil {
			return
		}
		m.Market = *listing
		c.replaceItem(&m.item, c.marketItem(m))
	}
	c.events.Reset()
	c.book.SetMarket(engine.Market{ID: engine.MarketID(listing.ID), State: engine.MarketState(listing.Status)}, &c.events)
	c.expect(len(c.events) == 1 && c.events[0].Type == engine.MarketSet)
}

// listMarket adds a market, which the engine is not told of here.
func (c *Contract) listMarket(listing *wire.Market) {
	for uint64(len(c.markets)) <= uint64(listing.ID) { // ids are below wire.MaxMarkets
		c.markets = append(c.markets, nil)
	}
	m := &market{Market: *listing, feeLeaf: c.openLeaf(feeAccount, listing.Quote)}
	c.replaceItem(&m.item, c.marketItem(m))
	c.markets[listing.ID] = m
}

// marketItem leaves out the fee leaf, which follows from the quote asset.
func (c *Contract) marketItem(m *market) []byte { return m.append(c.startItem(itemMarket)) }

// marketSize is the length of an encoded market in bytes.
const marketSize = 69

func (m *market) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, m.ID)
	b = binary.LittleEndian.AppendUint32(b, m.Base)
	b = binary.LittleEndian.AppendUint32(b, m.Quote)
	b = appendU128(b, m.LotSize)
	b = binary.LittleEndian.AppendUint64(b, m.TickValue)
	b = binary.LittleEndian.AppendUint64(b, m.MinQuantity)
	b = binary.LittleEndian.AppendUint64(b, m.MaxQuantity)
	b = binary.LittleEndian.AppendUint64(b, m.MaxPrice)
	b = binary.LittleEndian.AppendUint32(b, m.MakerFeePPM)
	b = binary.LittleEndian.AppendUint32(b, m.TakerFeePPM)
	return append(b, m.Status)
}
