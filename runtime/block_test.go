package runtime_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// encodeBlock is a block as Core_execute_block takes it.
func encodeBlock(h header.Header, extrinsics [][]byte) []byte {
	e := scale.NewEncoder(nil)
	header.Codec.Encode(e, &h)
	e.Compact(uint64(len(extrinsics)))
	for _, xt := range extrinsics {
		e.Raw(xt)
	}
	return e.Encoded()
}

// someBlock builds the next block, with calls that succeed and fail, without making
// it the head.
func someBlock(t *testing.T, c *chain) (header.Header, [][]byte, *builder) {
	t.Helper()
	b := c.next()
	alice, bob := dev(t, "Alice"), dev(t, "Bob")
	extrinsics := [][]byte{runtime.TimestampInherent(c.time)}
	for i, call := range [][]byte{
		transferCall(transferKeepAlive, bob.AccountID(), cloak),
		transferCall(transferKeepAlive, bob.AccountID(), 1<<62),
		transferCall(transferAllowDeath, scale.AccountID{3}, cloak),
		append([]byte{system.Index, 7}, scale.Bytes(10).Marshal([]byte("hello"))...),
	} {
		xt := c.signWith(alice, call, extrinsic.Extensions{Nonce: c.nonce(alice.AccountID()) + uint32(i)})
		extrinsics = append(extrinsics, xt)
		if result := b.ApplyExtrinsic(xt); !result.Applied() {
			t.Fatal(result.Invalid)
		}
	}
	return b.FinalizeBlock(), extrinsics, b
}

func TestHeaderOfABlock(t *testing.T) {
	c := newChain(t)
	h, extrinsics, _ := someBlock(t, c)
	if h.ParentHash != c.head.Hash() || h.Number != 1 || h.StateRoot == c.head.StateRoot {
		t.Fatalf("the header is %+v", h)
	}
	if data, ok := h.PreRuntimeData([4]byte{'c', 'm', 'b', 't'}); !ok || !bytes.Equal(data, scale.U64.Marshal(1)) {
		t.Fatal("the digest is not the one that was given")
	}
	if root, err := trie.OrderedRoot(trie.Layout0, extrinsics); err != nil || h.ExtrinsicsRoot != root {
		t.Fatalf("the extrinsics root is %s", h.ExtrinsicsRoot)
	}
}

// TestTheSameBlockGivesTheSameState runs one block on two kinds of host. I5.
func TestTheSameBlockGivesTheSameState(t *testing.T) {
	c := newChain(t)
	h, extrinsics, built := someBlock(t, c)
	memory := newMapBackend(t, c)
	other := native.New(memory, nil, nil)
	r := runtime.New(other)
	r.InitializeBlock(header.Header{ParentHash: h.ParentHash, Number: h.Number, Digest: h.Digest})
	for _, xt := range extrinsics {
		r.ApplyExtrinsic(xt)
	}
	if again := r.FinalizeBlock(); again.Hash() != h.Hash() {
		t.Fatalf("another header: %+v and %+v", again, h)
	}
	key := hashing.StoragePrefix("System", "Events")
	one, _ := built.host.Get(key[:])
	two, _ := other.Get(key[:])
	if len(one) == 0 || !bytes.Equal(one, two) {
		t.Fatal("other events")
	}
	if a, b := built.host.Changes(), other.Changes(); len(a) != len(b) {
		t.Fatalf("%d and %d changes", len(a), len(b))
	}
}

func TestExecuteBlockAcceptsWhatWasBuiltAndNothingElse(t *testing.T) {
	c := newChain(t)
	h, extrinsics, _ := someBlock(t, c)
	execute := func(h header.Header, extrinsics [][]byte) error {
		_, err := c.fork().Call("Core_execute_block", encodeBlock(h, extrinsics))
		return err
	}
	if err := execute(h, extrinsics); err != nil {
		t.Fatal(err)
	}
	wrong := h
	wrong.StateRoot[0] ^= 1
	if err := execute(wrong, extrinsics); !errors.Is(err, runtime.ErrHeaderMismatch) {
		t.Errorf("another state root: %v", err)
	}
	if err := execute(h, extrinsics[:2]); !errors.Is(err, runtime.ErrHeaderMismatch) {
		t.Errorf("extrinsics left out: %v", err)
	}
	if err := execute(h, append(extrinsics[:2:2], extrinsics[1])); !errors.Is(err, runtime.ErrInvalidExtrinsic) || !errors.Is(err, frame.InvalidStale) {
		t.Errorf("an extrinsic twice: %v", err)
	}
	if err := execute(h, nil); !errors.Is(err, runtime.ErrNoInherent) {
		t.Errorf("no timestamp: %v", err)
	}
	wrong = h
	wrong.Number++
	if err := execute(wrong, extrinsics); !errors.Is(err, runtime.ErrNumber) {
		t.Errorf("another number: %v", err)
	}
	if _, err := c.fork().Call("Core_execute_block", []byte{1, 2, 3}); err == nil {
		t.Error("garbage was executed")
	}
}

// TestNothingOfTheBuildingStays looks for keys that live only while a block is built.
func TestNothingOfTheBuildingStays(t *testing.T) {
	c := newChain(t)
	someBlock(t, c)
	c.block()
	host := c.context().Host
	if host.Exists([]byte(":extrinsic_index")) {
		t.Error("the extrinsic index is in the state")
	}
	for _, item := range []string{"Extrinsics", "AllExtrinsicsLen"} {
		prefix := hashing.StoragePrefix("System", item)
		if next, found := host.NextKey(prefix[:]); found && bytes.HasPrefix(next, prefix[:]) || host.Exists(prefix[:]) {
			t.Errorf("System.%s is in the state", item)
		}
	}
}

func TestEventsAreOfTheLastBlock(t *testing.T) {
	c := newChain(t)
	c.block(c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, scale.AccountID{5}, cloak)))
	list := events(t, c)
	want := []string{"System.ExtrinsicSuccess", // the inherent
		"Balances.Withdraw", "Balances.Deposit", "System.NewAccount", "Balances.Endowed", "Balances.Transfer",
		"TransactionPayment.TransactionFeePaid", "System.ExtrinsicSuccess"}
	var got []string
	for _, e := range list {
		if e.phase == 0 {
			got = append(got, e.name)
			if (len(got) > 1) != (e.extrinsic == 1) {
				t.Fatalf("%s is of extrinsic %d", e.name, e.extrinsic)
			}
		}
	}
	if len(got) != len(want) {
		t.Fatalf("events %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("events %v, want %v", got, want)
		}
	}
	c.block()
	if eventNames(t, c)["Balances.Transfer"] {
		t.Fatal("the last block's events are still there")
	}
}

// mapBackend is the head's state in a map: another host than the trie's.
type mapBackend struct {
	*native.TrieBackend // for the root alone
	values              map[string][]byte
}

func newMapBackend(t *testing.T, c *chain) *mapBackend {
	t.Helper()
	m := &mapBackend{TrieBackend: native.NewTrieBackend(c.store, c.head.StateRoot, c.options), values: map[string][]byte{}}
	err := trie.Open(c.store, c.head.StateRoot, c.options).WalkValues(nil, nil, func(key, value []byte) bool {
		m.values[string(key)] = value
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *mapBackend) Get(key []byte) ([]byte, bool) {
	value, exists := m.values[string(key)]
	return value, exists
}

func (m *mapBackend) NextKey(key []byte) ([]byte, bool) {
	best, found := "", false
	for candidate := range m.values {
		if candidate > string(key) && (!found || candidate < best) {
			best, found = candidate, true
		}
	}
	return []byte(best), found
}
