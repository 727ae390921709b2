package runtime_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestTheVersionListsTheAPIs(t *testing.T) {
	c := newChain(t)
	version := call(t, c, "Core_version", nil, frame.RuntimeVersionCodec)
	if version.SpecName != "bitcloak" || version.SpecVersion != 1 || version.StateVersion != 1 {
		t.Fatalf("%+v", version)
	}
	want := map[string]uint32{ // ids as clients know them
		"0xdf6acb689907609b": 5, "0x37e397fc7c91f5e4": 2, "0x40fe3ad401f8959a": 6, "0xd2bc9897eed08f15": 3,
		"0xbc9d89904f5b923f": 1, "0x37c8bb1350a9a2a8": 4, "0xfbc577b9d747efd6": 1,
	}
	for _, api := range version.Apis {
		id := scale.HexString(api.ID[:])
		if want[id] != api.Version {
			t.Errorf("%s is version %d", id, api.Version)
		}
		delete(want, id)
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestCallsByName(t *testing.T) {
	c := newChain(t)
	for _, name := range []string{"", "Core", "Core_", "Core_versions", "core_version", "Core_version_"} {
		if _, err := c.fork().Call(name, nil); !errors.Is(err, runtime.ErrMethod) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := c.fork().Call("Core_version", []byte{0}); err == nil {
		t.Error("arguments were accepted where there are none")
	}
	alice := dev(t, "Alice")
	c.block(c.sign(alice, remark(1)))
	account := alice.AccountID()
	if nonce := call(t, c, "AccountNonceApi_account_nonce", account[:], scale.U32); nonce != 1 {
		t.Errorf("nonce %d", nonce)
	}
}

func TestMetadataByAPI(t *testing.T) {
	c := newChain(t)
	opaque := scale.Bytes(4 << 20)
	if got := call(t, c, "Metadata_metadata", nil, opaque); !bytes.Equal(got, runtime.Metadata(14)) {
		t.Error("the default metadata is not version 14")
	}
	for _, version := range call(t, c, "Metadata_metadata_versions", nil, scale.Vec(scale.U32, 10)) {
		got := call(t, c, "Metadata_metadata_at_version", scale.U32.Marshal(version), scale.Option(opaque))
		if !got.Some || !bytes.Equal(got.Value, runtime.Metadata(version)) || got.Value[4] != byte(version) {
			t.Errorf("version %d differs", version)
		}
	}
	if got := call(t, c, "Metadata_metadata_at_version", scale.U32.Marshal(13), scale.Option(opaque)); got.Some || runtime.Metadata(13) != nil {
		t.Error("there is a version 13")
	}
}

// inherents is inherent data with a timestamp and something else.
func inherents(milliseconds uint64) []byte {
	e := scale.NewEncoder(nil)
	e.Compact(2)
	e.Raw([]byte("other000"))
	e.Bytes([]byte{1})
	e.Raw([]byte("timstap0"))
	e.Bytes(scale.U64.Marshal(milliseconds))
	return e.Encoded()
}

// TestABlockBuiltThroughTheAPIs does what a node does that knows only exports.
func TestABlockBuiltThroughTheAPIs(t *testing.T) {
	c := newChain(t)
	b := c.fork()
	do := func(method string, args []byte) []byte {
		t.Helper()
		result, err := b.Call(method, args)
		if err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		return result
	}
	start := header.Header{ParentHash: c.head.Hash(), Number: 1}
	if mode := do("Core_initialize_block", header.Codec.Marshal(start)); !bytes.Equal(mode, []byte{0}) {
		t.Fatalf("inclusion mode %x", mode)
	}
	list := do("BlockBuilder_inherent_extrinsics", inherents(firstTime+5))
	inherent := runtime.TimestampInherent(firstTime + 5)
	if !bytes.Equal(list, append([]byte{4}, inherent...)) {
		t.Fatalf("inherents %x", list)
	}
	transfer := c.sign(dev(t, "Alice"), transferCall(transferKeepAlive, dev(t, "Bob").AccountID(), cloak))
	for _, xt := range [][]byte{inherent, transfer} {
		if result := do("BlockBuilder_apply_extrinsic", xt); !bytes.Equal(result, []byte{0, 0}) {
			t.Fatalf("apply: %x", result)
		}
	}
	if result := do("BlockBuilder_apply_extrinsic", transfer); !bytes.Equal(result, []byte{1, 0, 3}) { // Err(Invalid(Stale))
		t.Fatalf("apply again: %x", result)
	}
	h, err := header.Codec.Unmarshal(do("BlockBuilder_finalize_block", nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.fork().Call("Core_execute_block", encodeBlock(h, [][]byte{inherent, transfer})); err != nil {
		t.Fatal(err)
	}
	if _, err := c.fork().Call("BlockBuilder_finalize_block", nil); !errors.Is(err, runtime.ErrNoInherent) {
		t.Fatalf("a block that was not begun: %v", err)
	}
}

func TestInherentsAreChecked(t *testing.T) {
	c := newChain(t)
	c.block()
	check := func(proposed, local uint64) []byte {
		h := header.Header{ParentHash: c.head.Hash(), Number: 2}
		result, err := c.fork().Call("BlockBuilder_check_inherents",
			append(encodeBlock(h, [][]byte{runtime.TimestampInherent(proposed)}), inherents(local)...))
		if err != nil {
			t.Fatal(err)
		}
		return result[:2]
	}
	for name, test := range map[string]struct {
		proposed, local uint64
		okay            bool
	}{
		"now":           {c.time + 1, c.time + 1, true},
		"a bit early":   {c.time + 20_000, c.time + 1, true},
		"late":          {c.time + 1, c.time + 1_000_000, true},
		"not rising":    {c.time, c.time + 1, false},
		"far too early": {c.time + 40_000, c.time + 1, false},
	} {
		want := []byte{1, 0}
		if !test.okay {
			want = []byte{0, 1}
		}
		if got := check(test.proposed, test.local); !bytes.Equal(got, want) {
			t.Errorf("%s: %x", name, got)
		}
	}
}
