package app

import (
	"testing"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// committer makes blocks and commits of their checkpoints, with a registered worker's vote.
type committer struct {
	*peer
	worker keys.Pair
	height int64
}

func edwards(t *testing.T, seed string) keys.Pair {
	t.Helper()
	one, err := keys.NewPair(keys.Ed25519, hashing.Blake2_256([]byte(seed)))
	if err != nil {
		t.Fatal(err)
	}
	return one
}

// next makes a block of what the pool has, and counts it; every one is a heartbeat, and so a checkpoint.
func (m *committer) next() int {
	m.t.Helper()
	m.height++
	b := m.prepare(m.height, at(int(m.height)*1000))
	m.decide(b)
	return len(b.txs) - 1 // beside the claim
}

func newCommitter(t *testing.T) *committer {
	t.Helper()
	m := &committer{peer: newPeer(t), worker: edwards(t, "worker")}
	m.next()
	quote := wire.Quote{Measurement: hashing.Blake2_256([]byte("bitcloak/development-measurement/v1")),
		Platform:   hashing.Blake2_256([]byte("bitcloak/development-platform/v1"), scale.U32.Marshal(0)),
		ReportData: wire.ReportData(wire.Instance{Genesis: m.chain.Genesis()}, m.worker.Public())}
	quote.Signature = edwards(t, "bitcloak/simulated-vendor/v1").Sign(quote.SigningBytes())
	call, err := wire.CallRegisterWorker(m.worker.Public(), wire.Evidence{Bytes: wire.QuoteCodec.Marshal(quote)})
	if err != nil {
		t.Fatal(err)
	}
	version := m.chain.Version()
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{}, extrinsic.Implicit{SpecVersion: version.SpecVersion,
		TransactionVersion: version.TransactionVersion, Genesis: m.chain.Genesis(), Mortality: m.chain.Genesis()},
		extrinsic.SignerOf(pair(t, "Alice")))
	if err != nil {
		t.Fatal(err)
	}
	m.submit(signed)
	if m.next() != 1 {
		t.Fatal("the worker is not registered")
	}
	return m
}

func stored[T any](m *committer, codec scale.Codec[T], key []byte) (value T, exists bool) {
	m.t.Helper()
	encoded, exists, err := m.chain.Best().Get(key)
	if err == nil && exists {
		value, err = codec.Unmarshal(encoded)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	return value, exists
}

// backlog is the commits of the count checkpoints from the one that is due, with roots that start with a mark.
func (m *committer) backlog(count int, mark byte) [][]byte {
	m.t.Helper()
	last, exists := stored(m, wire.LastCommitCodec, wire.StorageLastCommit())
	first := uint64(0)
	if exists {
		first = last.Checkpoint + 1
	}
	var out [][]byte
	root := last.StateRoot
	for index := first; index < first+uint64(count); index++ {
		checkpoint, exists := stored(m, wire.CheckpointCodec, wire.StorageCheckpoint(index))
		if !exists {
			m.t.Fatalf("no checkpoint %d", index)
		}
		k := wire.Commit{Instance: wire.Instance{Genesis: m.chain.Genesis()}, Checkpoint: index, Number: checkpoint.Number,
			BlockHash: checkpoint.BlockHash, PreviousRoot: root, Inbox: checkpoint.Inbox, StateRoot: scale.Hash{mark, byte(index)}}
		root = k.StateRoot
		digest := k.Digest()
		call, err := wire.CallCommit(&k, []wire.Vote{{Worker: m.worker.Public(), Signature: m.worker.Sign(digest[:])}})
		if err != nil {
			m.t.Fatal(err)
		}
		bare := extrinsic.Bare(call)
		encoded, err := bare.Encode()
		if err != nil {
			m.t.Fatal(err)
		}
		out = append(out, encoded)
	}
	return out
}

func (m *committer) committed() uint64 {
	last, exists := stored(m, wire.LastCommitCodec, wire.StorageLastCommit())
	if !exists {
		return 0
	}
	return last.Checkpoint + 1
}

// One block holds all the commits of a backlog, in whatever order they came, beside what pays.
func TestBacklogFitsOneBlock(t *testing.T) {
	m := newCommitter(t)
	for range 100 {
		m.next()
	}
	commits := m.backlog(100, 1)
	for i := range commits {
		m.submit(commits[len(commits)-1-i])
	}
	m.submit(m.transfer("Bob", 0, cloak))
	if got := m.next(); got != 101 || m.committed() != 100 {
		t.Errorf("%d transactions in the block, %d commits", got, m.committed())
	}
	if m.pool.HasReady() || m.pool.Usage().Bare != 0 {
		t.Errorf("left in the pool: %+v", m.pool.Usage())
	}
	// A block with one out of order is refused.
	m.next()
	commits = m.backlog(2, 1)
	if m.process(m.claimed(m.height+1, at(int(m.height+1)*1000), commits[1], commits[0])) {
		t.Error("commits out of order are accepted")
	}
}

// When the commit that is due turns out wrong, those behind it are neither dropped nor banned: they may follow another.
func TestCommitsBehindAFailureStay(t *testing.T) {
	m := newCommitter(t)
	for range 4 {
		m.next()
	}
	commits := m.backlog(4, 1)
	wrong := m.backlog(2, 2)[1] // does not continue the first
	m.submit(wrong)
	m.submit(commits[2], commits[3], commits[0])
	if m.next(); m.committed() != 1 {
		t.Fatalf("%d commits", m.committed())
	}
	if u := m.pool.Usage(); u.Bare != 2 || u.Banned != 0 {
		t.Errorf("after the failure: %+v", u)
	}
	m.pool.Revalidate(10)
	if m.pool.HasReady() {
		t.Error("what cannot apply is offered, and blocks would follow each other without end")
	}
	if _, err := m.pool.Submit(mempool.SourceExternal, wrong); err == nil {
		t.Error("the wrong one came back")
	}
	m.submit(commits[1])
	if m.next(); m.committed() != 4 || m.pool.HasReady() {
		t.Errorf("%d commits, pool %+v", m.committed(), m.pool.Usage())
	}
}
