package auditor

import (
	"strings"
	"testing"
)

// entry is one of a history, from its number and what it says.
func historyEntry(index uint64, kind byte, rest encoder) []byte {
	return append(encoder{}.u64(index).u64(0).u64(0).raw(kind), rest...)
}

// proof is a leaf alone in its tree, and the state root that it leads to.
func proof(account Account, available, held uint64) (encoded []byte, root [32]byte) {
	leaf := encoder{}.raw(1).who(account).u32(gold).u128(available).u128(held).hash([32]byte{})
	hash := blake([]byte("bitcloak/leaf/v1"), leaf)
	for level := range treeDepth {
		hash = parent(hash, empty[level])
	}
	remainder := [32]byte{5}
	root = blake([]byte("bitcloak/state/v1"), hash[:], remainder[:])
	return leaf.u32(0).compact(0).hash(remainder), root
}

// told is ann's statement after block 2: 100 deposited, 30 withdrawn to bob.
func told() Statement {
	leaf, root := proof(ann, 50, 20)
	return Statement{Account: ann, Root: root, Leaves: [][]byte{leaf}, Entries: [][]byte{
		historyEntry(1, 0, encoder{}.u32(gold).u128(100).u64(0)),
		historyEntry(2, 9, encoder{}.u32(gold).u128(30).u64(0)),
	}}
}

func twoBlocks(t *testing.T) *Auditor {
	t.Helper()
	a := begin()
	for _, block := range []func(*Auditor) *chain{deposited, paid} {
		if err := block(a).judge(a); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func TestAnHonestStatementPasses(t *testing.T) {
	a := twoBlocks(t)
	if err := a.State(told()); err != nil {
		t.Fatal(err)
	}
	if a.Left(ann, gold).Cmp(big64(70)) != 0 {
		t.Errorf("left %v", a.Left(ann, gold))
	}
	// Payout 0 was not asked for: nobody sealed such a command. Nor was payout 1.
	if err := a.Payouts(); err == nil {
		t.Error("payouts that nobody asked for pass")
	}
	a.Asked(ann, bob, gold, big64(30))
	if err := a.Payouts(); err == nil || !strings.Contains(err.Error(), "03000000 was paid 10") {
		t.Errorf("the second payout: %v", err)
	}
}

func TestWrongStatementsAreSeen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Statement)
		want   string
	}{
		"I9: an entry is missing":     {func(s *Statement) { s.Entries = s.Entries[:1] }, "I9"},
		"I4: an entry is left out":    {func(s *Statement) { s.Entries = s.Entries[1:] }, "I4"},
		"I4: an entry twice":          {func(s *Statement) { s.Entries = append(s.Entries, s.Entries[1]) }, "I4"},
		"I4: a deposit of another":    {func(s *Statement) { s.Entries[0] = historyEntry(1, 0, encoder{}.u32(gold).u128(101).u64(0)) }, "I4"},
		"I9: a deposit of no one":     {func(s *Statement) { s.Entries[0] = historyEntry(1, 0, encoder{}.u32(gold).u128(100).u64(1)) }, "I9"},
		"I9: a unit less":             {func(s *Statement) { s.Leaves[0], s.Root = proof(ann, 49, 20) }, "I9"},
		"I9: no leaf":                 {func(s *Statement) { s.Leaves = nil }, "I9"},
		"I5: a leaf of another state": {func(s *Statement) { s.Root[0]++ }, "I5"},
		"I8: another's leaf":          {func(s *Statement) { s.Leaves[0], s.Root = proof(bob, 50, 20) }, "I8"},
		"I4: an unknown fill":         {func(s *Statement) { s.Entries[1] = historyEntry(2, 8, encoder{}.u64(1)) }, "I4"},
	} {
		a := twoBlocks(t)
		statement := told()
		test.change(&statement)
		if err := a.State(statement); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzStatement: what comes from outside never makes the auditor panic.
func FuzzStatement(f *testing.F) {
	st := told()
	f.Add(st.Entries[0], st.Leaves[0])
	f.Add([]byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, entry, leaf []byte) {
		a := begin()
		_ = a.State(Statement{Account: ann, Entries: [][]byte{entry}, Fills: [][]byte{entry}, Leaves: [][]byte{leaf}})
		_, _ = decodeEvents(entry)
		_, _ = decodeHeader(entry)
		_ = commitsOf([][]byte{entry})
	})
}
