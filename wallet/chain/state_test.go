package chain_test

import (
	"context"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wallet/memory"
	"github.com/bitcloak/bitcloak/wire"
)

// details is the SCALE of Assets.Asset.
func details(kind chain.AssetKind, minimum uint64) []byte {
	e := scale.NewEncoder(nil)
	e.U8(uint8(kind))
	if kind == chain.KindParachain {
		e.U32(2000)
		e.Bytes([]byte{0, 0x80})
	}
	e.Raw(make([]byte, 4*32))
	e.U128(scale.U128From(1 << 40))
	e.U128(scale.U128From(minimum))
	e.U32(5)
	e.U8(0)
	return e.Encoded()
}

func texts(name, symbol string, decimals uint8) []byte {
	e := scale.NewEncoder(nil)
	e.Bytes([]byte(name))
	e.Bytes([]byte(symbol))
	e.U8(decimals)
	return e.Encoded()
}

func TestAssetsAndMarketsAreListed(t *testing.T) {
	n := network(t)
	n.Put(wire.StorageAsset(1000), details(chain.KindUserIssued, 5))
	n.Put(wire.StorageAssetMetadata(1000), texts("Evil\x1b[2J\u202eToken", "USDT", 6))
	n.Put(wire.StorageAsset(2), details(chain.KindParachain, 7))
	n.Put(wire.StorageAssetMetadata(2), texts("Karura", "KAR", 12))
	n.Put(wire.StorageAsset(0), details(chain.KindNative, 1))
	market := wire.Market{ID: 9, Base: 2, Quote: 1000, LotSize: scale.U128From(100), TickValue: 1, MinQuantity: 1, MaxQuantity: 10, MaxPrice: 10}
	n.Put(wire.StorageMarket(9), wire.MarketCodec.Marshal(market))
	n.Block()
	client := connect(t, n, n)
	assets, err := client.Assets(soon(t))
	if err != nil || len(assets) != 3 {
		t.Fatalf("%v, %v", assets, err)
	}
	if a := assets[0]; a.ID != 0 || a.Symbol != "asset-0" || a.Kind != chain.KindNative {
		t.Errorf("an asset without texts: %+v", a)
	}
	if a := assets[1]; a.ID != 2 || a.Symbol != "KAR" || a.Decimals != 12 || a.Kind != chain.KindParachain || a.MinBalance != scale.U128From(7) {
		t.Errorf("%+v", a)
	}
	if a := assets[2]; a.Name != "Evil[2JToken" {
		t.Errorf("a name steers the terminal: %q", a.Name)
	}
	markets, err := client.Markets(soon(t))
	if err != nil || len(markets) != 1 || markets[0] != market {
		t.Errorf("%v, %v", markets, err)
	}
}

func TestHoldings(t *testing.T) {
	n := network(t)
	who := alice(t).Account
	frozen := append(scale.U128Codec.Marshal(scale.U128From(77)), 1)
	n.Put(wire.StorageAssetAccount(3, who), frozen)
	n.Put(wire.StorageClaimable(who, 3), scale.U128Codec.Marshal(scale.U128From(5)))
	n.Block()
	client := connect(t, n, n)
	holdings, err := client.Holdings(soon(t), who, []chain.Asset{{ID: 0, Kind: chain.KindNative}, {ID: 3, Kind: chain.KindRelay}, {ID: 4, Kind: chain.KindRelay}})
	if err != nil {
		t.Fatal(err)
	}
	want := []chain.Holding{{Balance: scale.U128From(1000)}, {Balance: scale.U128From(77), Frozen: true, Claimable: scale.U128From(5)}, {}}
	for i := range want {
		if holdings[i] != want[i] {
			t.Errorf("holding %d is %+v", i, holdings[i])
		}
	}
	n.Put(wire.StorageAssetAccount(3, who), []byte{1, 2, 3})
	n.Block()
	waitFor(client, n)
	if _, err := client.Holdings(soon(t), who, []chain.Asset{{ID: 3, Kind: chain.KindRelay}}); !errors.Is(err, chain.ErrState) {
		t.Errorf("an unknown format gave %v", err)
	}
}

// inventive lists a key that was not asked for.
type inventive struct{ *memory.Node }

func (i inventive) Keys(context.Context, scale.Hash, []byte, []byte) ([][]byte, error) {
	return [][]byte{wire.StoragePaused()}, nil
}

// endless answers each question for keys with the same ones.
type endless struct{ *memory.Node }

func (e endless) Keys(context.Context, scale.Hash, []byte, []byte) ([][]byte, error) {
	keys := make([][]byte, chain.MaxKeys)
	for i := range keys {
		keys[i] = wire.StorageMarket(7)
	}
	return keys, nil
}

func TestListsOfKeysAreChecked(t *testing.T) {
	n := network(t)
	for name, node := range map[string]chain.Node{"invented": inventive{n}, "endless": endless{n}} {
		if _, err := connect(t, node, n).Markets(soon(t)); !errors.Is(err, light.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func commit(checkpoint uint64, number uint32) []byte {
	return wire.LastCommitCodec.Marshal(wire.LastCommit{Checkpoint: checkpoint, Number: number, StateRoot: wire.Hash{byte(checkpoint)}})
}

func TestCommitsAreFoundBetweenHeads(t *testing.T) {
	n := network(t)
	for checkpoint := range uint64(3) {
		n.Set(wire.StorageLastCommit(), commit(checkpoint, uint32(checkpoint)))
		n.Block()
	}
	client := connect(t, n, n)
	for _, checkpoint := range []uint64{3, 4, 6, 7} { // 5 shares its block with 6
		n.Set(wire.StorageLastCommit(), commit(checkpoint, uint32(checkpoint)))
		n.Block()
	}
	waitFor(client, n)
	for checkpoint := uint64(2); checkpoint <= 7; checkpoint++ {
		found, known, err := client.CommitOf(soon(t), checkpoint)
		if err != nil || known != (checkpoint != 5) || known && found.StateRoot != (wire.Hash{byte(checkpoint)}) {
			t.Errorf("checkpoint %d: known %v, %v, %v", checkpoint, known, found, err)
		}
	}
	if _, known, err := client.CommitOf(soon(t), 1); known || err != nil {
		t.Errorf("a commit before the first head: known %v, %v", known, err)
	}
	n.Set(wire.StorageDiscrepancy(), []byte{1})
	n.Block()
	if _, _, err := client.CommitOf(soon(t), 8); !errors.Is(err, chain.ErrHalted) {
		t.Errorf("a halted chain gave %v", err)
	}
	if _, err := client.Covered(soon(t), 100); !errors.Is(err, chain.ErrHalted) {
		t.Errorf("a halted chain gave %v", err)
	}
}

// TestCommitsBetweenCommits: several commits share a block; all but the last show in its events alone, which are read only with
// metadata of this program's own.
func TestCommitsBetweenCommits(t *testing.T) {
	metadata, err := memory.Metadata().Encode(14)
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []chain.Config{{}, {Metadata: metadata, MetadataSpec: memory.Version.Spec}, {Metadata: metadata, MetadataSpec: 99}} {
		n := network(t)
		n.Set(wire.StorageLastCommit(), commit(1, 1))
		n.Block()
		config.Genesis, config.Now = n.Genesis(), n.Now
		client, err := chain.Connect(soon(t), n, config)
		if err != nil {
			t.Fatal(err)
		}
		about := n.Best().Number
		var events []memory.Event
		for checkpoint := range uint64(3) {
			e := scale.NewEncoder(nil)
			e.U64(checkpoint + 2)
			e.U32(about)
			e.Raw(append([]byte{byte(checkpoint + 2)}, make([]byte, 31)...))
			e.U32(7)
			events = append(events, memory.Event{Pallet: wire.PalletConfidential, Index: 1, Fields: e.Encoded()})
		}
		n.Events(events...)
		n.Set(wire.StorageLastCommit(), commit(4, about))
		n.Block()
		waitFor(client, n)
		own := config.MetadataSpec == memory.Version.Spec
		for checkpoint := uint64(2); checkpoint <= 4; checkpoint++ {
			found, known, err := client.CommitOf(soon(t), checkpoint)
			if err != nil || known != (own || checkpoint == 4) || known && (found.StateRoot != (wire.Hash{byte(checkpoint)}) || found.Number != about) {
				t.Errorf("with metadata of version %d, checkpoint %d: known %v, %+v, %v", config.MetadataSpec, checkpoint, known, found, err)
			}
		}
		client.Close()
	}
}

func TestFinalBlocks(t *testing.T) {
	n := network(t)
	client := connect(t, n, n)
	best := n.Best()
	id := light.BlockID{Number: best.Number, Hash: best.Hash()}
	if err := client.Final(soon(t), id); err != nil {
		t.Errorf("the head: %v", err)
	}
	if err := client.Final(soon(t), light.BlockID{Number: 99}); !errors.Is(err, chain.ErrNotFinal) {
		t.Errorf("a block to come: %v", err)
	}
	if err := client.Final(soon(t), light.BlockID{Number: 0, Hash: scale.Hash{1}}); !errors.Is(err, chain.ErrNotFinal) {
		t.Errorf("another genesis: %v", err)
	}
}

func TestTimesOfBlocks(t *testing.T) {
	n := network(t)
	n.SetTime(1_767_225_600_123)
	old := n.Block()
	n.Block()
	client := connect(t, n, n)
	made, err := client.TimeOf(soon(t), old)
	if err != nil || made.UnixMilli() != 1_767_225_600_123 {
		t.Errorf("%v, %v", made, err)
	}
	if _, err := client.TimeOf(soon(t), light.BlockID{Number: 1, Hash: scale.Hash{1}}); err == nil {
		t.Error("an unknown block has a time")
	}
}
