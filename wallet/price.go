package wallet

import (
	"fmt"
	"math/big"

	"github.com/bitcloak/bitcloak/wire"
)

// Pair is a market with the decimals of its two assets: what is needed to turn typed prices and quantities into ticks and
// lots and back.
type Pair struct {
	Market        wire.Market
	BaseSymbol    string
	QuoteSymbol   string
	BaseDecimals  uint8
	QuoteDecimals uint8
}

// Name is how people call the market, such as KSM/USDT.
func (p *Pair) Name() string {
	if !p.listed() {
		return fmt.Sprintf("market-%d", p.Market.ID)
	}
	return p.BaseSymbol + "/" + p.QuoteSymbol
}

// listed is false for a market of which only the number is known: its prices and quantities are ticks and lots.
func (p *Pair) listed() bool { return !p.Market.LotSize.IsZero() && p.Market.TickValue != 0 }

// lot is the quantity of one lot in whole base units.
func (p *Pair) lot() *big.Rat {
	return new(big.Rat).SetFrac(bigU128(p.Market.LotSize), powerOfTen(p.BaseDecimals))
}

// tick is the price step in whole quote units per whole base unit:
// (tick value / 10^quote decimals) / (lot size / 10^base decimals).
func (p *Pair) tick() *big.Rat {
	value := new(big.Rat).SetFrac(new(big.Int).SetUint64(p.Market.TickValue), powerOfTen(p.QuoteDecimals))
	return value.Quo(value, p.lot())
}

// LotSize and TickSize are the steps of quantity and price as people read them.
func (p *Pair) LotSize() string  { return formatRat(p.lot()) }
func (p *Pair) TickSize() string { return formatRat(p.tick()) }

// ParseQuantity turns a typed quantity of base into lots.
func (p *Pair) ParseQuantity(text string) (uint64, error) {
	return p.steps(text, "quantity", "lot", p.lot(), p.Market.MinQuantity, p.Market.MaxQuantity)
}

// ParsePrice turns a typed price, quote per base, into ticks.
func (p *Pair) ParsePrice(text string) (uint64, error) {
	return p.steps(text, "price", "tick", p.tick(), 1, p.Market.MaxPrice)
}

// FormatQuantity writes lots as people read them.
func (p *Pair) FormatQuantity(lots uint64) string {
	if !p.listed() {
		return fmt.Sprintf("%d lots", lots)
	}
	return formatSteps(lots, p.lot())
}

// FormatPrice writes ticks as people read them.
func (p *Pair) FormatPrice(ticks uint64) string {
	if !p.listed() {
		return fmt.Sprintf("%d ticks", ticks)
	}
	return formatSteps(ticks, p.tick())
}

// steps divides a typed number by a step exactly; what does not fit is refused with its two neighbours that do.
func (p *Pair) steps(text, name, stepName string, step *big.Rat, least, most uint64) (uint64, error) {
	value, err := parseDecimal(text)
	if err != nil {
		return 0, err
	}
	count := new(big.Rat).Quo(value, step)
	if !count.IsInt() {
		below := new(big.Int).Quo(count.Num(), count.Denom())
		lower := new(big.Rat).Mul(new(big.Rat).SetInt(below), step)
		upper := new(big.Rat).Add(lower, step)
		return 0, refusedf(fmt.Sprintf("use %s or %s", formatRat(lower), formatRat(upper)),
			"%s %s is not a whole number of %ss of %s on %s", name, text, stepName, formatRat(step), p.Name())
	}
	if !count.Num().IsUint64() || count.Num().Uint64() < least || count.Num().Uint64() > most {
		return 0, refusedf(fmt.Sprintf("it must lie between %s and %s", formatSteps(least, step), formatSteps(most, step)),
			"%s %s is outside the bounds of %s", name, text, p.Name())
	}
	return count.Num().Uint64(), nil
}

func formatSteps(count uint64, step *big.Rat) string {
	return formatRat(new(big.Rat).Mul(new(big.Rat).SetInt(new(big.Int).SetUint64(count)), step))
}

// maximumPriceDigits bounds the digits after the point that are shown; steps of markets are decimal fractions in practice,
// and one that is not is shown rounded and marked.
const maximumPriceDigits = 24

func formatRat(value *big.Rat) string {
	digits, exact := value.FloatPrec()
	if exact && digits <= maximumPriceDigits {
		return value.FloatString(digits)
	}
	return "~" + value.FloatString(maximumPriceDigits)
}

func bigU128(v wire.U128) *big.Int {
	high := new(big.Int).SetUint64(v.Hi)
	return high.Lsh(high, 64).Or(high, new(big.Int).SetUint64(v.Lo))
}
