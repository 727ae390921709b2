package frame_test

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// A small pallet.
var (
	module  = frame.NewModule("Sample", 7, "pallet_sample")
	counter = frame.NewValue(module, "Counter", scale.U64, frame.Default, "")
	single  = frame.NewValue(module, "Single", scale.U64, frame.Optional, "")
	numbers = frame.NewMap(module, "Numbers", frame.Blake2_128Concat(scale.U32), scale.U64, frame.Default, "")
	pairs   = frame.NewDoubleMap(module, "Pairs", frame.Twox64Concat(scale.U32), frame.Identity(scale.Bytes8), scale.U8, frame.Optional, "")
	list    = frame.NewList(module, "List", scale.U16, 100, "")
	noted   = frame.NewEvent(module, 3, "Noted", "", scale.Struct("", "",
		scale.Field("value", scale.U64, func(v *uint64) *uint64 { return v })))
	errRefused = frame.NewError(module, 5, "Refused", "It is refused; ask for something else.")
)

func newContext() *frame.Context {
	return frame.NewContext(native.New(native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{}), nil, nil))
}

func TestValues(t *testing.T) {
	c := newContext()
	if counter.Get(c) != 0 || counter.Exists(c) {
		t.Fatal("an absent value is not the zero value")
	}
	if _, found := single.Find(c); found {
		t.Fatal("an absent value was found")
	}
	counter.Set(c, 5)
	single.Set(c, 0)
	if v, found := single.Find(c); !found || v != 0 || counter.Get(c) != 5 {
		t.Fatal("values were not stored")
	}
	single.Remove(c)
	if single.Exists(c) {
		t.Fatal("a removed value exists")
	}
}

func TestMapsKeepEntriesApartAndWalkAllOfThem(t *testing.T) {
	c := newContext()
	for i := range uint32(50) {
		numbers.Set(c, i, uint64(i)*10)
	}
	counter.Set(c, 1) // another item's keys must not be walked
	seen := map[uint32]uint64{}
	for k, v := range numbers.All(c) {
		seen[k] = v
		numbers.Remove(c, k) // removing on the way is allowed
	}
	for i := range uint32(50) {
		if seen[i] != uint64(i)*10 {
			t.Fatalf("%d is %d", i, seen[i])
		}
		if numbers.Exists(c, i) {
			t.Fatalf("%d is still there", i)
		}
	}
	if len(seen) != 50 {
		t.Fatalf("walked %d entries", len(seen))
	}
}

// TestAlternatingKeys reads and writes in an order in which reusing the last storage
// key by mistake would show.
func TestAlternatingKeys(t *testing.T) {
	c := newContext()
	id := [8]byte{1}
	for i := range uint32(20) {
		numbers.Set(c, i, uint64(i))
		pairs.Set(c, i, id, uint8(i))
		if numbers.Get(c, i) != uint64(i) || numbers.Get(c, i/2) != uint64(i/2) {
			t.Fatalf("a wrong value at %d", i)
		}
		if v, found := pairs.Find(c, i, id); !found || v != uint8(i) {
			t.Fatalf("a wrong pair at %d", i)
		}
		if pairs.Exists(c, i+1, id) || numbers.Exists(c, i+1) {
			t.Fatalf("an entry after %d", i)
		}
	}
}

func TestDoubleMapPrefixes(t *testing.T) {
	c := newContext()
	for i := range uint32(4) {
		for j := range uint8(5) {
			pairs.Set(c, i, [8]byte{j}, j)
		}
	}
	count := 0
	for key, v := range pairs.Prefix(c, 2) {
		if key[0] != v {
			t.Fatal("a wrong entry")
		}
		count++
	}
	if count != 5 {
		t.Fatalf("walked %d entries", count)
	}
	if pairs.RemovePrefix(c, 2, 4) {
		t.Fatal("one entry is left, but it says all are gone")
	}
	if !pairs.RemovePrefix(c, 2, 4) {
		t.Fatal("no entry is left, but it says some are")
	}
	left := 0
	for key := range pairs.All(c) {
		if key.First == 2 {
			t.Fatal("a removed entry is there")
		}
		left++
	}
	if left != 15 {
		t.Fatalf("%d entries are left", left)
	}
}

func TestLists(t *testing.T) {
	c := newContext()
	for i := range uint16(70) {
		list.Append(c, i)
	}
	values := list.Get(c)
	if len(values) != 70 || values[69] != 69 || list.Len(c) != 70 {
		t.Fatalf("the list is %v", values)
	}
	list.Remove(c)
	if list.Len(c) != 0 || len(list.Get(c)) != 0 {
		t.Fatal("the list is not empty")
	}
}

func TestTransactionsUndoStorageAndEvents(t *testing.T) {
	c := newContext()
	c.SetPhase(frame.InExtrinsic(0))
	failure := errors.New("failure")
	counter.Set(c, 1)
	err := c.Transaction(func() error {
		counter.Set(c, 2)
		noted.Deposit(c, 2)
		if err := c.Transaction(func() error { counter.Set(c, 3); noted.Deposit(c, 3); return nil }); err != nil {
			return err
		}
		return failure
	})
	if err != failure || counter.Get(c) != 1 || frame.EventCount(c) != 0 {
		t.Fatalf("after a rollback: %v, counter %d, %d events", err, counter.Get(c), frame.EventCount(c))
	}
	_ = c.Transaction(func() error {
		noted.Deposit(c, 1)
		_ = c.Transaction(func() error { counter.Set(c, 9); noted.Deposit(c, 9); return failure })
		counter.Set(c, 4)
		return nil
	})
	if counter.Get(c) != 4 || frame.EventCount(c) != 1 {
		t.Fatalf("counter %d, %d events", counter.Get(c), frame.EventCount(c))
	}
}

func TestTransactionsAreBounded(t *testing.T) {
	c := newContext()
	depth := 0
	var nest func() error
	nest = func() error {
		depth++
		return c.Transaction(nest)
	}
	if err := c.Transaction(nest); err != frame.ErrTransactionLimit {
		t.Fatalf("got %v", err)
	}
	if depth != 16 {
		t.Fatalf("nested %d deep", depth)
	}
	if err := c.Transaction(func() error { return nil }); err != nil {
		t.Fatal("the depth was not given back")
	}
}

func TestEventsAtGenesisAreNotKept(t *testing.T) {
	c := newContext()
	noted.Deposit(c, 1)
	if frame.EventCount(c) != 0 {
		t.Fatal("an event was kept")
	}
}

func TestErrorsOnChain(t *testing.T) {
	for err, want := range map[error]string{
		errRefused:                       "0x03070500" + "0000",
		frame.ErrBadOrigin:               "0x02",
		frame.ErrFundsUnavailable:        "0x0700",
		frame.ErrOverflow:                "0x0801",
		frame.ErrTransactionLimit:        "0x0900",
		errors.New("a pallet's mistake"): "0x00",
	} {
		encoded := frame.DispatchErrorCodec.Marshal(frame.AsDispatchError(err))
		if got := scale.HexString(encoded); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
		if again, e := frame.DispatchErrorCodec.Unmarshal(encoded); e != nil || again != frame.AsDispatchError(err) {
			t.Errorf("%v does not come back: %v", err, e)
		}
	}
}

func TestValidityErrorsOnChain(t *testing.T) {
	for reason, want := range map[*frame.TransactionValidityError]string{
		frame.InvalidCall:         "0x0000",
		frame.InvalidStale:        "0x0003",
		frame.InvalidBadSigner:    "0x000a",
		frame.InvalidCustom(9):    "0x000709",
		frame.NoUnsignedValidator: "0x0101",
	} {
		encoded := frame.TransactionValidityErrorCodec.Marshal(*reason)
		if got := scale.HexString(encoded); got != want {
			t.Errorf("%v is %s, want %s", reason, got, want)
		}
		if reason.Error() == "" {
			t.Errorf("%s has no text", want)
		}
	}
}
