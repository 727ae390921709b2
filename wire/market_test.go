package wire

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func exampleMarket() Market {
	return Market{
		ID: 1, Base: 1, Quote: 2, LotSize: U128{Lo: 1_000_000}, TickValue: 10, MinQuantity: 1, MaxQuantity: 1 << 30,
		MaxPrice: 1 << 30, MakerFeePPM: 1_000, TakerFeePPM: 2_000,
	}
}

func TestMarketCheck(t *testing.T) {
	good := exampleMarket()
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[error]func(*Market){
		ErrMarketID:     func(m *Market) { m.ID = MaxMarkets },
		ErrMarketAssets: func(m *Market) { m.Quote = m.Base },
		ErrMarketZero:   func(m *Market) { m.TickValue = 0 },
		ErrMarketRange:  func(m *Market) { m.MinQuantity = m.MaxQuantity + 1 },
		ErrMarketFee:    func(m *Market) { m.TakerFeePPM = MaxFeePPM + 1 },
		ErrMarketStatus: func(m *Market) { m.Status = 2 },
		ErrMarketAmount: func(m *Market) { m.MaxPrice = 1 << 34 },
	} {
		bad := exampleMarket()
		spoil(&bad)
		if err := bad.Check(); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	for _, spoil := range []func(*Market){
		func(m *Market) { m.LotSize = U128{} }, func(m *Market) { m.MinQuantity = 0 }, func(m *Market) { m.MaxPrice = 0 },
		func(m *Market) { m.TickValue = 1 << 60 }, func(m *Market) { m.LotSize = U128{Hi: 1 << 26} },
	} {
		bad := exampleMarket()
		spoil(&bad)
		if bad.Check() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	for _, spoil := range []func(*Market){
		func(m *Market) { m.Base = 3 }, func(m *Market) { m.Quote = 3 }, func(m *Market) { m.LotSize.Lo++ }, func(m *Market) { m.TickValue++ },
	} {
		bad := exampleMarket()
		spoil(&bad)
		if err := bad.CheckChange(&good); !errors.Is(err, ErrMarketFixed) {
			t.Errorf("a listed market's amounts change: %v", err)
		}
	}
	halted := exampleMarket()
	halted.Status, halted.MakerFeePPM = MarketHalted, 0
	if err := halted.CheckChange(&good); err != nil {
		t.Error(err)
	}
}

func bigOf(v U128) *big.Int {
	return new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(v.Hi), 64), new(big.Int).SetUint64(v.Lo))
}

// TestAmountsAreExact compares with arithmetic of any size.
func TestAmountsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Market{
			Quote: 1, LotSize: U128{Lo: rapid.Uint64Min(1).Draw(t, "lot")}, TickValue: rapid.Uint64Min(1).Draw(t, "tick"), MinQuantity: 1,
			MaxQuantity: rapid.Uint64Min(1).Draw(t, "lots"), MaxPrice: rapid.Uint64Min(1).Draw(t, "ticks"),
			TakerFeePPM: rapid.Uint32Range(0, MaxFeePPM).Draw(t, "fee"),
		}
		quoteBits := new(big.Int).Mul(bigOf(U128{Lo: m.MaxQuantity}), bigOf(U128{Lo: m.MaxPrice}))
		notionalFits := quoteBits.BitLen() <= 64
		quoteBits.Mul(quoteBits, bigOf(U128{Lo: m.TickValue}))
		baseBits := new(big.Int).Mul(bigOf(U128{Lo: m.MaxQuantity}), bigOf(m.LotSize))
		fits := notionalFits && quoteBits.BitLen() <= 120 && baseBits.BitLen() <= 120
		if (m.Check() == nil) != fits {
			t.Fatalf("%+v: %v, but fits %v", m, m.Check(), fits)
		}
		if !fits {
			return
		}
		base, ok := m.BaseAmount(m.MaxQuantity)
		if !ok || bigOf(base).Cmp(baseBits) != 0 {
			t.Fatalf("base %v (%v), want %v", base, ok, baseBits)
		}
		quote, ok := m.QuoteAmount(m.MaxQuantity, m.MaxPrice)
		if !ok || bigOf(quote).Cmp(quoteBits) != 0 {
			t.Fatalf("quote %v (%v), want %v", quote, ok, quoteBits)
		}
		fee := new(big.Int).Mul(quoteBits, big.NewInt(int64(m.TakerFeePPM)))
		if fee.Div(fee, big.NewInt(1_000_000)); bigOf(Fee(quote, m.TakerFeePPM)).Cmp(fee) != 0 {
			t.Fatalf("fee %v, want %v", Fee(quote, m.TakerFeePPM), fee)
		}
	})
	if _, ok := (&Market{TickValue: 1}).QuoteAmount(1<<40, 1<<40); ok {
		t.Error("a notional of 80 bits is taken")
	}
}

func TestReasonsSpeak(t *testing.T) {
	seen := map[string]bool{}
	for r := range 256 {
		text := Reason(r).String()
		if text == "" {
			t.Errorf("reason %d says nothing", r)
		}
		seen[text] = true
	}
	if len(seen) != 25 {
		t.Errorf("%d texts of reasons", len(seen))
	}
}
