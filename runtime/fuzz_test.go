package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/governance"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// FuzzApplyExtrinsic gives bytes as an extrinsic, and as the call of a signed and of
// a bare one. Nothing panics; what is invalid leaves nothing; what is applied keeps
// every invariant.
func FuzzApplyExtrinsic(f *testing.F) {
	alice, err := keys.DevPair(keys.Ed25519, "Alice") // its signatures are a function of the data
	if err != nil {
		f.Fatal(err)
	}
	genesis := runtime.DevelopmentGenesis()
	genesis.Balances.Balances = append(genesis.Balances.Balances,
		balances.Endowment{Account: frame.Address(alice.AccountID()), Free: scale.U128From(1_000 * cloak)})
	c, bob := newChainFrom(f, genesis), dev(f, "Bob").AccountID()
	transfer := transferCall(transferKeepAlive, bob, cloak)
	f.Add(c.sign(alice, transfer))
	f.Add(transfer)
	f.Add(transferAllCall(bob, true))
	f.Add(runtime.TimestampInherent(1))
	f.Add(append([]byte{governance.Index, 0}, transfer...))
	f.Add([]byte{21, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		c.t = t
		signed, err := extrinsic.Sign(data, extrinsic.Extensions{}, c.implicit(c.genesis), extrinsic.SignerOf(alice))
		if err != nil {
			t.Fatal(err)
		}
		bare := extrinsic.Bare(data)
		encoded, err := bare.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, xt := range [][]byte{data, signed, encoded} {
			applyOnce(t, c, xt)
		}
	})
}

func applyOnce(t *testing.T, c *chain, xt []byte) {
	t.Helper()
	pool := c.fork()
	before := len(pool.host.Changes())
	_, _ = pool.ValidateTransaction(runtime.SourceExternal, xt, c.head.Hash())
	if len(pool.host.Changes()) != before {
		t.Fatal("validation left something")
	}
	c.time-- // every try is the block after the same head
	b := c.next()
	c.time = firstTime + 1_000
	empty := b.host.StorageRoot()
	result := b.ApplyExtrinsic(xt)
	if !result.Applied() && b.host.StorageRoot() != empty {
		t.Fatalf("invalid (%v), but it left something", result.Invalid)
	}
	b.FinalizeBlock()
	if err := b.TryState(); err != nil {
		t.Fatal(err)
	}
}

// FuzzCall gives bytes to every runtime API.
func FuzzCall(f *testing.F) {
	c := newChain(f)
	methods := runtime.Methods()
	xt := c.sign(dev(f, "Alice"), transferCall(transferKeepAlive, dev(f, "Bob").AccountID(), cloak))
	for i := range methods {
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), feeQuery(xt))
		f.Add(uint8(i), scale.Bytes(100).Marshal([]byte(`{"balances":{}}`)))
	}
	f.Fuzz(func(t *testing.T, method uint8, args []byte) {
		c.t = t
		_, _ = c.fork().Call(methods[int(method)%len(methods)], args)
	})
}
