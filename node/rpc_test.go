package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wire"
)

// rpcNode is a node with one transfer from account 0 to account 1 in block `at`.
type rpcNode struct {
	*Node
	crowd  *crowd
	client *rpc.Client
	at     scale.Hash
	sent   uint32 // transactions of account 2
}

func newRPCNode(t *testing.T) *rpcNode {
	t.Helper()
	dir := t.TempDir()
	c := newCrowd(t, 3)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	config.StateWindow = 8
	n := startNode(t, config)
	c.join(n)
	at := include(t, n, c.sign(t, 0, 0, transferCall(c.pairs[1].AccountID(), cloak)))
	return &rpcNode{Node: n, crowd: c, client: dial(t, n), at: at}
}

type jsonBlock struct {
	Block struct {
		Header     header.JSON      `json:"header"`
		Extrinsics []scale.HexBytes `json:"extrinsics"`
	} `json:"block"`
	Justifications any `json:"justifications"`
}

func TestRPCSystem(t *testing.T) {
	n := newRPCNode(t)
	for method, want := range map[string]string{
		"system_name":                 `"Bitcloak Node"`,
		"system_version":              `"` + Version + `"`,
		"system_chain":                `"Bitcloak Development"`,
		"system_chainType":            `"Development"`,
		"system_properties":           `{"ss58Format":2,"tokenDecimals":12,"tokenSymbol":"CLOAK"}`,
		"system_health":               `{"peers":0,"isSyncing":false,"shouldHavePeers":false}`,
		"system_nodeRoles":            `["Authority"]`,
		"system_peers":                `[]`,
		"system_reservedPeers":        `[]`,
		"system_localPeerId":          `"` + n.comet.peerID + `"`,
		"system_localListenAddresses": `[]`,
	} {
		if got := call[json.RawMessage](t, n.client, method); string(got) != want {
			t.Errorf("%s = %s, want %s", method, got, want)
		}
	}
	state := call[struct{ CurrentBlock, HighestBlock uint32 }](t, n.client, "system_syncState")
	if state.CurrentBlock == 0 || state.HighestBlock != state.CurrentBlock {
		t.Errorf("sync state %+v", state)
	}
	address := func(i int, prefix uint16) string {
		text, err := ss58.Encode(prefix, n.crowd.pairs[i].AccountID())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if got := call[uint32](t, n.client, "system_accountNextIndex", address(0, 2)); got != 1 {
		t.Errorf("next index %d", got)
	}
	// A transaction whose predecessor is missing does not count; one in the pool does.
	call[scale.Hash](t, n.client, "author_submitExtrinsic", scale.HexBytes(n.crowd.sign(t, 1, 1, transferCall(scale.AccountID{1}, cloak))))
	if got := call[uint32](t, n.client, "system_accountNextIndex", address(1, 42)); got != 0 {
		t.Errorf("next index behind a gap %d", got)
	}
	if code, _ := callError(t, n.client, "system_accountNextIndex", "nonsense"); code != -32602 {
		t.Errorf("an address that is none: %d", code)
	}
	methods := call[struct{ Methods []string }](t, n.client, "rpc_methods").Methods
	for _, want := range []string{"system_health", "chain_subscribeNewHeads", "state_getReadProof", "author_submitAndWatchExtrinsic",
		"payment_queryInfo", "cometbft_lightBlock", "bitcloak_checkpoints", "subscribe_newHead"} {
		if !slices.Contains(methods, want) {
			t.Errorf("rpc_methods lacks %s", want)
		}
	}
	for _, method := range []string{"author_hasKey", "author_insertKey", "author_rotateKeys", "author_removeExtrinsic", "state_getPairs", "system_dryRun"} {
		if code, text := callError(t, n.client, method); code != -32601 || !strings.Contains(text, "unsafe") {
			t.Errorf("%s: %d %s", method, code, text)
		}
	}
}

func TestRPCChain(t *testing.T) {
	n := newRPCNode(t)
	block := call[jsonBlock](t, n.client, "chain_getBlock", n.at)
	h, err := block.Block.Header.Header()
	if err != nil || h.Hash() != n.at || block.Justifications != nil || len(block.Block.Extrinsics) != 2 {
		t.Fatalf("block %+v %v", block, err)
	}
	plain := [][]byte{block.Block.Extrinsics[0], block.Block.Extrinsics[1]}
	if root, err := trie.OrderedRoot(trie.Layout0, plain); err != nil || root != h.ExtrinsicsRoot {
		t.Errorf("extrinsics root %v %v", root, err)
	}
	if x, err := extrinsic.Decode(plain[1]); err != nil || !x.Signed || x.Nonce != 0 {
		t.Errorf("extrinsic %+v %v", x, err)
	}
	if got := call[header.JSON](t, n.client, "chain_getHeader", n.at); got.Number != block.Block.Header.Number {
		t.Errorf("header %+v", got)
	}
	number := uint32(h.Number)
	unknown := scale.Hash{1}
	for name, test := range map[string]struct {
		method string
		params []any
		want   string
	}{
		"hash of a number":       {"chain_getBlockHash", []any{number}, `"` + n.at.String() + `"`},
		"hash of a hex number":   {"chain_getBlockHash", []any{fmt.Sprintf("0x%x", number)}, `"` + n.at.String() + `"`},
		"hashes of a list":       {"chain_getBlockHash", []any{[]any{0, number, 1 << 30}}, `["` + n.Chain().Genesis().String() + `","` + n.at.String() + `",null]`},
		"hash of no block":       {"chain_getBlockHash", []any{1 << 30}, `null`},
		"genesis":                {"chain_getBlockHash", []any{0}, `"` + n.Chain().Genesis().String() + `"`},
		"header of no block":     {"chain_getHeader", []any{unknown}, `null`},
		"block of no block":      {"chain_getBlock", []any{unknown}, `null`},
		"hashes of an empty one": {"chain_getBlockHash", []any{[]any{}}, `[]`},
	} {
		if got := call[json.RawMessage](t, n.client, test.method, test.params...); string(got) != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	best := call[header.JSON](t, n.client, "chain_getHeader")
	final := call[scale.Hash](t, n.client, "chain_getFinalizedHead")
	finalHeader := call[header.JSON](t, n.client, "chain_getHeader", final)
	if best.Number < finalHeader.Number || best.Number-finalHeader.Number > 1 {
		t.Errorf("best %d, finalised %d", best.Number, finalHeader.Number)
	}
	for name, params := range map[string][]any{"text": {"x"}, "negative": {-1}, "large": {1 << 33}, "long list": {make([]int, 300)}} {
		if code, _ := callError(t, n.client, "chain_getBlockHash", params...); code != -32602 && code != 4002 {
			t.Errorf("chain_getBlockHash of %s: %d", name, code)
		}
	}
	if code, _ := callError(t, n.client, "chain_getHeader", "0x12"); code != -32602 {
		t.Errorf("a short hash: %d", code)
	}
}

func TestRPCHeads(t *testing.T) {
	n := newRPCNode(t)
	for _, names := range [][2]string{{"chain_subscribeNewHeads", "chain_unsubscribeNewHeads"}, {"chain_subscribeAllHeads", "chain_unsubscribeAllHeads"},
		{"chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads"}, {"subscribe_newHead", "unsubscribe_newHead"}} {
		heads, err := n.client.Subscribe(context.Background(), names[0], names[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		previous := header.Header{}
		for i := range 4 { // heartbeats bring them
			if i == 1 {
				n.makeBlocks(t)
			}
			h := nextHeader(t, heads)
			if i > 0 && (h.Number != previous.Number+1 || h.ParentHash != previous.Hash()) {
				t.Fatalf("%s: block %d %v follows %d %v", names[0], h.Number, h.ParentHash, previous.Number, previous.Hash())
			}
			previous = h
		}
		heads.Close()
	}
}

// makeBlocks brings three blocks at once, instead of waiting for heartbeats.
func (n *rpcNode) makeBlocks(t *testing.T) {
	t.Helper()
	for range 3 {
		include(t, n.Node, n.crowd.sign(t, 2, n.sent, transferCall(scale.AccountID{1}, cloak)))
		n.sent++
	}
}

func nextHeader(t *testing.T, s *rpc.Subscription) header.Header {
	t.Helper()
	select {
	case raw := <-s.Notifications():
		var j header.JSON
		if err := json.Unmarshal(raw, &j); err != nil {
			t.Fatal(err)
		}
		h, err := j.Header()
		if err != nil {
			t.Fatal(err)
		}
		return h
	case <-time.After(10 * time.Second):
		t.Fatal("no head")
		return header.Header{}
	}
}

func TestRPCAuthor(t *testing.T) {
	n := newRPCNode(t)
	to := n.crowd.pairs[1].AccountID()
	watch := func(tx []byte) []string {
		t.Helper()
		s, err := n.client.Subscribe(context.Background(), "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", []any{scale.HexBytes(tx)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var statuses []string
		for {
			select {
			case raw := <-s.Notifications():
				statuses = append(statuses, string(raw))
				if text := string(raw); text != `"ready"` && text != `"future"` && !strings.Contains(text, "inBlock") {
					return statuses
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("statuses end with %v", statuses)
			}
		}
	}
	statuses := watch(n.crowd.sign(t, 0, 1, transferCall(to, cloak)))
	if len(statuses) != 3 || statuses[0] != `"ready"` || !strings.HasPrefix(statuses[1], `{"inBlock":"0x`) ||
		strings.Replace(statuses[1], "inBlock", "finalized", 1) != statuses[2] {
		t.Errorf("statuses %v", statuses)
	}
	future := n.crowd.sign(t, 2, 5, transferCall(to, cloak))
	hash := call[scale.Hash](t, n.client, "author_submitExtrinsic", scale.HexBytes(future))
	if hash != scale.Hash(hashing.Blake2_256(future)) {
		t.Errorf("hash %v", hash)
	}
	if pending := call[[]string](t, n.client, "author_pendingExtrinsics"); len(pending) != 0 {
		t.Errorf("pending %v", pending)
	}
	forged := n.crowd.sign(t, 0, 2, transferCall(to, cloak))
	forged[60] ^= 1
	poor := &crowd{pairs: newCrowd(t, 10).pairs[9:]}
	poor.join(n.Node)
	for name, test := range map[string]struct {
		tx   []byte
		code int
		text string
	}{
		"known":        {future, 1013, hash.String()},
		"stale":        {n.crowd.sign(t, 0, 0, transferCall(to, cloak)), 1010, "Transaction is outdated"},
		"forged":       {forged, 1010, "Transaction has a bad signature"},
		"garbage":      {[]byte{1, 2}, 1010, "Invalid Transaction"},
		"unfunded":     {poor.sign(t, 0, 0, transferCall(to, 1)), 1010, "Inability to pay some fees"},
		"far ahead":    {n.crowd.sign(t, 2, 60_000, transferCall(to, cloak)), 1021, "future"},
		"low priority": {n.crowd.sign(t, 2, 5, transferCall(to, 2*cloak)), 1014, "Priority is too low"},
		"too large":    {make([]byte, 5<<20), 1016, "Immediately Dropped"},
	} {
		for _, method := range []string{"author_submitExtrinsic", "author_submitAndWatchExtrinsic"} {
			var refused *rpc.Error
			var err error
			if method == "author_submitExtrinsic" {
				err = n.client.Call(context.Background(), method, []any{scale.HexBytes(test.tx)}, nil)
			} else {
				_, err = n.client.Subscribe(context.Background(), method, "author_unwatchExtrinsic", []any{scale.HexBytes(test.tx)})
			}
			if !errors.As(err, &refused) || refused.Code != test.code || !strings.Contains(refused.Message+string(refused.Data), test.text) {
				t.Errorf("%s by %s: %v, want %d %s", name, method, err, test.code, test.text)
			}
		}
	}
}

func TestRPCPayment(t *testing.T) {
	n := newRPCNode(t)
	block := call[jsonBlock](t, n.client, "chain_getBlock", n.at)
	tx := block.Block.Extrinsics[1]
	info := call[struct {
		Weight struct {
			RefTime uint64 `json:"ref_time"`
		}
		Class      string
		PartialFee scale.U128
	}](t, n.client, "payment_queryInfo", tx, n.at)
	if info.Weight.RefTime == 0 || info.Class != "normal" || info.PartialFee == (scale.U128{}) {
		t.Errorf("info %+v", info)
	}
	// The fee is what the account lost beside the transfer.
	free := func(at scale.Hash) scale.U128 {
		value := call[scale.HexBytes](t, n.client, "state_getStorage", scale.HexBytes(wire.StorageAccount(n.crowd.pairs[0].AccountID())), at)
		d := scale.NewDecoder(value[16:])
		return d.U128()
	}
	h, _ := n.Chain().Header(n.at)
	spent, ok := free(h.ParentHash).Sub(free(n.at))
	if want, _ := info.PartialFee.Add(scale.U128From(cloak)); !ok || spent != want {
		t.Errorf("spent %v, fee %v", spent, info.PartialFee)
	}
	details := call[struct {
		InclusionFee struct{ BaseFee, LenFee, AdjustedWeightFee string }
	}](t, n.client, "payment_queryFeeDetails", tx, n.at)
	sum := uint64(0)
	for _, part := range []string{details.InclusionFee.BaseFee, details.InclusionFee.LenFee, details.InclusionFee.AdjustedWeightFee} {
		var value uint64
		if _, err := fmt.Sscanf(part, "0x%x", &value); err != nil {
			t.Fatalf("fee part %q: %v", part, err)
		}
		sum += value
	}
	if scale.U128From(sum) != info.PartialFee {
		t.Errorf("parts %+v, sum %d, fee %v", details, sum, info.PartialFee)
	}
	if code, _ := callError(t, n.client, "payment_queryInfo", "0x0102"); code != 1 {
		t.Errorf("fee of garbage: %d", code)
	}
}

func TestRPCFollowers(t *testing.T) {
	n := newRPCNode(t)
	at, _ := n.Chain().Header(n.at)
	encoded := call[[]scale.HexBytes](t, n.client, "bitcloak_headers", 0, at.Number)
	if len(encoded) != int(at.Number)+1 || scale.Hash(hashing.Blake2_256(encoded[at.Number])) != n.at {
		t.Errorf("%d headers", len(encoded))
	}
	if got := call[[]scale.HexBytes](t, n.client, "bitcloak_headers", 1<<20, 1<<20+5); len(got) != 0 {
		t.Errorf("%d headers of the future", len(got))
	}
	if code, _ := callError(t, n.client, "bitcloak_headers", 0, 512); code != -32602 {
		t.Errorf("513 headers: %d", code)
	}
	page := call[[]struct {
		Index    uint64
		Number   uint32
		Hash     scale.Hash
		Messages []scale.HexBytes
	}](t, n.client, "bitcloak_checkpoints", 0, 10)
	if len(page) == 0 || len(page[0].Messages) == 0 {
		t.Fatalf("checkpoints %+v", page)
	}
	message, err := wire.InboxMessageCodec.Unmarshal(page[0].Messages[0])
	if err != nil || message.Kind != wire.MessageBlock || message.Block.Number != page[0].Number {
		t.Errorf("first message %+v %v", message, err)
	}
	if hash, err := n.Chain().Store().HashAt(page[0].Number); err != nil || hash != page[0].Hash {
		t.Errorf("checkpoint 0 is of %v, block %d is %v", page[0].Hash, page[0].Number, hash)
	}
}

// The same over HTTP.
func TestRPCOverHTTP(t *testing.T) {
	n := newRPCNode(t)
	client, err := rpc.Dial(context.Background(), "http://"+n.RPCAddress(), rpc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if got := call[scale.Hash](t, client, "chain_getBlockHash", 0); got != n.Chain().Genesis() {
		t.Errorf("genesis %v", got)
	}
	if code, text := callError(t, client, "chain_subscribeNewHeads"); code != -32601 || !strings.Contains(text, "WebSocket") {
		t.Errorf("a subscription over HTTP: %d %s", code, text)
	}
}
