package metadata_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// facts is what polkadot.js found in the golden metadata: testdata/polkadotjs.json,
// written by testdata/polkadotjs.mjs. These tests compare it with the declaration.
type facts struct {
	Pallets                        []palletFacts
	Extensions, Explicit, Implicit []string
	OrderKey                       scale.HexBytes
	APIs                           []apiFacts
	Custom                         map[string]struct{ Value scale.HexBytes }
	OuterEnums                     []string
}

type palletFacts struct {
	Name, Docs, Prefix    string
	Index                 uint8
	Storage               []storageFacts
	Calls, Events, Errors []variantFacts
	Constants             []struct{ Name, Docs, Value string }
}

type storageFacts struct {
	Name, Docs, Key, Value string
	Optional               bool
	Default                scale.HexBytes
	Hashers                []string
}

type variantFacts struct {
	Name, Docs string
	Index      uint8
	Fields     []string
}

type apiFacts struct {
	Name, Docs string
	Methods    []struct {
		Name, Docs, Output string
		Inputs             []string
	}
}

func readFacts(t *testing.T) (v14, v15 facts) {
	t.Helper()
	var all struct{ V14, V15 facts }
	b, err := os.ReadFile("testdata/polkadotjs.json")
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil || len(all.V14.Pallets) == 0 || len(all.V15.Pallets) == 0 {
		t.Fatalf("no facts: %v", err)
	}
	return all.V14, all.V15
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: polkadot.js found %#v, declared is %#v", what, got, want)
	}
}

func TestPalletsAgreeWithPolkadotJS(t *testing.T) {
	v14, v15 := readFacts(t)
	r := declaration()
	same(t, "pallets", len(v15.Pallets), len(r.Pallets))
	for i, p := range r.Pallets {
		found := v15.Pallets[i]
		same(t, "name", found.Name, p.Name)
		same(t, "index", found.Index, p.Index)
		same(t, "docs", found.Docs, p.Docs)
		same(t, "calls of "+p.Name, names(found.Calls), declaredNames(p.Calls))
		same(t, "events of "+p.Name, names(found.Events), declaredNames(p.Events))
		same(t, "errors of "+p.Name, names(found.Errors), declaredNames(p.Errors))
		same(t, "storage of "+p.Name, len(found.Storage), len(p.Storage))
		for j, s := range p.Storage {
			sameStorage(t, found.Storage[j], s)
		}
		for j, c := range p.Constants {
			same(t, "constant", found.Constants[j].Name+found.Constants[j].Docs, c.Name+c.Docs)
		}
		found.Docs = "" // version 14 has none
		same(t, "version 14 of "+p.Name, v14.Pallets[i], found)
	}
	same(t, "a prefix", v15.Pallets[0].Prefix, "System")
	same(t, "another prefix", v15.Pallets[1].Prefix, "MarketStore")
	same(t, "a constant", v15.Pallets[0].Constants[0].Value, "2")
	same(t, "another constant", v15.Pallets[1].Constants[0].Value,
		`{"name":"KSM/USDT","status":"Halted","fees":[7,1099511627776],"limit":9,"engine":"0x636d6274","open":true}`)
	calls := v15.Pallets[1].Calls
	same(t, "arguments", calls[0].Fields, []string{"dest: MultiAddress", "value: Compact<u128>"})
	same(t, "recursive arguments", calls[1].Fields, []string{"calls: Vec<Call>"})
	same(t, "event fields", v15.Pallets[0].Events[0].Fields, []string{"sender: AccountId32", "hash: H256"})
}

func names(variants []variantFacts) (list []variantFacts) {
	for _, v := range variants {
		list = append(list, variantFacts{Name: v.Name, Docs: v.Docs, Index: v.Index})
	}
	return list
}

func declaredNames(t *scale.Type) (list []variantFacts) {
	if t == nil {
		return nil
	}
	for _, v := range t.Variants {
		list = append(list, variantFacts{Name: v.Name, Docs: v.Docs, Index: v.Index})
	}
	return list
}

func sameStorage(t *testing.T, found storageFacts, s metadata.StorageEntry) {
	t.Helper()
	names := []string{"Blake2_128", "Blake2_256", "Blake2_128Concat", "Twox128", "Twox256", "Twox64Concat", "Identity"}
	hashers := []string{}
	for _, key := range s.Keys {
		hashers = append(hashers, names[key.Hasher])
	}
	same(t, "hashers of "+s.Name, found.Hashers, hashers)
	same(t, "name and docs", found.Name+found.Docs, s.Name+s.Docs)
	same(t, "modifier of "+s.Name, found.Optional, s.Optional)
	same(t, "value of "+s.Name, found.Value, s.Value.Path)
	if !s.Optional {
		same(t, "default of "+s.Name, []byte(found.Default), s.Default)
	}
}

func TestStorageKeyAgreesWithPolkadotJS(t *testing.T) {
	v14, v15 := readFacts(t)
	prefix := hashing.StoragePrefix("MarketStore", "Orders")
	key := append([]byte(nil), prefix[:]...)
	key = append(key, hashing.Twox64Concat([]byte{7, 0, 0, 0})...)
	key = append(key, strings.Repeat("\x11", 32)...)
	last := hashing.Blake2_256([]byte{4, 0xff})
	key = append(key, last[:]...)
	same(t, "key", []byte(v14.OrderKey), key)
	same(t, "key", []byte(v15.OrderKey), key)
	same(t, "key type", v15.Pallets[1].Storage[0].Key, "(u32,H256,Bytes)")
}

func TestExtrinsicAgreesWithPolkadotJS(t *testing.T) {
	v14, v15 := readFacts(t)
	var names, paths []string
	for _, extension := range declaration().Extrinsic.Extensions {
		names = append(names, extension.Name)
		paths = append(paths, extension.Type.Path)
	}
	for _, v := range []facts{v14, v15} {
		same(t, "extensions", v.Extensions, names)
		same(t, "explicit parts", v.Explicit, paths)
		same(t, "implicit parts", v.Implicit, []string{"Null", "u32", "u32", "H256", "H256", "Null", "Null", "Null"})
	}
}

func TestVersion15AgreesWithPolkadotJS(t *testing.T) {
	_, v15 := readFacts(t)
	r := declaration()
	same(t, "outer enums", v15.OuterEnums, []string{r.Call.Path, r.Event.Path, r.Error.Path})
	same(t, "custom values", []byte(v15.Custom["answer"].Value), []byte{42})
	same(t, "APIs", len(v15.APIs), 1)
	core := v15.APIs[0]
	same(t, "API", core.Name+core.Docs, "CoreThe core API.")
	same(t, "inputs", core.Methods[0].Inputs, []string{"header: SpRuntimeHeader"})
	same(t, "docs", core.Methods[0].Docs, "Begin a block.")
	same(t, "outputs", []string{core.Methods[0].Output, core.Methods[1].Output}, []string{"Null", "Option<TestRuntimeMarket>"})
}
