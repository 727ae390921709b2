package seal

import (
	"bytes"
	"testing"

	"golang.org/x/crypto/blake2b"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

func TestCommandsOpen(t *testing.T) {
	session, _ := newTestSession(t, keys.Sr25519, 3)
	root := RootKey(session.secret, testInstance, session.account, 3)
	ciphers := map[uint32]*CommandCipher{3: NewCommandCipher(root, testInstance)}
	root = RatchetKey(root, 4)
	ciphers[4] = NewCommandCipher(root, testInstance)
	command := wire.Command{Kind: wire.CommandPlace, Order: 1, Market: 2, Side: wire.Sell, Price: 3, Quantity: 4}
	scratch := make([]byte, ScratchSize)
	for _, epoch := range []uint32{3, 4, 3} { // back and forth, as wallets may
		for _, sequence := range []uint64{0, 1, 1 << 40} {
			envelope, err := session.Seal(epoch, sequence, &command)
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.CheckEnvelope(envelope); err != nil {
				t.Fatal(err)
			}
			if got := wire.EnvelopeTag(envelope); got != ciphers[epoch].Tag(sequence) {
				t.Fatalf("epoch %d, sequence %d: tag %x", epoch, sequence, got)
			}
			plaintext, ok := ciphers[epoch].Open(scratch, sequence, envelope)
			var opened wire.Command
			got, err := wire.DecodeCommand(plaintext, &opened)
			if !ok || err != nil || got != sequence || opened != command {
				t.Fatalf("epoch %d, sequence %d: %v %v %+v", epoch, sequence, ok, err, opened)
			}
			for at := range envelope {
				bad := bytes.Clone(envelope)
				bad[at] ^= 0x40
				if _, ok := ciphers[epoch].Open(scratch, sequence, bad); ok {
					t.Fatalf("byte %d altered and still opened", at)
				}
			}
			if _, ok := ciphers[epoch].Open(scratch, sequence+1, envelope); ok {
				t.Fatal("opened under another sequence")
			}
			if _, ok := ciphers[7-epoch].Open(scratch, sequence, envelope); ok {
				t.Fatal("opened in another epoch")
			}
			if _, ok := ciphers[epoch].Open(scratch, sequence, envelope[:255]); ok {
				t.Fatal("a cut envelope opened")
			}
		}
	}
	if _, err := session.Seal(2, 0, &command); err == nil {
		t.Error("sealed for an epoch before the session's")
	}
}

func TestCommandIsBoundToTheNetwork(t *testing.T) {
	session, _ := newTestSession(t, keys.Sr25519, 0)
	envelope, err := session.Seal(0, 0, &wire.Command{})
	if err != nil {
		t.Fatal(err)
	}
	foreign := testInstance
	foreign.Contract++
	same := RootKey(session.secret, testInstance, session.account, 0)
	if _, ok := NewCommandCipher(same, foreign).Open(make([]byte, ScratchSize), 0, envelope); ok {
		t.Error("opened by another contract that knows the session")
	}
	if RootKey(session.secret, foreign, session.account, 0) == same {
		t.Error("two contracts share a session's keys")
	}
}

// TestTagIsTheSpecifications computes a tag from the page, apart from the code.
func TestTagIsTheSpecifications(t *testing.T) {
	root := [32]byte{5}
	key := expand(&root, []byte("tag"))
	hash, err := blake2b.New(16, key[:])
	if err != nil {
		t.Fatal(err)
	}
	hash.Write([]byte("tag\x02\x01\x00\x00\x00\x00\x00\x00"))
	if got := NewCommandCipher(root, testInstance).Tag(0x102); !bytes.Equal(got[:], hash.Sum(nil)) {
		t.Errorf("tag %x, want %x", got, hash.Sum(nil))
	}
}

// TestOpenAllocatesNothing keeps the hot path of a worker free of garbage.
func TestOpenAllocatesNothing(t *testing.T) {
	c := NewCommandCipher([32]byte{1}, testInstance)
	envelope, err := c.Seal(5, &wire.Command{Kind: wire.CommandCancel, Order: 1})
	if err != nil {
		t.Fatal(err)
	}
	scratch := make([]byte, ScratchSize)
	if n := testing.AllocsPerRun(100, func() {
		plaintext, ok := c.Open(scratch, 5, envelope)
		var command wire.Command
		if _, err := wire.DecodeCommand(plaintext, &command); err != nil || !ok {
			t.Fatal("does not open")
		}
		c.Tag(6)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkOpenCommand(b *testing.B) {
	c := NewCommandCipher([32]byte{1}, testInstance)
	envelope, err := c.Seal(5, &wire.Command{Kind: wire.CommandCancel, Order: 1})
	if err != nil {
		b.Fatal(err)
	}
	scratch := make([]byte, ScratchSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Open(scratch, 5, envelope); !ok {
			b.Fatal("does not open")
		}
	}
}
