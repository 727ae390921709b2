package blindness

import (
	"bytes"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestEveryLeakHasItsTest: each line of spec/leakage.md names a test that shows how far
// it goes, and that test exists.
func TestEveryLeakHasItsTest(t *testing.T) {
	page, err := os.ReadFile("../../spec/leakage.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9/]+)` (Test[A-Za-z0-9]+)")
	lines := 0
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| L") {
			continue
		}
		lines++
		tests := named.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			t.Errorf("no test: %.60s", line)
		}
		for _, test := range tests {
			if !testExists(t, test[1], test[2]) {
				t.Errorf("%s has no %s: %.60s", test[1], test[2], line)
			}
		}
	}
	if lines < 12 {
		t.Errorf("only %d lines", lines)
	}
}

func testExists(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob("../../" + folder + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && bytes.Contains(text, []byte("func "+name+"(t *testing.T)"))
	})
}

// sectionsOf are the sections in which two transcripts differ.
func sectionsOf(a, b transcript) (names []string) {
	for section := range a.sections {
		if !slices.Equal(a.sections[section], b.sections[section]) {
			names = append(names, section)
		}
	}
	slices.Sort(names)
	return names
}

// TestPayoutsShow: a withdrawal is public from its payout on, and shows nowhere else. A
// withdrawal that is refused looks like any command.
func TestPayoutsShow(t *testing.T) {
	script := func(last wire.Command) secrets {
		return secrets{accounts: [2]byte{1, 2}, commands: [2][]wire.Command{{{}, {}}, {{}, last}}}
	}
	to := wire.AccountID{0xca, 0xfe, 0xba, 0xbe}
	withdraw := wire.Command{Kind: wire.CommandWithdraw, Asset: ksm, Amount: scale.U128From(1_234_567_890_123), To: to}
	tooMuch := withdraw
	tooMuch.Amount = scale.U128From(1 << 60)
	reference, _ := run(t, script(wire.Command{}))
	paid, _ := run(t, script(withdraw))
	refused, _ := run(t, script(tooMuch))
	if lines := difference(reference, refused); len(lines) > 0 {
		t.Errorf("a refused withdrawal shows:\n%s", strings.Join(lines, "\n"))
	}
	if !bytes.Contains(paid.raw["blocks"], to[:]) {
		t.Error("the payout is not in the blocks: the test is no test")
	}
	for _, section := range sectionsOf(reference, paid) {
		switch section {
		case "blocks", "state", "worker and node": // the commit, its event, the balance, and bytes that carry them
		default:
			t.Errorf("a payout shows in %s:\n%s", section, strings.Join(difference(reference, paid), "\n"))
		}
	}
}

// TestEnvelopesShow: an opening and a command have another size and nothing else; their
// numbers and sender are public.
func TestEnvelopesShow(t *testing.T) {
	w := newWorld(t)
	tr := w.trader(1)
	first := w.chain.View().Head.Number
	w.submit(tr.open())
	w.submit(tr.command(place(1, wire.Buy, 10, 1)))
	garbage := make([]byte, wire.CommandEnvelopeSize)
	garbage[0] = wire.ClassCommand
	w.submit(garbage)
	lines, raw := w.blocks(first)
	var submits []string
	for _, line := range lines {
		if strings.Contains(line, "EnvelopesSubmitted") {
			submits = append(submits, line)
		}
	}
	if len(submits) != 3 || submits[1] != submits[2] || submits[0] == submits[1] {
		t.Errorf("an opening, a command and garbage:\n%s", strings.Join(submits, "\n"))
	}
	dave, own := w.account("Dave"), tr.pair.AccountID()
	if !bytes.Contains(raw, dave[:]) || bytes.Contains(raw, own[:]) {
		t.Error("the sender is public, the trader is not")
	}
}

// TestAnswersShowTheirClass: what is asked and what is answered show by a class of sizes
// alone; a first page of any kind fits the smallest.
func TestAnswersShowTheirClass(t *testing.T) {
	w := newWorld(t)
	tr := w.trader(1)
	w.deposit(tr, ksm, 50_000_000_000_000)
	w.submit(tr.open())
	w.asked.Mark()
	for range 3 { // an empty book, then 40 orders, then 80
		for _, kind := range []uint8{wire.QueryBalances, wire.QueryOrders, wire.QueryFills, wire.QueryHistory} {
			tr.query(wire.Query{Kind: kind, Limit: 20})
		}
		var batch [][]byte
		for range 40 {
			batch = append(batch, tr.command(place(1+tr.sequence, wire.Sell, 500+tr.sequence, 1)))
		}
		call, err := wire.CallSubmit(batch)
		w.send("Dave", call, err)
	}
	want := []string{"12 times: -> /v1/query 1536 bytes", "12 times: <- /v1/query 200, 4096 bytes"}
	if got := counted(w.asked.Lines()); !slices.Equal(got, want) {
		t.Errorf("first pages:\n%s", strings.Join(got, "\n"))
	}
	w.asked.Mark()
	tr.query(wire.Query{Kind: wire.QueryOrders, Limit: 1_000})
	if got := w.asked.Lines(); !slices.Contains(got, "<- /v1/query 200, 16384 bytes") {
		t.Errorf("120 orders at once: %q", got)
	}
}

// TestProofsShowTheCount: the proof of a balance shows its owner how many leaves there
// were before his, and about how many there are.
func TestProofsShowTheCount(t *testing.T) {
	w := newWorld(t)
	one, two := w.trader(1), w.trader(2)
	var proofs [2]wire.LeafProof
	for i, tr := range []*trader{one, two} {
		w.deposit(tr, ksm, 1_000_000_000_000)
		w.submit(tr.open())
		proofs[i] = tr.query(wire.Query{Kind: wire.QueryBalances, Limit: 20}).Balances[0]
	}
	if proofs[1].Index != proofs[0].Index+1 || len(proofs[1].Siblings) < bits.Len32(proofs[1].Index) {
		t.Errorf("leaf %d, then leaf %d with %d siblings", proofs[0].Index, proofs[1].Index, len(proofs[1].Siblings))
	}
}

// TestFramesAreAlike: every subscriber gets one frame of one size for every checkpoint.
func TestFramesAreAlike(t *testing.T) {
	w := newWorld(t)
	busy, idle := w.trader(1), w.trader(2)
	w.deposit(busy, ksm, 50_000_000_000_000)
	w.deposit(busy, usdt, 5_000_000_000)
	w.submit(busy.open())
	w.submit(idle.open())
	w.asked.Mark()
	busy.subscribe()
	idle.subscribe()
	waitFor(t, func() bool { return len(w.asked.Lines()) == 2 })
	time.Sleep(100 * time.Millisecond) // the worker takes the subscriptions
	w.asked.Mark()
	for i := range uint64(5) {
		w.submit(busy.command(place(1+i, uint8(i%2), 500, 1)))
	}
	waitFor(t, func() bool { return len(w.asked.Lines()) >= 10 })
	if got := counted(w.asked.Lines()); !slices.Equal(got, []string{"10 times: <- frame of 1024 bytes"}) {
		t.Errorf("five checkpoints, two subscribers:\n%s", strings.Join(got, "\n"))
	}
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
	}
}

// TestSnapshotsShowTheirClass: a snapshot's size is padded, so that a few accounts,
// orders and fills more or less do not show; many do, by a class.
func TestSnapshotsShowTheirClass(t *testing.T) {
	sizes := map[int]int64{}
	for _, orders := range []int{0, 60, 1_000} {
		w := newWorld(t)
		tr := w.trader(1)
		w.deposit(tr, ksm, 50_000_000_000_000)
		w.submit(tr.open())
		for sent := 0; sent < orders; {
			var batch [][]byte
			for range min(60, orders-sent) {
				batch = append(batch, tr.command(place(1+tr.sequence, wire.Sell, 500+tr.sequence, 1)))
				sent++
			}
			call, err := wire.CallSubmit(batch)
			w.send("Dave", call, err)
		}
		w.check(w.worker.Close())
		files, err := filepath.Glob(filepath.Join(w.folder, "worker", "snapshot.*"))
		w.check(err)
		for _, file := range files {
			info, err := os.Stat(file)
			w.check(err)
			sizes[orders] = max(sizes[orders], info.Size())
		}
	}
	t.Logf("bytes of a snapshot, by orders in the book: %v", sizes)
	if sizes[0] != sizes[60] || sizes[0] < 64<<10 {
		t.Errorf("60 orders show: %v", sizes)
	}
	if sizes[1_000] <= sizes[60] {
		t.Errorf("1,000 orders make no larger class: the test is no test: %v", sizes)
	}
}

// TestWorkShowsInTime shows how far the time from a block to its commit tells what was
// in it: 500 orders that rest, that match, and 500 dummies.
func TestWorkShowsInTime(t *testing.T) {
	w := newWorld(t)
	one, two := w.trader(1), w.trader(2)
	for _, tr := range []*trader{one, two} {
		w.deposit(tr, ksm, 50_000_000_000_000)
		w.deposit(tr, usdt, 50_000_000_000)
		w.submit(tr.open())
	}
	kinds := map[string]func(tr *trader) wire.Command{
		"dummies": func(*trader) wire.Command { return wire.Command{} },
		"resting": func(tr *trader) wire.Command { return place(1+tr.sequence, wire.Sell, 90_000+tr.sequence%64, 1) },
		"matching": func(tr *trader) wire.Command {
			side := wire.Buy
			if tr == one {
				side = wire.Sell
			}
			return place(1+tr.sequence, side, 500, 1)
		},
	}
	took := map[string][]time.Duration{}
	for range 5 {
		for _, kind := range []string{"dummies", "resting", "matching"} {
			var batch [][]byte
			for range 30 {
				for _, tr := range []*trader{one, two} {
					batch = append(batch, tr.command(kinds[kind](tr)))
				}
			}
			call, err := wire.CallSubmit(batch)
			started := time.Now()
			w.send("Dave", call, err)
			took[kind] = append(took[kind], time.Since(started))
		}
	}
	medians := map[string]time.Duration{}
	for kind, times := range took {
		slices.Sort(times)
		medians[kind] = times[len(times)/2]
	}
	t.Log(fmt.Sprint("60 commands to their commit, medians of 5: ", medians))
	if medians["matching"] > 20*medians["dummies"] {
		t.Errorf("matching takes far longer than dummies: %v", medians)
	}
}
