package wallet

import (
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

func TestAmounts(t *testing.T) {
	cases := []struct {
		text     string
		decimals uint8
		units    string // empty: refused
		back     string
	}{
		{"1.5", 12, "1500000000000", "1.5"},
		{"0.000001", 6, "1", "0.000001"},
		{".5", 1, "5", "0.5"},
		{"7.", 0, "7", "7"},
		{"1_000", 6, "1000000000", "1000"},
		{"340282366920938463463374607431768211455", 0, "340282366920938463463374607431768211455", "340282366920938463463374607431768211455"},
		{"340282366920938463463374607431768211456", 0, "", ""},
		{"0.0000001", 6, "", ""},
		{"-1", 6, "", ""}, {"1e9", 6, "", ""}, {"1/3", 6, "", ""}, {"", 6, "", ""}, {".", 6, "", ""}, {"1.2.3", 6, "", ""}, {"0x10", 6, "", ""},
		{strings.Repeat("9", 70), 0, "", ""},
	}
	for _, c := range cases {
		amount, err := ParseAmount(c.text, c.decimals)
		if (err == nil) != (c.units != "") {
			t.Errorf("ParseAmount(%q): error %v", c.text, err)
			continue
		}
		if err != nil {
			continue
		}
		if amount.String() != c.units || FormatAmount(amount, c.decimals) != c.back {
			t.Errorf("%q with %d decimals is %s, shown as %s", c.text, c.decimals, amount, FormatAmount(amount, c.decimals))
		}
	}
}

func testPair() *Pair {
	return &Pair{
		Market: wire.Market{ID: 1, Base: 1, Quote: 1000, LotSize: scale.U128From(1_000_000_000), TickValue: 10,
			MinQuantity: 10, MaxQuantity: 1_000_000, MaxPrice: 10_000_000},
		BaseSymbol: "KSM", QuoteSymbol: "USDT", BaseDecimals: 12, QuoteDecimals: 6,
	}
}

func TestPricesAndQuantities(t *testing.T) {
	pair := testPair() // lots of 0.001 KSM, ticks of 0.01 USDT per KSM
	if pair.LotSize() != "0.001" || pair.TickSize() != "0.01" {
		t.Fatalf("lot %s, tick %s", pair.LotSize(), pair.TickSize())
	}
	lots, err := pair.ParseQuantity("1.5")
	if err != nil || lots != 1500 || pair.FormatQuantity(lots) != "1.500" && pair.FormatQuantity(lots) != "1.5" {
		t.Errorf("1.5 KSM is %d lots, %v, shown as %s", lots, err, pair.FormatQuantity(lots))
	}
	ticks, err := pair.ParsePrice("24.55")
	if err != nil || ticks != 2455 || pair.FormatPrice(ticks) != "24.55" {
		t.Errorf("24.55 is %d ticks, %v, shown as %s", ticks, err, pair.FormatPrice(ticks))
	}
	refusals := []struct {
		parse func(string) (uint64, error)
		text  string
		says  string
	}{
		{pair.ParsePrice, "24.555", "use 24.55 or 24.56"},
		{pair.ParsePrice, "0", "between"},
		{pair.ParsePrice, "1000000", "between"},
		{pair.ParseQuantity, "0.0015", "use 0.001 or 0.002"},
		{pair.ParseQuantity, "0.009", "between"},
		{pair.ParseQuantity, "1001", "between"},
		{pair.ParseQuantity, "many", "not a number"},
	}
	for _, c := range refusals {
		if _, err := c.parse(c.text); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v does not say %q", c.text, err, c.says)
		}
	}
}
