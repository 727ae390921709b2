package runtime_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

func TestDevelopmentAccountsAreTheirNames(t *testing.T) {
	accounts := runtime.DevelopmentAccounts()
	if len(accounts) != 6 {
		t.Fatalf("%d accounts", len(accounts))
	}
	for _, account := range accounts {
		pair, err := keys.DevPair(keys.Sr25519, account.Name)
		if err != nil || pair.AccountID() != account.Address.Account() {
			t.Errorf("%s has another key (%v)", account.Name, err)
		}
	}
}

func TestGenesisIsReadBackFromItsJSON(t *testing.T) {
	genesis := runtime.DevelopmentGenesis()
	text, err := json.Marshal(genesis)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F"`) {
		t.Error("Alice's address is not in SS58 with prefix 2")
	}
	again, err := runtime.ParseGenesis(text)
	if err != nil || !reflect.DeepEqual(again, genesis) {
		t.Fatalf("it reads back as another genesis (%v)", err)
	}
	for name, bad := range map[string]string{
		"an unknown field":       `{"balances":{"balance":[]}}`,
		"an unknown pallet":      `{"sudo":{}}`,
		"text behind it":         string(text) + "{}",
		"no object":              `[]`,
		"an address elsewhere":   strings.Replace(string(text), "HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 1),
		"an amount as a number":  strings.Replace(string(text), `"1000000000000000000"`, `1000000000000000000`, 1),
		"a negative amount":      strings.Replace(string(text), `"1000000000000000000"`, `"-1"`, 1),
		"an amount of 129 bits":  strings.Replace(string(text), `"1000000000000000000"`, `"340282366920938463463374607431768211456"`, 1),
		"an end that is missing": string(text[:len(text)-1]),
	} {
		if _, err := runtime.ParseGenesis([]byte(bad)); !errors.Is(err, runtime.ErrGenesisJSON) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func build(genesis runtime.Genesis) (*native.Host, error) {
	host := native.New(native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{}), nil, nil)
	return host, runtime.New(host).BuildGenesis(genesis)
}

func TestGenesisIsChecked(t *testing.T) {
	alice := runtime.DevelopmentAccounts()[0].Address
	for name, test := range map[string]struct {
		change func(*runtime.Genesis)
		want   error
	}{
		"an account twice": {func(g *runtime.Genesis) {
			g.Balances.Balances = append(g.Balances.Balances, balances.Endowment{Account: alice, Free: scale.U128From(cloak)})
		}, balances.ErrGenesisTwice},
		"less than the existential deposit": {func(g *runtime.Genesis) {
			g.Balances.Balances[0].Free = scale.U128From(ed - 1)
		}, balances.ErrGenesisAmount},
		"nothing": {func(g *runtime.Genesis) {
			g.Balances.Balances[0].Free = scale.U128{}
		}, balances.ErrGenesisAmount},
		"a sum beyond 128 bits": {func(g *runtime.Genesis) {
			g.Balances.Balances[0].Free = scale.MaxU128
		}, balances.ErrGenesisAmount},
	} {
		genesis := runtime.DevelopmentGenesis()
		test.change(&genesis)
		host, err := build(genesis)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if len(host.Changes()) != 0 {
			t.Errorf("%s: something was written", name)
		}
	}
	host, err := build(runtime.DevelopmentGenesis())
	if err != nil {
		t.Fatal(err)
	}
	if err := runtime.New(host).BuildGenesis(runtime.DevelopmentGenesis()); !errors.Is(err, runtime.ErrGenesisState) {
		t.Errorf("a second genesis: %v", err)
	}
}

func TestGenesisBuilderAPI(t *testing.T) {
	c := newChain(t)
	text := call(t, c, "GenesisBuilder_get_preset", append([]byte{1}, scale.Str(20).Marshal("development")...), scale.Option(scale.Bytes(1<<20)))
	if !text.Some {
		t.Fatal("there is no development preset")
	}
	host := native.New(native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{}), nil, nil)
	result, err := runtime.New(host).Call("GenesisBuilder_build_state", scale.Bytes(1<<20).Marshal(text.Value))
	if err != nil || len(result) != 1 || result[0] != 0 {
		t.Fatalf("%x, %v", result, err)
	}
	if host.StorageRoot() != c.fork().GenesisHeader().StateRoot {
		t.Fatal("the preset builds another state than the development genesis")
	}
	answer := call(t, c, "GenesisBuilder_build_state", scale.Bytes(100).Marshal([]byte(`{"x":1}`)), frame.ResultCodec(scale.Unit, scale.Str(4_096)))
	if !answer.Failed() || !strings.Contains(answer.Error, `unknown field "x"`) {
		t.Fatalf("an unknown field: %+v", answer)
	}
}
