package runtime_test

import (
	"bytes"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func remark(length int) []byte {
	return append([]byte{system.Index, 0}, scale.Bytes(extrinsic.MaxSize).Marshal(make([]byte, length))...)
}

// TestNormalCallsLeaveRoom fills a block with remarks until it refuses more.
func TestNormalCallsLeaveRoom(t *testing.T) {
	c := newChain(t)
	alice := dev(t, "Alice")
	b := c.next()
	const megabyte = 1 << 20
	applied := 0
	for nonce := uint32(0); ; nonce++ {
		xt := c.signWith(alice, remark(megabyte), extrinsic.Extensions{Nonce: nonce})
		result := b.ApplyExtrinsic(xt)
		if result.Invalid == frame.InvalidExhausts {
			break
		}
		if !result.Applied() {
			t.Fatal(result.Invalid)
		}
		applied++
	}
	if applied != 3 { // three quarters of 5 MiB
		t.Fatalf("%d remarks of a megabyte fit", applied)
	}
	// Refused for want of room, the nonce and the fee are untouched: a short one still fits.
	if result := b.ApplyExtrinsic(c.signWith(alice, remark(10), extrinsic.Extensions{Nonce: uint32(applied)})); !result.Applied() {
		t.Fatal(result.Invalid)
	}
	b.commit()
	if c.nonce(alice.AccountID()) != uint32(applied)+1 {
		t.Fatal("a refused extrinsic used its nonce")
	}
}

func TestWhatNoBlockHasRoomFor(t *testing.T) {
	c := newChain(t)
	alice := dev(t, "Alice")
	xt := c.sign(alice, remark(4<<20)) // more than normal calls may have of a block
	if result := c.next().ApplyExtrinsic(xt); result.Invalid != frame.InvalidExhausts {
		t.Fatalf("in the block: %+v", result)
	}
	if _, invalid := c.fork().ValidateTransaction(2, xt, c.head.Hash()); invalid != frame.InvalidExhausts {
		t.Fatalf("in the pool: %v", invalid)
	}
	if result := c.next().ApplyExtrinsic(bytes.Repeat([]byte{0xff}, 6<<20)); result.Invalid != frame.InvalidCall {
		t.Fatalf("six megabytes of garbage: %+v", result)
	}
}

// TestRoomByClass takes room directly, as calls of each class would.
func TestRoomByClass(t *testing.T) {
	info := func(class frame.Class, milliseconds uint64) frame.DispatchInfo {
		return frame.DispatchInfo{Class: class, Weight: frame.Work(milliseconds * frame.Millisecond)}
	}
	fill := func(c *frame.Context, i frame.DispatchInfo) (count int) {
		for system.TakeRoom(c, i, 100) == nil {
			count++
		}
		return count
	}
	c := newChain(t).context()
	system.AddWeight(c, frame.Work(frame.Millisecond)) // what hooks used
	if n := fill(c, info(frame.Normal, 100)); n != 14 {
		t.Fatalf("%d normal calls of 100 ms fit", n)
	}
	// A block full of normal calls still takes a quarter of operational ones.
	if n := fill(c, info(frame.Operational, 50)); n < 9 {
		t.Fatalf("%d operational calls of 50 ms fit", n)
	}
	// Mandatory ones always fit.
	if invalid := system.TakeRoom(c, info(frame.Mandatory, 5_000), 100); invalid != nil {
		t.Fatal(invalid)
	}
	if invalid := system.TakeRoom(c, info(frame.Normal, 1), 100); invalid != frame.InvalidExhausts {
		t.Fatalf("an overfull block takes more: %v", invalid)
	}
	// One call alone.
	if invalid := system.CheckLimits(info(frame.Normal, 1_500), 100); invalid != frame.InvalidExhausts {
		t.Fatalf("a call of three quarters of a block and its base: %v", invalid)
	}
	if invalid := system.CheckLimits(info(frame.Operational, 400), 5<<20+1); invalid != frame.InvalidExhausts {
		t.Fatalf("a call longer than a block: %v", invalid)
	}
}
