package rpc

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// What is written by hand reads as what it is of.
func TestEncodeCheckpoints(t *testing.T) {
	block := wire.InboxMessage{Kind: wire.MessageBlock, Block: wire.Block{Number: 7, Timestamp: 9}}
	deposit := wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{ID: 3, Asset: 1, Amount: scale.U128From(5), Beneficiary: wire.PlainBeneficiary(scale.AccountID{1})}}
	encoded := [][]byte{wire.InboxMessageCodec.Marshal(block), wire.InboxMessageCodec.Marshal(deposit)}
	two := append(append([]byte{2 << 2}, encoded[0]...), encoded[1]...)
	type checkpoint struct {
		Index    uint64           `json:"index"`
		Number   uint32           `json:"number"`
		Hash     scale.Hash       `json:"hash"`
		Messages []scale.HexBytes `json:"messages"`
	}
	for name, c := range map[string]struct {
		page []store.Checkpoint
		want []checkpoint
	}{
		"none": {nil, []checkpoint{}},
		"some": {
			[]store.Checkpoint{{Index: 1 << 40, Number: 7, Hash: scale.Hash{1, 2}, Messages: two}, {Index: 2, Number: 8, Messages: []byte{0}}},
			[]checkpoint{{1 << 40, 7, scale.Hash{1, 2}, []scale.HexBytes{encoded[0], encoded[1]}}, {Index: 2, Number: 8, Messages: []scale.HexBytes{}}},
		},
	} {
		text, err := encodeCheckpoints(c.page)
		if err != nil {
			t.Fatal(err)
		}
		var got []checkpoint
		if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	if _, err := encodeCheckpoints([]store.Checkpoint{{Messages: two[:len(two)-1]}}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a cut body: %v", err)
	}
}
