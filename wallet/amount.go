package wallet

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// maximumDecimals bounds the decimals of an asset that amounts are converted for.
const maximumDecimals = 30

// maximumAmountText bounds the length of a typed amount.
const maximumAmountText = 64

// ParseAmount reads a typed amount such as "1.5" or "1,000" of an asset with the given decimals into base units. Digits below one
// base unit are refused, not rounded.
func ParseAmount(text string, decimals uint8) (scale.U128, error) {
	value, err := parseDecimal(text)
	if err != nil {
		return scale.U128{}, err
	}
	units := new(big.Rat).Mul(value, new(big.Rat).SetInt(powerOfTen(decimals)))
	if !units.IsInt() {
		return scale.U128{}, refusedf(fmt.Sprintf("the asset has %d decimals: type no more than that", decimals), "amount %q has digits below one base unit", text)
	}
	return toU128(units.Num(), text)
}

// FormatAmount writes base units as whole units with no more digits than needed.
func FormatAmount(amount scale.U128, decimals uint8) string {
	return formatScaled(amount.String(), int(decimals))
}

// parseDecimal reads a non-negative decimal number exactly.
func parseDecimal(text string) (*big.Rat, error) {
	plain := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	whole, fraction, _ := strings.Cut(plain, ".")
	digits := whole + fraction
	if len(plain) == 0 || len(plain) > maximumAmountText || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, refusedf("type digits with at most one point, such as 12.5", "%q is not a number", text)
	}
	value, ok := new(big.Rat).SetString(plain)
	if !ok {
		return nil, refusedf("type digits with at most one point, such as 12.5", "%q is not a number", text)
	}
	return value, nil
}

func toU128(value *big.Int, text string) (scale.U128, error) {
	amount, err := scale.ParseU128(value.String())
	if err != nil {
		return scale.U128{}, refusedf("no asset has that much", "%q is too large", text)
	}
	return amount, nil
}

// powerOfTen is 10^exponent; an exponent above what any asset here has is cut to the bound, so a hostile metadata entry cannot
// make it large.
func powerOfTen(exponent uint8) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(min(exponent, maximumDecimals))), nil)
}

// formatScaled puts the point so that the last `decimals` digits follow it, and drops zeros at the end.
func formatScaled(digits string, decimals int) string {
	if decimals <= 0 {
		return digits
	}
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], strings.TrimRight(digits[len(digits)-decimals:], "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
