package extrinsic_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var update = flag.Bool("update", false, "write testdata/ours.json; check it with ../metadata/testdata/polkadotjs.mjs afterwards")

// ours is what this package signed, as polkadot.js has to read it.
type ours struct {
	Kind               string          `json:"kind"`
	Signer             scale.AccountID `json:"signer"`
	Call               scale.HexBytes  `json:"call"`
	Era                scale.HexBytes  `json:"era"`
	Nonce              uint32          `json:"nonce"`
	Tip                scale.U128      `json:"tip"`
	SpecVersion        uint32          `json:"specVersion"`
	TransactionVersion uint32          `json:"transactionVersion"`
	GenesisHash        scale.Hash      `json:"genesisHash"`
	MortalityHash      scale.Hash      `json:"mortalityHash"`
	Hex                scale.HexBytes  `json:"hex"`
	Hash               scale.Hash      `json:"hash"`
}

func signOurs(t *testing.T, kind keys.Kind, call []byte, extensions extrinsic.Extensions) ours {
	t.Helper()
	pair, err := keys.DevPair(kind, "Bob")
	if err != nil {
		t.Fatal(err)
	}
	implicit := extrinsic.Implicit{SpecVersion: 9, TransactionVersion: 2, Genesis: scale.Hash{1, 31: 2}, Mortality: scale.Hash{3, 31: 4}}
	b, err := extrinsic.Sign(call, extensions, implicit, extrinsic.SignerOf(pair))
	if err != nil {
		t.Fatal(err)
	}
	return ours{
		Kind: kind.String(), Signer: pair.AccountID(), Call: call, Era: extrinsic.EraCodec.Marshal(extensions.Era),
		Nonce: extensions.Nonce, Tip: extensions.Tip, SpecVersion: implicit.SpecVersion,
		TransactionVersion: implicit.TransactionVersion, GenesisHash: implicit.Genesis, MortalityHash: implicit.Mortality,
		Hex: b, Hash: scale.Hash(hashing.Blake2_256(b)),
	}
}

// TestOurs holds the bytes of signed extrinsics that polkadot.js has accepted;
// signatures of ed25519 alone repeat, so the sr25519 one is read, not compared.
func TestOurs(t *testing.T) {
	remark := append([]byte{0, 0}, scale.Bytes(1000).Marshal(make([]byte, 300))...)
	transfer := append([]byte{40, 3}, extrinsic.AddressCodec.Marshal(extrinsic.AddressOf(scale.AccountID{7}))...)
	transfer = append(transfer, scale.CompactU128.Marshal(scale.U128{Hi: 1})...)
	made := []ours{
		signOurs(t, keys.Ed25519, remark, extrinsic.Extensions{Era: extrinsic.Mortal(128, 1_000_000), Nonce: 64, Tip: scale.MaxU128}),
		signOurs(t, keys.Ed25519, transfer, extrinsic.Extensions{Era: extrinsic.Mortal(20_000, 123_457), Nonce: 1 << 31}),
		signOurs(t, keys.Sr25519, transfer, extrinsic.Extensions{Tip: scale.U128From(5)}),
	}
	const file = "testdata/ours.json"
	if *update {
		b, err := json.MarshalIndent(map[string][]ours{"extrinsics": made}, "", " ")
		if err == nil {
			err = os.WriteFile(file, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var stored struct{ Extrinsics []ours }
	readJSON(t, file, &stored)
	if len(stored.Extrinsics) != len(made) {
		t.Fatalf("%d extrinsics stored, want %d", len(stored.Extrinsics), len(made))
	}
	for i, want := range stored.Extrinsics {
		x, err := extrinsic.Decode(want.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if x.Nonce != want.Nonce || x.Tip != want.Tip || string(x.Call) != string(want.Call) || x.Address.ID != want.Signer {
			t.Errorf("extrinsic %d reads as %+v", i, x)
		}
		if want.Kind == "ed25519" && string(made[i].Hex) != string(want.Hex) {
			t.Errorf("extrinsic %d is now %x", i, made[i].Hex)
		}
	}
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
