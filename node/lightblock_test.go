package node

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// The short way to the first proof gives what CometBFT's gives.
func TestProveFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	sizes := []int{100, 1000, 1023, 1024, 1025}
	for size := range 40 {
		sizes = append(sizes, size+1)
	}
	for _, size := range sizes {
		transactions := make(types.Txs, size)
		for i := range transactions {
			transactions[i] = binary.BigEndian.AppendUint64(nil, random.Uint64())
		}
		root := transactions.Hash()
		got, want := proveFirst(transactions.ToSliceOfBytes(), root), transactions.Proof(0)
		if err := got.Validate(root); err != nil {
			t.Errorf("%d transactions: %v", size, err)
		}
		if len(got.Proof.Aunts) != len(want.Proof.Aunts) || len(want.Proof.Aunts) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%d transactions: %+v, want %+v", size, got, want)
		}
	}
}

// Every height that makes a block proves it, whether it is the latest or comes from CometBFT's store; CometBFT's decoder reads them all.
func TestLightBlocks(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 1)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	n := startNode(t, config)
	c.join(n)
	for nonce := range uint32(3) {
		include(t, n, c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
		height, encoded, err := n.comet.LightBlock(0)
		if head := n.Chain().Head(); err != nil || height > head.Height {
			t.Fatalf("height %d (%v), the chain stands at %d", height, err, head.Height)
		}
		checkLightBlock(t, n, height, encoded)
	}
	latest := n.Chain().Head().Height
	for height := uint64(1); height <= latest; height++ {
		_, encoded, err := n.comet.LightBlock(height)
		if err != nil {
			t.Fatal(err)
		}
		checkLightBlock(t, n, height, encoded)
	}
}

func checkLightBlock(t *testing.T, n *Node, height uint64, encoded []byte) {
	t.Helper()
	message := new(cmtproto.LightBlock)
	if err := message.Unmarshal(encoded); err != nil {
		t.Fatalf("height %d: %v", height, err)
	}
	plain, err := message.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	number, err := n.Chain().Store().NumberMadeAt(height)
	if err != nil { // it made none
		if len(plain) != len(encoded) {
			t.Errorf("height %d made no block and proves one", height)
		}
		return
	}
	hash, err := n.Chain().Store().HashAt(number)
	if err != nil {
		t.Fatal(err)
	}
	field := encoded[len(plain):]
	if len(field) < 2 || field[0] != wire.BlockClaimField<<3|2 {
		t.Fatalf("height %d has no claim", height)
	}
	_, width := binary.Uvarint(field[1:])
	proven := new(cmtproto.TxProof)
	if err := proven.Unmarshal(field[1+width:]); err != nil {
		t.Fatal(err)
	}
	proof, err := types.TxProofFromProto(*proven)
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Validate(message.SignedHeader.Header.DataHash); err != nil {
		t.Errorf("height %d: %v", height, err)
	}
	if claimed, err := wire.ParseBlockClaim(proof.Data); err != nil || claimed != hash {
		t.Errorf("height %d claims %v (%v), its block is %v", height, claimed, err, hash)
	}
}
