package node

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

func TestRPCState(t *testing.T) {
	n := newRPCNode(t)
	key := scale.HexBytes(wire.StorageAccount(n.crowd.pairs[0].AccountID()))
	genesis := n.Chain().Genesis()
	value := call[scale.HexBytes](t, n.client, "state_getStorage", key, n.at)
	older := call[scale.HexBytes](t, n.client, "state_getStorage", key, genesis)
	if len(value) == 0 || len(older) == 0 || string(value) == string(older) {
		t.Errorf("account %x, at genesis %x", value, older)
	}
	if got := call[scale.Hash](t, n.client, "state_getStorageHash", key, n.at); got != scale.Hash(hashing.Blake2_256(value)) {
		t.Errorf("hash %v", got)
	}
	if got := call[int](t, n.client, "state_getStorageSize", key, n.at); got != len(value) {
		t.Errorf("size %d", got)
	}
	for _, method := range []string{"state_getStorage", "state_getStorageHash", "state_getStorageSize"} {
		if got := call[json.RawMessage](t, n.client, method, "0x00"); string(got) != "null" {
			t.Errorf("%s of an absent key: %s", method, got)
		}
	}
	var proof struct {
		At    scale.Hash
		Proof []scale.HexBytes
	}
	proof = call[struct {
		At    scale.Hash
		Proof []scale.HexBytes
	}](t, n.client, "state_getReadProof", []any{key, "0x00"}, n.at)
	nodes := make([][]byte, len(proof.Proof))
	for i := range nodes {
		nodes[i] = proof.Proof[i]
	}
	h, _ := n.Chain().Header(n.at)
	if proven, found, err := trie.Verify(h.StateRoot, nodes, key); err != nil || !found || string(proven) != string(value) || proof.At != n.at {
		t.Errorf("proof: %x %v %v", proven, found, err)
	}
	version := call[struct {
		SpecName     string
		SpecVersion  uint32
		Apis         [][2]any
		StateVersion uint8
	}](t, n.client, "state_getRuntimeVersion")
	if version.SpecName != "bitcloak" || len(version.Apis) == 0 || version.StateVersion != 1 {
		t.Errorf("version %+v", version)
	}
	if got := call[scale.HexBytes](t, n.client, "state_getMetadata"); string(got[:4]) != "meta" || got[4] != 14 {
		t.Errorf("metadata starts with %x", got[:5])
	}
	if got := call[scale.HexBytes](t, n.client, "state_call", "AccountNonceApi_account_nonce", scale.HexBytes(key[len(key)-32:]), n.at); string(got) != "\x01\x00\x00\x00" {
		t.Errorf("nonce by state_call: %x", got)
	}
}

func TestRPCKeys(t *testing.T) {
	n := newRPCNode(t)
	prefix := hashing.StoragePrefix("System", "Account")
	all := call[[]string](t, n.client, "state_getKeys", scale.HexBytes(prefix[:]))
	var paged []string
	for {
		params := []any{scale.HexBytes(prefix[:]), 3}
		if len(paged) > 0 {
			params = append(params, paged[len(paged)-1])
		}
		page := call[[]string](t, n.client, "state_getKeysPaged", params...)
		if paged = append(paged, page...); len(page) < 3 {
			break
		}
	}
	if len(all) < 9 || !slices.Equal(all, paged) || !slices.IsSorted(all) {
		t.Errorf("%d keys at once, %d by pages", len(all), len(paged))
	}
	if code, text := callError(t, n.client, "state_getKeysPaged", "0x", 1001); code != 4002 || !strings.Contains(text, "max: 1000") {
		t.Errorf("too large a page: %d %s", code, text)
	}
	key := scale.HexBytes(wire.StorageAccount(n.crowd.pairs[0].AccountID()))
	type set struct {
		Block   scale.Hash
		Changes [][2]any
	}
	sets := call[[]set](t, n.client, "state_queryStorageAt", []any{key, "0x00"}, n.at)
	if len(sets) != 1 || sets[0].Block != n.at || len(sets[0].Changes) != 2 || sets[0].Changes[1][1] != nil {
		t.Errorf("queryStorageAt %+v", sets)
	}
	genesis := n.Chain().Genesis()
	at, _ := n.Chain().Header(n.at)
	parent, _ := n.Chain().Header(at.ParentHash)
	ranged := call[[]set](t, n.client, "state_queryStorage", []any{key}, parent.Hash(), n.at)
	if len(ranged) != 2 || ranged[0].Block != parent.Hash() || ranged[1].Block != n.at {
		t.Errorf("queryStorage %+v", ranged)
	}
	if code, _ := callError(t, n.client, "state_queryStorage", []any{key}, n.at, genesis); code != 4001 {
		t.Errorf("a falling range: %d", code)
	}
	if code, _ := callError(t, n.client, "state_queryStorageAt", make([]string, 2000)); code != -32602 && code != 4002 {
		t.Errorf("too many keys: %d", code)
	}
}

func TestRPCUnknownAndPrunedBlocks(t *testing.T) {
	n := newRPCNode(t)
	for _, method := range []string{"state_getStorage", "state_getStorageHash", "state_getStorageSize"} {
		if code, text := callError(t, n.client, method, "0x00", scale.Hash{7}); code != 4003 || !strings.Contains(text, "UnknownBlock") {
			t.Errorf("%s at no block: %d %s", method, code, text)
		}
	}
	for _, method := range []string{"state_getMetadata", "state_getRuntimeVersion"} {
		if code, _ := callError(t, n.client, method, scale.Hash{7}); code != 4003 {
			t.Errorf("%s at no block: %d", method, code)
		}
	}
	if code, text := callError(t, n.client, "state_call", "No_such", "0x"); code != 4003 || !strings.Contains(text, "not found") {
		t.Errorf("no such runtime API: %d %s", code, text)
	}
	if code, text := callError(t, n.client, "state_call", "AccountNonceApi_account_nonce", "0x00"); code != 4003 {
		t.Errorf("arguments that do not decode: %d %s", code, text)
	}
	for nonce := uint32(1); nonce < 12; nonce++ {
		include(t, n.Node, n.crowd.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
	}
	if code, text := callError(t, n.client, "state_getStorage", "0x00", n.at); code != 4003 || !strings.Contains(text, "State already discarded") {
		t.Errorf("a pruned state: %d %s", code, text)
	}
	if block := call[jsonBlock](t, n.client, "chain_getBlock", n.at); len(block.Block.Extrinsics) != 2 {
		t.Error("a block whose state is pruned lost its body")
	}
	for method, params := range map[string][]any{"state_getStorage": {"zz"}, "state_getKeysPaged": {"0x", "many"}, "state_call": {"x"},
		"state_getReadProof": {"0x00"}, "author_submitExtrinsic": {"abc"}, "payment_queryInfo": {5}, "bitcloak_headers": {3, 1},
		"bitcloak_checkpoints": {0, 1000}, "cometbft_lightBlock": {"x"}} {
		if code, text := callError(t, n.client, method, params...); code != -32602 {
			t.Errorf("%s%v: %d %s", method, params, code, text)
		}
	}
	if code, _ := callError(t, n.client, "state_getStorage", "0x"+strings.Repeat("00", trie.MaxKeySize+1)); code != -32602 {
		t.Errorf("an oversized key: %d", code)
	}
}

func TestRPCStorageSubscription(t *testing.T) {
	n := newRPCNode(t)
	key := scale.HexBytes(wire.StorageAccount(n.crowd.pairs[0].AccountID()))
	s, err := n.client.Subscribe(context.Background(), "state_subscribeStorage", "state_unsubscribeStorage", []any{[]any{key}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	next := func() (set struct{ Changes [][2]string }) {
		t.Helper()
		select {
		case raw := <-s.Notifications():
			if err := json.Unmarshal(raw, &set); err != nil {
				t.Fatal(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no change")
		}
		return set
	}
	first := next()
	include(t, n.Node, n.crowd.sign(t, 0, 1, transferCall(scale.AccountID{1}, cloak)))
	second := next()
	if len(first.Changes) != 1 || len(second.Changes) != 1 || first.Changes[0][1] == second.Changes[0][1] {
		t.Errorf("changes %v, then %v", first, second)
	}
	number := hashing.StoragePrefix("System", "Number")
	numbers, err := n.client.Subscribe(context.Background(), "state_subscribeStorage", "state_unsubscribeStorage", []any{[]any{scale.HexBytes(number[:])}})
	if err != nil {
		t.Fatal(err)
	}
	defer numbers.Close()
	n.makeBlocks(t)
	previous := uint32(0)
	for range 4 { // none is left out
		current := storedNumber(t, <-numbers.Notifications())
		if previous != 0 && current != previous+1 {
			t.Errorf("block %d is told after block %d", current, previous)
		}
		previous = current
	}
	version, err := n.client.Subscribe(context.Background(), "state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion", nil)
	if err != nil {
		t.Fatal(err)
	}
	if raw := <-version.Notifications(); !strings.Contains(string(raw), `"specName":"bitcloak"`) {
		t.Errorf("version %s", raw)
	}
	version.Close()
	if _, err := n.client.Subscribe(context.Background(), "state_subscribeStorage", "state_unsubscribeStorage", nil); err == nil {
		t.Error("the whole state can be followed")
	}
}

// storedNumber reads System.Number out of a notification.
func storedNumber(t *testing.T, raw json.RawMessage) uint32 {
	t.Helper()
	var set struct{ Changes [][2]scale.HexBytes }
	if err := json.Unmarshal(raw, &set); err != nil || len(set.Changes) != 1 {
		t.Fatalf("notification %s: %v", raw, err)
	}
	number, err := scale.U32.Unmarshal(set.Changes[0][1])
	if err != nil {
		t.Fatal(err)
	}
	return number
}
