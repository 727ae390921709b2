package frame_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// wrap is a call that holds another.
type wrap struct{ Call frame.EncodedCall }

// maxWrapped bounds a wrapped call, in bytes.
const maxWrapped = 200

func newDispatcher() *frame.Dispatcher {
	r := frame.NewDispatcher()
	setArgs := scale.Struct("", "", scale.Field("value", scale.U64, func(v *uint64) *uint64 { return v }))
	wrapArgs := scale.Struct("", "", scale.Field("call", r.CallCodec(maxWrapped), func(w *wrap) *frame.EncodedCall { return &w.Call }))
	set := func(c *frame.Context, origin frame.Origin, v *uint64) error {
		if err := origin.EnsureRoot(); err != nil {
			return err
		}
		counter.Set(c, *v)
		noted.Deposit(c, *v)
		if *v == 13 {
			return errRefused
		}
		return nil
	}
	asRoot := func(c *frame.Context, _ frame.Origin, w *wrap) error {
		return r.DispatchEncoded(c, frame.Root(), w.Call)
	}
	r.Register([]frame.Pallet{{Module: module, Calls: []frame.Call{
		frame.NewCall(0, "set", "", setArgs, frame.Work(10), set),
		frame.NewCall(1, "as_root", "", wrapArgs, frame.Work(1), asRoot).
			Weighed(func(w *wrap) frame.Weight { return frame.Work(100 + uint64(len(w.Call))) }),
	}}})
	return r
}

func encodedSet(v uint64) []byte { return append([]byte{7, 0}, scale.U64.Marshal(v)...) }

func nested(depth int) []byte {
	call := encodedSet(1)
	for range depth {
		call = append([]byte{7, 1}, call...)
	}
	return call
}

func decodeCall(r *frame.Dispatcher, encoded []byte) (frame.Invocation, error) {
	d := scale.NewDecoder(encoded)
	call := r.Decode(d)
	return call, d.Finish()
}

func TestCallsDispatchWithTheirOrigin(t *testing.T) {
	r, c := newDispatcher(), newContext()
	c.SetPhase(frame.InExtrinsic(0))
	direct, err := decodeCall(r, encodedSet(4))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Dispatch(c, frame.Signed(scale.AccountID{1}), direct); err != frame.ErrBadOrigin {
		t.Fatalf("a signed origin passed for Root: %v", err)
	}
	wrapped, err := decodeCall(r, nested(3))
	if err != nil {
		t.Fatal(err)
	}
	if got := wrapped.Info().Weight.RefTime; got != 100+uint64(len(nested(2))) {
		t.Fatalf("the weight is %d", got)
	}
	if err := r.Dispatch(c, frame.Signed(scale.AccountID{1}), wrapped); err != nil || counter.Get(c) != 1 {
		t.Fatalf("%v, counter %d", err, counter.Get(c))
	}
}

func TestAFailedCallLeavesNothing(t *testing.T) {
	r, c := newDispatcher(), newContext()
	c.SetPhase(frame.InExtrinsic(0))
	call, _ := decodeCall(r, encodedSet(13))
	if err := r.Dispatch(c, frame.Root(), call); err != error(errRefused) {
		t.Fatalf("got %v", err)
	}
	if counter.Get(c) != 0 || frame.EventCount(c) != 0 {
		t.Fatal("a failed call left something")
	}
}

func TestCallsAreRefused(t *testing.T) {
	r := newDispatcher()
	for name, encoded := range map[string][]byte{
		"empty":          {},
		"no such pallet": {8, 0},
		"no such call":   {7, 2},
		"short":          encodedSet(1)[:9],
		"trailing":       append(encodedSet(1), 0),
		"too long":       nested(maxWrapped), // also too deep
		"too deep":       nested(scale.MaxDepth + 1),
	} {
		if _, err := decodeCall(r, encoded); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
	if _, err := decodeCall(r, nested(scale.MaxDepth)); err != nil {
		t.Errorf("the deepest call that is allowed: %v", err)
	}
	if err := r.DispatchEncoded(newContext(), frame.Root(), frame.EncodedCall{8}); err != frame.ErrCorruption {
		t.Errorf("a kept call that no longer decodes: %v", err)
	}
}

func TestBareCallsMustBeDeclared(t *testing.T) {
	r, c := newDispatcher(), newContext()
	call, _ := decodeCall(r, encodedSet(1))
	if _, invalid := call.ValidateBare(c); invalid != frame.NoUnsignedValidator {
		t.Fatalf("got %v", invalid)
	}
}

func FuzzDecodeCall(f *testing.F) {
	f.Add(encodedSet(1))
	f.Add(nested(2))
	f.Add(nested(70))
	r := newDispatcher()
	f.Fuzz(func(t *testing.T, encoded []byte) {
		call, err := decodeCall(r, encoded)
		if err == nil {
			_ = call.Info()
			_ = r.Dispatch(newContext(), frame.Root(), call)
		}
	})
}
