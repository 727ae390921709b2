package upgrade

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// alice is the only member of a development network's governance.
type alice struct {
	t      *testing.T
	client *rpc.Client
	pair   keys.Pair
	spec   uint32 // the spec version that she signs for
}

func newAlice(t *testing.T, client *rpc.Client, spec uint32) *alice {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	return &alice{t: t, client: client, pair: pair, spec: spec}
}

// ask gives a method's result.
func ask[T any](a *alice, method string, params ...any) (result T) {
	a.t.Helper()
	if err := a.client.Call(a.t.Context(), method, params, &result); err != nil {
		a.t.Fatal(err)
	}
	return result
}

// refusal is the node's error of a method that must fail.
func (a *alice) refusal(method string, params ...any) *rpc.Error {
	a.t.Helper()
	var refused *rpc.Error
	if err := a.client.Call(a.t.Context(), method, params, nil); !errors.As(err, &refused) {
		a.t.Fatalf("%s%v is not refused: %v", method, params, err)
	}
	return refused
}

func (a *alice) nonce() uint32 {
	account := a.pair.AccountID()
	value := ask[scale.HexBytes](a, "state_getStorage", scale.HexString(wire.StorageAccount(account)))
	return scale.NewDecoder(value).U32()
}

// sign signs a call for her spec version.
func (a *alice) sign(call []byte) string {
	a.t.Helper()
	genesis := ask[scale.Hash](a, "chain_getBlockHash", 0)
	implicit := extrinsic.Implicit{SpecVersion: a.spec, TransactionVersion: 1, Genesis: genesis, Mortality: genesis}
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: a.nonce()}, implicit, extrinsic.SignerOf(a.pair))
	if err != nil {
		a.t.Fatal(err)
	}
	return scale.HexString(signed)
}

// submit puts a call into a block and waits for it.
func (a *alice) submit(call []byte) {
	a.t.Helper()
	before := a.nonce()
	ask[scale.Hash](a, "author_submitExtrinsic", a.sign(call))
	a.until("her transaction is in a block", func() bool { return a.nonce() > before })
}

// until waits for something to be so.
func (a *alice) until(what string, so func() bool) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	for !so() {
		select {
		case <-ctx.Done():
			a.t.Fatalf("within a minute it was not so that %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// head is the number of the best block.
func (a *alice) head() uint32 {
	a.t.Helper()
	return uint32(ask[struct{ Number rpc.Number }](a, "chain_getHeader").Number)
}

func (a *alice) hash(number uint32) string { return ask[string](a, "chain_getBlockHash", number) }

// commits is the checkpoint of the last commit.
func (a *alice) commits() uint64 {
	a.t.Helper()
	value := ask[*scale.HexBytes](a, "state_getStorage", scale.HexString(wire.StorageLastCommit()))
	if value == nil {
		return 0
	}
	return scale.NewDecoder(*value).U64()
}

// systemItem is the value of a storage item of pallet System; nil if absent.
func (a *alice) systemItem(name string, at ...any) *scale.HexBytes {
	a.t.Helper()
	key := hashing.StoragePrefix("System", name)
	return ask[*scale.HexBytes](a, "state_getStorage", append([]any{scale.HexString(key[:])}, at...)...)
}
