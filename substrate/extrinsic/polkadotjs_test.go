package extrinsic_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// The vectors of testdata/polkadotjs.json, which
// substrate/metadata/testdata/polkadotjs.mjs wrote.
type vectors struct {
	Eras []struct {
		Period, Current             uint64
		Hex                         scale.HexBytes
		EncodedPeriod, EncodedPhase uint32
		Birth, Death                uint64
	}
	Signed []struct {
		Kind                            string
		Era, Call, SigningPayload       scale.HexBytes
		Nonce                           uint32
		Tip                             scale.U128
		Signer                          scale.AccountID
		GenesisHash, MortalityHash      scale.Hash
		SpecVersion, TransactionVersion uint32
		PlainLength                     int
		Signature, Hex                  scale.HexBytes
		Hash                            scale.Hash
	}
	Bare []struct {
		Version   uint8
		Call, Hex scale.HexBytes
	}
	Addresses []struct {
		Kind       string
		Value, Hex scale.HexBytes
	}
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	readJSON(t, "testdata/polkadotjs.json", &v)
	if len(v.Eras) == 0 || len(v.Signed) == 0 || len(v.Bare) == 0 || len(v.Addresses) == 0 {
		t.Fatal("testdata/polkadotjs.json is incomplete")
	}
	return v
}

func TestErasAgreeWithPolkadotJS(t *testing.T) {
	for _, v := range readVectors(t).Eras {
		era := extrinsic.Mortal(v.Period, v.Current)
		if got := extrinsic.EraCodec.Marshal(era); string(got) != string(v.Hex) {
			t.Errorf("period %d at %d encodes to %x, want %x", v.Period, v.Current, got, v.Hex)
		}
		decoded, err := extrinsic.EraCodec.Unmarshal(v.Hex)
		if err != nil || decoded != era || era.Period != v.EncodedPeriod || era.Phase != v.EncodedPhase {
			t.Errorf("%x decodes to %+v, %v, want %+v", v.Hex, decoded, err, era)
		}
		if era.Birth(v.Current) != v.Birth || era.Death(v.Current) != v.Death {
			t.Errorf("period %d at %d lives from %d to %d, want %d to %d", v.Period, v.Current,
				era.Birth(v.Current), era.Death(v.Current), v.Birth, v.Death)
		}
	}
}

func TestSignedAgreeWithPolkadotJS(t *testing.T) {
	kinds := map[string]uint8{"ed25519": extrinsic.SignatureEd25519, "sr25519": extrinsic.SignatureSr25519, "ecdsa": extrinsic.SignatureEcdsa}
	for i, v := range readVectors(t).Signed {
		x, err := extrinsic.Decode(v.Hex)
		if err != nil {
			t.Fatalf("extrinsic %d: %v", i, err)
		}
		era, err := extrinsic.EraCodec.Unmarshal(v.Era)
		if err != nil {
			t.Fatal(err)
		}
		if account, ok := x.Address.Account(); !ok || account != v.Signer || !x.Signed || x.Version != 4 ||
			x.Extensions != (extrinsic.Extensions{Era: era, Nonce: v.Nonce, Tip: v.Tip}) || string(x.Call) != string(v.Call) {
			t.Errorf("extrinsic %d reads as %+v", i, x)
		}
		if x.Signature.Kind != kinds[v.Kind] || string(x.Signature.Bytes[:len(v.Signature)]) != string(v.Signature) {
			t.Errorf("extrinsic %d has the signature %+v", i, x.Signature)
		}
		implicit := extrinsic.Implicit{SpecVersion: v.SpecVersion, TransactionVersion: v.TransactionVersion,
			Genesis: v.GenesisHash, Mortality: v.MortalityHash}
		payload := x.SigningPayload([]byte("kept"), &implicit)
		if string(payload) != "kept"+string(v.SigningPayload) {
			t.Errorf("extrinsic %d of %d plain bytes signs %x, want %x", i, v.PlainLength, payload[4:], v.SigningPayload)
		}
		if short, ok := x.Signature.Short(); ok != (v.Kind != "ecdsa") {
			t.Errorf("extrinsic %d: a 64-byte signature: %v", i, ok)
		} else if ok && !keys.Verify(keys.Kind(x.Signature.Kind), v.Signer, payload[4:], short) {
			t.Errorf("extrinsic %d: the signature does not verify", i)
		}
		b, err := x.Encode()
		if err != nil || string(b) != string(v.Hex) || scale.Hash(hashing.Blake2_256(b)) != v.Hash {
			t.Errorf("extrinsic %d encodes to %x, %v", i, b, err)
		}
	}
}

func TestBareAgreeWithPolkadotJS(t *testing.T) {
	for _, v := range readVectors(t).Bare {
		x, err := extrinsic.Decode(v.Hex)
		if err != nil || x.Signed || x.Version != v.Version || string(x.Call) != string(v.Call) {
			t.Errorf("version %d reads as %+v, %v", v.Version, x, err)
		}
		x = extrinsic.Bare(v.Call)
		x.Version = v.Version
		if b, err := x.Encode(); err != nil || string(b) != string(v.Hex) {
			t.Errorf("version %d encodes to %x, %v", v.Version, b, err)
		}
	}
}

func TestAddressesAgreeWithPolkadotJS(t *testing.T) {
	for _, v := range readVectors(t).Addresses {
		a, err := extrinsic.AddressCodec.Unmarshal(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		content := map[string][]byte{"Id": a.ID[:], "Raw": a.Raw, "Address32": a.Bytes32[:], "Address20": a.Bytes20[:]}
		if string(content[v.Kind]) != string(v.Value) {
			t.Errorf("%s reads as %+v", v.Kind, a)
		}
		if _, ok := a.Account(); ok != (v.Kind == "Id") {
			t.Errorf("%s names an account: %v", v.Kind, ok)
		}
		if string(extrinsic.AddressCodec.Marshal(a)) != string(v.Hex) {
			t.Errorf("%s encodes differently", v.Kind)
		}
	}
}
