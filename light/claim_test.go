package light_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// proofOf encodes the proof that a transaction is the one at index.
func proofOf(t *testing.T, transactions types.Txs, index int) []byte {
	t.Helper()
	proof := transactions.Proof(index)
	message := proof.ToProto()
	encoded, err := message.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// withoutClaim cuts an encoded light block's claim off, and gives it.
func withoutClaim(t *testing.T, encoded []byte) (plain, claim []byte) {
	t.Helper()
	at := bytes.Index(encoded, []byte(wire.BlockClaimTag))
	if at < 0 {
		t.Fatal("no claim")
	}
	start := bytes.LastIndexByte(encoded[:at], wire.BlockClaimField<<3|2)
	for ; start >= 0; start = bytes.LastIndexByte(encoded[:start], wire.BlockClaimField<<3|2) {
		for width := 1; width <= 3; width++ {
			if bytes.Equal(memory.AttachClaim(encoded[:start], encoded[start+1+width:]), encoded) {
				return encoded[:start], encoded[start+1+width:]
			}
		}
	}
	t.Fatal("no claim at the end")
	return nil, nil
}

// What a height claims is proven by its own light block, without waiting for the next.
func TestClaims(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	c := follow(t, chain, chain, nil)
	for range 3 {
		id := chain.Block()
		if head := next(t, c); head.BlockID != id || !head.Time.Equal(chain.Now()) {
			t.Fatalf("head %v at %v, want %v", head.BlockID, head.Time, id)
		}
		chain.Idle() // proves the same by its AppHash
	}
	id := chain.Block()
	if head := next(t, c); head.BlockID != id {
		t.Errorf("head %v, want %v", head.BlockID, id)
	}
}

// A node that hides a claim delays its follower by a height; one that shows it later is believed.
func TestHiddenClaim(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	node := &liar{Chain: chain}
	c := follow(t, chain, node, nil)
	before := chain.Block()
	after := chain.Block()
	node.lightBlock = func(_ int64, honest []byte) []byte {
		plain, _ := withoutClaim(t, honest)
		return plain
	}
	if head := next(t, c); head.BlockID != before {
		t.Errorf("head %v, want %v", head.BlockID, before)
	}
	node.lightBlock = nil
	if head := next(t, c); head.BlockID != after {
		t.Errorf("head %v, want %v", head.BlockID, after)
	}
	node.lightBlock = func(_ int64, honest []byte) []byte {
		plain, _ := withoutClaim(t, honest)
		return plain
	}
	c.Repeat()
	if head := next(t, c); head.BlockID != after {
		t.Errorf("with the claim hidden again the head is %v, want %v", head.BlockID, after)
	}
}

// A height proves one Substrate block: that which its first transaction claims.
func TestClaimLies(t *testing.T) {
	forged := wire.BlockClaim(scale.Hash{7})
	others := types.Txs{[]byte("something"), forged, []byte("else")}
	for name, lie := range map[string]struct {
		want error
		make func(chain *memory.Chain, plain, claim []byte) []byte
	}{
		"another hash": {light.ErrForgedHeader, func(_ *memory.Chain, plain, claim []byte) []byte {
			at := bytes.Index(claim, []byte(wire.BlockClaimTag)) + len(wire.BlockClaimTag)
			claim = bytes.Clone(claim)
			claim[at] ^= 1
			return memory.AttachClaim(plain, claim)
		}},
		"the claim of another height": {light.ErrForgedHeader, func(chain *memory.Chain, plain, _ []byte) []byte {
			_, older := withoutClaim(t, at(chain, chain.Height()-1))
			return memory.AttachClaim(plain, older)
		}},
		"a claim of its own": {light.ErrForgedHeader, func(_ *memory.Chain, plain, _ []byte) []byte {
			return memory.AttachClaim(plain, proofOf(t, types.Txs{forged}, 0))
		}},
		"a transaction that reads like a claim": {light.ErrForgedHeader, func(chain *memory.Chain, _, _ []byte) []byte {
			signed := chain.Forge(chain.Height(), nil, func(h *types.Header) { h.DataHash = others.Hash() })
			return memory.AttachClaim(signed, proofOf(t, others, 1))
		}},
		"a first transaction that is no claim": {light.ErrForgedHeader, func(chain *memory.Chain, _, _ []byte) []byte {
			signed := chain.Forge(chain.Height(), nil, func(h *types.Header) { h.DataHash = others.Hash() })
			return memory.AttachClaim(signed, proofOf(t, others, 0))
		}},
		"no proof": {light.ErrMalformed, func(_ *memory.Chain, plain, _ []byte) []byte { return memory.AttachClaim(plain, nil) }},
		"bytes":    {light.ErrMalformed, func(_ *memory.Chain, plain, _ []byte) []byte { return memory.AttachClaim(plain, []byte{1, 2, 3}) }},
		"too long": {light.ErrMalformed, func(_ *memory.Chain, plain, _ []byte) []byte {
			return memory.AttachClaim(plain, make([]byte, light.MaxClaim+1))
		}},
		"cut short": {light.ErrMalformed, func(_ *memory.Chain, plain, claim []byte) []byte {
			b := memory.AttachClaim(plain, claim)
			return b[:len(b)-1]
		}},
		"a field's head": {light.ErrMalformed, func(_ *memory.Chain, plain, _ []byte) []byte {
			return append(bytes.Clone(plain), wire.BlockClaimField<<3|2)
		}},
	} {
		chain := memory.New(memory.Options{Validators: four()})
		node := &liar{Chain: chain}
		c := follow(t, chain, node, nil)
		chain.Block()
		chain.Block()
		node.lightBlock = func(_ int64, honest []byte) []byte {
			plain, claim := withoutClaim(t, honest)
			return lie.make(chain, plain, claim)
		}
		if head, err := c.Next(t.Context()); !errors.Is(err, lie.want) || !light.Refused(err) {
			t.Errorf("%s: %v, %v; want %v", name, head.BlockID, err, lie.want)
		}
		node.lightBlock = nil
		if head := next(t, c); head.Number != 2 {
			t.Errorf("%s: afterwards the head is %v", name, head.BlockID)
		}
	}
}
