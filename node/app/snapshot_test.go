package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// crowded is a chain whose state has several chunks.
func crowded(t *testing.T) *peer {
	t.Helper()
	p := &peer{t: t, fs: vfs.NewCrashableMem(), spec: chainspec.NewDevelopment(scale.Hash{7}, genesisTime), clock: genesisTime}
	for i := range uint32(8_000) {
		var account scale.AccountID
		binary.BigEndian.PutUint32(account[:], i+1)
		p.spec.Genesis.Balances.Balances = append(p.spec.Genesis.Balances.Balances, balances.Endowment{Account: frame.Address(account), Free: scale.U128From(cloak)})
	}
	p.open()
	return p
}

// offering is a chain of some blocks that offers a snapshot.
type offering struct {
	*peer
	snapshot *abci.Snapshot
	appHash  []byte
	chunks   [][]byte
}

func offer(t *testing.T) *offering {
	t.Helper()
	o := &offering{peer: crowded(t)}
	folder, err := snapshot.OpenFolder(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	o.options.Snapshots = Snapshots{Folder: folder, Interval: 3}
	for height := 1; height <= 3; height++ {
		o.submit(o.transfer("Alice", uint32(height-1), cloak))
		o.appHash = o.decide(o.prepare(int64(height), at(height)))
	}
	for deadline := time.Now().Add(20 * time.Second); o.snapshot == nil; time.Sleep(time.Millisecond) {
		listed, err := o.ListSnapshots(context.Background(), &abci.RequestListSnapshots{})
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("no snapshot: %v", err)
		}
		if len(listed.Snapshots) == 1 {
			o.snapshot = listed.Snapshots[0]
		}
	}
	for index := range o.snapshot.Chunks {
		response, err := o.LoadSnapshotChunk(context.Background(), &abci.RequestLoadSnapshotChunk{Height: 3, Format: snapshot.Format, Chunk: index})
		if err != nil || len(response.Chunk) == 0 {
			t.Fatalf("chunk %d: %v", index, err)
		}
		o.chunks = append(o.chunks, response.Chunk)
	}
	if len(o.chunks) < 2 {
		t.Fatal("one chunk is too few")
	}
	return o
}

// joins is a new node of the same chain.
func (o *offering) joins() *peer {
	p := &peer{t: o.t, fs: vfs.NewCrashableMem(), spec: o.spec, clock: o.clock}
	p.open()
	return p
}

func (p *peer) offered(one abci.Snapshot, appHash []byte) abci.ResponseOfferSnapshot_Result {
	p.t.Helper()
	response, err := p.OfferSnapshot(context.Background(), &abci.RequestOfferSnapshot{Snapshot: &one, AppHash: appHash})
	if err != nil {
		p.t.Fatal(err)
	}
	return response.Result
}

func (p *peer) apply(index int, chunk []byte) *abci.ResponseApplySnapshotChunk {
	p.t.Helper()
	response, err := p.ApplySnapshotChunk(context.Background(), &abci.RequestApplySnapshotChunk{Index: uint32(index), Chunk: chunk, Sender: "somebody"})
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

// A joined node stands where the others do, and goes on with them; a power cut in the middle leaves it where it was.
func TestStateSync(t *testing.T) {
	o := offer(t)
	p := o.joins()
	if got := p.offered(*o.snapshot, o.appHash); got != abci.ResponseOfferSnapshot_ACCEPT {
		t.Fatalf("offered: %v", got)
	}
	p.apply(0, o.chunks[0])
	p.crash()
	if head := p.chain.Head(); head.Number != 0 || p.chain.Best().TryState() != nil {
		t.Fatalf("head %+v after the power was cut", head)
	}
	if got := p.offered(*o.snapshot, o.appHash); got != abci.ResponseOfferSnapshot_ACCEPT {
		t.Fatalf("offered again: %v", got)
	}
	for i, chunk := range o.chunks {
		if head := p.chain.Head(); head.Number != 0 {
			t.Fatalf("head %+v before chunk %d", head, i)
		}
		if got := p.apply(i, chunk); got.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			t.Fatalf("chunk %d: %+v", i, got)
		}
	}
	for range 2 {
		if info := p.info(); info.LastBlockHeight != 3 || !bytes.Equal(info.LastBlockAppHash, o.appHash) {
			t.Fatalf("it stands at %+v, the others at %x", info, o.appHash)
		}
		if err := p.chain.Best().TryState(); err != nil {
			t.Errorf("invariants: %v", err)
		}
		p.crash()
	}
	if p.chain.Head().Checkpoints != o.chain.Head().Checkpoints || p.chain.Head().Timestamp != o.chain.Head().Timestamp {
		t.Errorf("head %+v, theirs %+v", p.chain.Head(), o.chain.Head())
	}
	for height := int64(4); height < 40; height++ {
		if height < 8 {
			o.submit(o.transfer("Alice", uint32(height-1), cloak))
		}
		b := o.prepare(height, at(int(height)*400))
		if mine, theirs := p.decide(b), o.decide(b); !bytes.Equal(mine, theirs) {
			t.Fatalf("height %d: AppHash %x, theirs %x", height, mine, theirs)
		}
	}
	want := o.chain.Head()
	want.First, want.OldestState = 3, 3
	if p.chain.Head() != want {
		t.Errorf("head %+v, theirs %+v", p.chain.Head(), o.chain.Head())
	}
	if got := p.offered(*o.snapshot, o.appHash); got != abci.ResponseOfferSnapshot_ABORT {
		t.Errorf("over a chain: %v", got)
	}
}

func TestOffersAreChecked(t *testing.T) {
	o := offer(t)
	p := o.joins()
	other := slices.Clone(o.appHash)
	other[0] ^= 1
	for name, test := range map[string]struct {
		change  func(*abci.Snapshot)
		appHash []byte
		want    abci.ResponseOfferSnapshot_Result
	}{
		"signed is another block": {func(*abci.Snapshot) {}, other, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"nothing is signed":       {func(*abci.Snapshot) {}, nil, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"another format":          {func(s *abci.Snapshot) { s.Format++ }, o.appHash, abci.ResponseOfferSnapshot_REJECT_FORMAT},
		"another name":            {func(s *abci.Snapshot) { s.Hash = other }, o.appHash, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"a short name":            {func(s *abci.Snapshot) { s.Hash = other[:31] }, o.appHash, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"another header":          {func(s *abci.Snapshot) { s.Metadata = append(slices.Clone(s.Metadata), 0) }, o.appHash, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"no chunks":               {func(s *abci.Snapshot) { s.Chunks = 0 }, o.appHash, abci.ResponseOfferSnapshot_REJECT_SENDER},
		"many chunks":             {func(s *abci.Snapshot) { s.Chunks = 1 << 30 }, o.appHash, abci.ResponseOfferSnapshot_REJECT_SENDER},
	} {
		one := *o.snapshot
		test.change(&one)
		if got := p.offered(one, test.appHash); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if _, err := p.ApplySnapshotChunk(context.Background(), &abci.RequestApplySnapshotChunk{Chunk: o.chunks[0]}); err == nil {
		t.Error("a chunk of a refused snapshot")
	}
	if response, err := p.OfferSnapshot(context.Background(), &abci.RequestOfferSnapshot{}); err != nil || response.Result != abci.ResponseOfferSnapshot_REJECT {
		t.Errorf("no snapshot: %v %v", response, err)
	}
}

// Whoever sends a wrong chunk is not asked again, and the chunk is; a wrong description ends the snapshot. Neither is used.
func TestWrongChunksAreRefused(t *testing.T) {
	o := offer(t)
	p := o.joins()
	forged := slices.Clone(o.chunks[0])
	forged[len(forged)/2] ^= 1
	for name, chunk := range map[string][]byte{"forged": forged, "empty": {}, "cut": o.chunks[0][:1000], "swapped": o.chunks[1],
		"longer": append(slices.Clone(o.chunks[0]), 1)} {
		p.offered(*o.snapshot, o.appHash)
		got := p.apply(0, chunk)
		if got.Result != abci.ResponseApplySnapshotChunk_RETRY || !slices.Equal(got.RefetchChunks, []uint32{0}) || !slices.Equal(got.RejectSenders, []string{"somebody"}) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := p.apply(1, o.chunks[1]); got.Result != abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT {
			t.Errorf("%s: the next chunk without it: %+v", name, got)
		}
		if got := p.apply(0, o.chunks[0]); got.Result != abci.ResponseApplySnapshotChunk_ACCEPT {
			t.Errorf("%s: the right one after it: %+v", name, got)
		}
	}
	for _, chunks := range []int{len(o.chunks) - 1, len(o.chunks) + 1} {
		one := *o.snapshot
		one.Chunks = uint32(chunks)
		p.offered(one, o.appHash)
		var got *abci.ResponseApplySnapshotChunk
		for i := 0; i < len(o.chunks) && (got == nil || got.Result == abci.ResponseApplySnapshotChunk_ACCEPT); i++ {
			got = p.apply(i, o.chunks[i])
		}
		if got.Result != abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT || !slices.Equal(got.RejectSenders, []string{"somebody"}) {
			t.Errorf("%d chunks of %d: %+v", chunks, len(o.chunks), got)
		}
		if head := p.chain.Head(); head.Number != 0 {
			t.Errorf("%d chunks of %d: head %+v", chunks, len(o.chunks), head)
		}
		p.offered(*o.snapshot, o.appHash) // the next one finds nothing of it
		for i, chunk := range o.chunks {
			p.apply(i, chunk)
		}
		if info := p.info(); !bytes.Equal(info.LastBlockAppHash, o.appHash) {
			t.Errorf("after a wrong snapshot: %+v", info)
		}
		p = o.joins()
	}
}

// Only what is there is served.
func TestChunksOnRequest(t *testing.T) {
	o := offer(t)
	for name, request := range map[string]abci.RequestLoadSnapshotChunk{
		"another height": {Height: 4, Format: snapshot.Format}, "another format": {Height: 3, Format: 9}, "behind the end": {Height: 3, Format: snapshot.Format, Chunk: 1 << 31},
	} {
		response, err := o.LoadSnapshotChunk(context.Background(), &request)
		if err != nil || response.Chunk != nil {
			t.Errorf("%s: %d bytes, %v", name, len(response.Chunk), err)
		}
	}
	p := o.joins() // which takes none
	listed, err := p.ListSnapshots(context.Background(), &abci.RequestListSnapshots{})
	response, errLoad := p.LoadSnapshotChunk(context.Background(), &abci.RequestLoadSnapshotChunk{Height: 3, Format: snapshot.Format})
	if err := errors.Join(err, errLoad); err != nil || len(listed.Snapshots) != 0 || response.Chunk != nil {
		t.Errorf("a node without snapshots: %v %v %v", listed, response, err)
	}
}

// CometBFT's question about a peer is answered by those that are known, if it is to keep no others.
func TestKnownPeers(t *testing.T) {
	p := newPeer(t)
	ask := func(path string) uint32 {
		t.Helper()
		response, err := p.Query(context.Background(), &abci.RequestQuery{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		return response.Code
	}
	if ask("/p2p/filter/id/stranger") != codeOK {
		t.Error("a stranger is refused where anybody is welcome")
	}
	p.options.KnownPeers = map[string]bool{"friend": true}
	if ask("/p2p/filter/id/stranger") == codeOK || ask("/p2p/filter/id/friend") != codeOK || ask("/p2p/filter/addr/1.2.3.4:5") != codeOK {
		t.Error("not the known peers alone are kept")
	}
}
