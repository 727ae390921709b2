package wire

import (
	"errors"
	"math/bits"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Status of a market.
const (
	MarketOpen   uint8 = 0
	MarketHalted uint8 = 1
)

// Market is a pair of assets that trade, as governance lists it. Prices are in
// ticks and quantities in lots, so that every amount is an exact integer.
type Market struct {
	ID          uint32
	Base        uint32 // asset bought and sold
	Quote       uint32 // asset that pays
	LotSize     U128   // base units of one lot
	TickValue   uint64 // quote units of one lot at a price of one tick
	MinQuantity uint64 // lots of one order
	MaxQuantity uint64 // lots of one order
	MaxPrice    uint64 // ticks
	MakerFeePPM uint32 // millionths of the quote amount
	TakerFeePPM uint32
	Status      uint8
}

// MarketCodec is the codec of Market.
var MarketCodec = scale.Struct("bitcloak_wire::Market", "A pair of assets that trade.",
	scale.Field("id", scale.U32, func(v *Market) *uint32 { return &v.ID }),
	scale.Field("base", scale.U32, func(v *Market) *uint32 { return &v.Base }),
	scale.Field("quote", scale.U32, func(v *Market) *uint32 { return &v.Quote }),
	scale.Field("lot_size", scale.U128Codec, func(v *Market) *U128 { return &v.LotSize }),
	scale.Field("tick_value", scale.U64, func(v *Market) *uint64 { return &v.TickValue }),
	scale.Field("min_quantity", scale.U64, func(v *Market) *uint64 { return &v.MinQuantity }),
	scale.Field("max_quantity", scale.U64, func(v *Market) *uint64 { return &v.MaxQuantity }),
	scale.Field("max_price", scale.U64, func(v *Market) *uint64 { return &v.MaxPrice }),
	scale.Field("maker_fee_ppm", scale.U32, func(v *Market) *uint32 { return &v.MakerFeePPM }),
	scale.Field("taker_fee_ppm", scale.U32, func(v *Market) *uint32 { return &v.TakerFeePPM }),
	scale.Field("status", scale.U8, func(v *Market) *uint8 { return &v.Status }),
)

const (
	// MaxMarkets bounds the ids of markets: they are below it.
	MaxMarkets = 1 << 16
	// MaxFeePPM bounds either fee of a market: a tenth of the quote amount.
	MaxFeePPM = 100_000
	// feeUnit is the divisor of fees: parts per million.
	feeUnit = 1_000_000
	// maxAmountBits bounds a market's amounts, so that with fees none overflows.
	maxAmountBits = 120
)

// Errors of Market.Check and Market.CheckChange.
var (
	ErrMarketID     = errors.New("market refused: its id must be below 65,536")
	ErrMarketAssets = errors.New("market refused: base and quote are one asset; name two")
	ErrMarketZero   = errors.New("market refused: lot_size, tick_value, min_quantity and max_price start at 1")
	ErrMarketRange  = errors.New("market refused: min_quantity exceeds max_quantity")
	ErrMarketFee    = errors.New("market refused: a fee exceeds 100,000 ppm")
	ErrMarketStatus = errors.New("market refused: status is 0 (open) or 1 (halted)")
	ErrMarketAmount = errors.New("market refused: max_quantity * max_price must fit 64 bits, that times tick_value and max_quantity * lot_size 120 bits; lower a maximum")
	ErrMarketFixed  = errors.New("market refused: base, quote, lot_size and tick_value of a listed market never change; list another market")
)

// Check tells whether m may be listed: above all, that none of its amounts can
// overflow, so that what follows needs no error for it.
func (m *Market) Check() error {
	switch {
	case m.ID >= MaxMarkets:
		return ErrMarketID
	case m.Base == m.Quote:
		return ErrMarketAssets
	case m.LotSize.IsZero() || m.TickValue == 0 || m.MinQuantity == 0 || m.MaxPrice == 0:
		return ErrMarketZero
	case m.MinQuantity > m.MaxQuantity:
		return ErrMarketRange
	case m.MakerFeePPM > MaxFeePPM || m.TakerFeePPM > MaxFeePPM:
		return ErrMarketFee
	case m.Status > MarketHalted:
		return ErrMarketStatus
	}
	base, fits := m.LotSize.Mul(m.MaxQuantity)
	if !fits || base.Hi>>(maxAmountBits-64) != 0 {
		return ErrMarketAmount
	}
	over, notional := bits.Mul64(m.MaxQuantity, m.MaxPrice)
	high, _ := bits.Mul64(notional, m.TickValue)
	if over != 0 || high>>(maxAmountBits-64) != 0 {
		return ErrMarketAmount
	}
	return nil
}

// CheckChange tells whether m may replace listed, whose open orders stay.
func (m *Market) CheckChange(listed *Market) error {
	if m.Base != listed.Base || m.Quote != listed.Quote || m.LotSize != listed.LotSize || m.TickValue != listed.TickValue {
		return ErrMarketFixed
	}
	return m.Check()
}

// BaseAmount is lots in base units; ok is false if it overflows, which lots of a
// checked market's orders never do.
func (m *Market) BaseAmount(lots uint64) (amount U128, ok bool) { return m.LotSize.Mul(lots) }

// QuoteAmount is lots at a price of ticks, in quote units; ok as for BaseAmount.
func (m *Market) QuoteAmount(lots, ticks uint64) (amount U128, ok bool) {
	over, notional := bits.Mul64(lots, ticks)
	if over != 0 {
		return U128{}, false
	}
	high, low := bits.Mul64(notional, m.TickValue)
	return U128{Lo: low, Hi: high}, true
}

// Fee is floor(quote * ppm / 1,000,000). The product is taken in 256 bits and
// the quotient fits, since ppm is below a million.
func Fee(quote U128, ppm uint32) U128 {
	if product, ok := quote.Mul(uint64(ppm)); ok {
		fee, _, _ := product.DivMod(feeUnit)
		return fee
	}
	fee, _ := scale.MulDiv(quote, scale.U128From(uint64(ppm)), scale.U128From(feeUnit))
	return fee
}
