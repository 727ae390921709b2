package chainspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

func development() *Spec { return NewDevelopment(scale.Hash{7}, time.UnixMilli(1_700_000_000_123)) }

func text(t testing.TB, spec *Spec) []byte {
	t.Helper()
	out, err := spec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	want := text(t, development())
	path := filepath.Join(t.TempDir(), "spec.json")
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	spec, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(t, spec); !bytes.Equal(got, want) {
		t.Errorf("read and written again: %s", got)
	}
	if !spec.IsDevelopment() || len(spec.Genesis.Balances.Balances) == 0 {
		t.Error("the development spec is not one")
	}
	if _, err := ReadFile(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// A spec whose parts are wrong is refused with what to write.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Spec)
		want   error
		remedy string
	}{
		"no name":           {func(s *Spec) { s.Name = "" }, ErrField, "name"},
		"odd id":            {func(s *Spec) { s.ID = "Ä" }, ErrField, "id"},
		"chain type":        {func(s *Spec) { s.ChainType = "Test" }, ErrField, "Development"},
		"symbol":            {func(s *Spec) { s.Properties.TokenSymbol = "" }, ErrField, "tokenSymbol"},
		"address format":    {func(s *Spec) { s.Properties.SS58Format = 42 }, ErrField, "ss58Format"},
		"decimals":          {func(s *Spec) { s.Properties.TokenDecimals = 39 }, ErrField, "tokenDecimals"},
		"no chain id":       {func(s *Spec) { s.CometBFT.ChainID = "" }, ErrField, "chainId"},
		"long chain id":     {func(s *Spec) { s.CometBFT.ChainID = strings.Repeat("x", 51) }, ErrField, "chainId"},
		"no time":           {func(s *Spec) { s.CometBFT.GenesisTime = time.Time{} }, ErrField, "genesisTime"},
		"no validators":     {func(s *Spec) { s.CometBFT.Validators = nil }, ErrField, "validators"},
		"no power":          {func(s *Spec) { s.CometBFT.Validators[0].Power = 0 }, ErrField, "power"},
		"too much power":    {func(s *Spec) { s.CometBFT.Validators[0].Power = 1 << 62 }, ErrField, "power"},
		"validator twice":   {func(s *Spec) { s.CometBFT.Validators = append(s.CometBFT.Validators, s.CometBFT.Validators[0]) }, ErrField, "twice"},
		"small blocks":      {func(s *Spec) { s.CometBFT.Params.MaxBlockBytes = 1 << 20 }, ErrField, "maxBlockBytes"},
		"no evidence age":   {func(s *Spec) { s.CometBFT.Params.EvidenceMaxAgeBlocks = 0 }, ErrField, "evidence"},
		"endless evidence":  {func(s *Spec) { s.CometBFT.Params.EvidenceMaxAgeSeconds = 1 << 60 }, ErrField, "evidence"},
		"other validators":  {func(s *Spec) { s.CometBFT.Validators[0].PublicKey[0] ^= 1 }, ErrConsensus, "validatorsHash 0x"},
		"other parameters":  {func(s *Spec) { s.CometBFT.Params.MaxBlockBytes++ }, ErrConsensus, "paramsHash 0x"},
		"other chain id":    {func(s *Spec) { s.CometBFT.ChainID = "other" }, ErrConsensus, `chainId "other"`},
		"simulated, live":   {func(s *Spec) { s.ChainType = Live }, ErrSimulated, "remove it from genesis"},
		"simulated, local":  {func(s *Spec) { s.ChainType = Local }, ErrSimulated, "chainType"},
		"simulated, absent": {func(s *Spec) { s.ChainType = Live; s.Genesis.Confidential.SimulatedVendor = nil }, nil, ""},
	} {
		spec := development()
		test.change(spec)
		_, err := Parse(text(t, spec))
		if !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.remedy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Reading is strict.
func TestStrictness(t *testing.T) {
	good := string(text(t, development()))
	for name, bad := range map[string]string{
		"empty":           "",
		"not JSON":        "{",
		"an array":        "[]",
		"unknown field":   strings.Replace(good, `"name"`, `"nmae": 1, "name"`, 1),
		"unknown, deeper": strings.Replace(good, `"maxBlockBytes"`, `"maxBlockByte": 1, "maxBlockBytes"`, 1),
		"unknown pallet":  strings.Replace(good, `"balances": {`, `"balancez": {}, "balances": {`, 1),
		"trailing":        good + "{}",
		"number for text": strings.Replace(good, `"name": "Bitcloak Development"`, `"name": 5`, 1),
		"foreign address": strings.Replace(good, development().addressOf(t), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 1),
		"fraction":        strings.Replace(good, `"power": 10`, `"power": 1.5`, 1),
	} {
		if bad == good {
			t.Fatalf("%s: the example is not altered", name)
		}
		if _, err := Parse([]byte(bad)); !errors.Is(err, ErrJSON) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(make([]byte, MaxSize+1)); !errors.Is(err, ErrSize) {
		t.Errorf("too large: %v", err)
	}
}

// addressOf is the first endowed address, as the spec writes it.
func (s *Spec) addressOf(t *testing.T) string {
	t.Helper()
	encoded, err := s.Genesis.Balances.Balances[0].Account.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestGenesisDoc(t *testing.T) {
	spec := development()
	doc := spec.CometBFT.GenesisDoc()
	if err := doc.ValidateAndComplete(); err != nil {
		t.Fatal(err)
	}
	if doc.InitialHeight != 1 || len(doc.Validators) != 1 || doc.ConsensusParams.Block.MaxBytes != spec.CometBFT.Params.MaxBlockBytes {
		t.Errorf("document %+v", doc)
	}
	if spec.Properties.SS58Format != frame.SS58Prefix {
		t.Error("the properties name another address format than the runtime's")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text(f, development()))
	f.Add([]byte(`{"name":"x","cometbft":{"validators":[{"power":9223372036854775807},{"power":1}]}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		spec, err := Parse(input)
		if err != nil {
			return
		}
		again, err := Parse(text(t, spec))
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		a, _ := json.Marshal(spec)
		b, _ := json.Marshal(again)
		if !bytes.Equal(a, b) {
			t.Fatal("written and read again, it is another spec")
		}
	})
}
