package blindness

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

// Prices and quantities that occur nowhere else: in ticks and in lots.
const (
	strangePrice    = 271_828
	strangeQuantity = 3_141
)

func fills(count int) func(*testing.T, [2]*trader) {
	return func(t *testing.T, traders [2]*trader) {
		t.Helper()
		for _, tr := range traders {
			if got := len(tr.query(wire.Query{Kind: wire.QueryFills, Limit: 20}).Fills); got != count {
				t.Errorf("a trader has %d fills, not %d", got, count)
			}
		}
	}
}

// scripts are runs of one shape: five commands of each of two traders.
func scripts() map[string]secrets {
	return map[string]secrets{
		"trades": {accounts: [2]byte{1, 2}, wants: fills(3), commands: [2][]wire.Command{
			{place(1, wire.Sell, strangePrice, strangeQuantity), place(2, wire.Sell, strangePrice+1, 7), amend(1, strangePrice, 3_000), place(3, wire.Sell, 271_830, 2), cancel(2)},
			{place(1, wire.Buy, strangePrice, 5), place(2, wire.Buy, 100, 50), place(3, wire.Buy, strangePrice, 8), place(4, wire.Buy, strangePrice, 1), cancel(2)},
		}},
		"other sides, prices, quantities and accounts": {accounts: [2]byte{7, 9}, wants: fills(3), commands: [2][]wire.Command{
			{place(1, wire.Buy, 2_500, 40), place(2, wire.Buy, 2_400, 1_000), amend(1, 2_501, 60), place(3, wire.Buy, 2_300, 3), cancel(3)},
			{place(9, wire.Sell, 2_500, 11), place(8, wire.Sell, 90_000, 500), place(7, wire.Sell, 2_501, 12), place(6, wire.Sell, 2_450, 4), cancel(8)},
		}},
		"nothing matches, much is rejected": {accounts: [2]byte{3, 4}, wants: fills(0), commands: [2][]wire.Command{
			{place(1, wire.Buy, 10, 1), cancel(77), amend(1, 11, 2), placeAs(5, wire.Sell, 900_000, 3, wire.PostOnly), place(6, wire.Buy, 999_999, 999_999)},
			{placeAs(1, wire.Sell, 500_000, 1, wire.ImmediateOrCancel), cancel(1), amend(3, 5, 5), {Kind: wire.CommandCancelAll}, place(0, wire.Buy, 1, 1)},
		}},
		"dummies alone": {accounts: [2]byte{5, 6}, wants: fills(0), commands: [2][]wire.Command{
			make([]wire.Command, 5), make([]wire.Command, 5),
		}},
	}
}

// TestTranscriptsAreEqual is I7.
func TestTranscriptsAreEqual(t *testing.T) {
	all := scripts()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	reference, _ := run(t, all["trades"])
	for _, name := range names {
		t.Run(name, func(t *testing.T) { // "trades" again too: the recorder itself must be steady
			got, _ := run(t, all[name])
			if lines := difference(reference, got); len(lines) > 0 {
				t.Errorf("an outsider sees a difference:\n%s", strings.Join(lines, "\n"))
			}
		})
	}
}

// TestNoSecretAnywhere searches everything that an outsider can have for what the
// traders did and who they are.
func TestNoSecretAnywhere(t *testing.T) {
	seen, traders := run(t, scripts()["trades"])
	needles := map[string][]byte{}
	for i, tr := range traders {
		account, id := tr.pair.AccountID(), tr.session.ID()
		needles[fmt.Sprintf("account %d", i)] = account[:]
		needles[fmt.Sprintf("session id %d", i)] = id[:]
		needles[fmt.Sprintf("session secret %d", i)] = tr.secret[:]
	}
	for name, number := range map[string]uint64{"price": strangePrice, "quantity, price": strangePrice<<32 | strangeQuantity} {
		needles[name] = binary.LittleEndian.AppendUint64(nil, number)
	}
	text := fmt.Sprint(strangePrice)
	found := 0
	for where, raw := range seen.raw {
		if len(raw) == 0 {
			continue
		}
		found++
		for what, needle := range needles {
			if bytes.Contains(raw, needle) || bytes.Contains(bytes.ToLower(raw), fmt.Appendf(nil, "%x", needle)) {
				t.Errorf("%s shows the %s", where, what)
			}
		}
		if strings.HasSuffix(where, "log") || strings.HasSuffix(where, "metrics") {
			if bytes.Contains(raw, []byte(text)) {
				t.Errorf("%s shows the price in decimals", where)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d places were searched", found)
	}
	// What is public is found: the search works.
	public := traders[0].account("Alice")
	if !bytes.Contains(seen.raw["blocks"], public[:]) {
		t.Error("the depositor is not found in the blocks")
	}
}
