package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/snapshot"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// trustLatest is a state sync from these nodes that trusts the first one's latest header.
func trustLatest(t *testing.T, nodes ...*Node) StateSync {
	t.Helper()
	height, encoded, err := nodes[0].comet.LightBlock(0)
	if err != nil {
		t.Fatal(err)
	}
	block, err := decodeLightBlock(encoded, nodes[0].comet.document.ChainID)
	if err != nil {
		t.Fatal(err)
	}
	out := StateSync{Height: height, Hash: scale.Hash(block.Hash())}
	for _, n := range nodes {
		out.Servers = append(out.Servers, "ws://"+n.RPCAddress())
	}
	return out
}

// joiner is the configuration of a node that is no validator, with the peers of a network.
func joiner(t *testing.T, network []Config) Config {
	t.Helper()
	config := Config{Spec: network[0].Spec, DataDir: t.TempDir(), CacheBytes: 16 << 20}
	config.Log = testLog()
	config.RPC.Address = "127.0.0.1:0"
	config.P2P.Address = freePort(t)
	for _, other := range network {
		key, err := nodeKey(other.DataDir)
		if err != nil {
			t.Fatal(err)
		}
		config.P2P.Peers = append(config.P2P.Peers, peerID(key)+"@"+other.P2P.Address)
	}
	return config
}

func awaitNumber(t *testing.T, n *Node, number uint32, who string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); n.Chain().Head().Number < number; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s is at block %d, not %d", who, n.Chain().Head().Number, number)
		}
	}
}

// A node joins by state sync, goes on with the others, survives a restart, and says what it does not have.
func TestStateSync(t *testing.T) {
	t.Parallel() // it mostly waits
	c := newCrowd(t, 2)
	configs := validators(t, 2, c)
	nodes := make([]*Node, len(configs))
	for i := range configs {
		configs[i].SnapshotInterval = 20 // lasts longer than CometBFT looks around
		nodes[i] = startNode(t, configs[i])
	}
	c.join(nodes[0])
	nonce := uint32(0)
	for len(nodes[0].snapshots.List()) == 0 || len(nodes[1].snapshots.List()) == 0 {
		include(t, nodes[0], c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
		nonce++
	}
	config := joiner(t, configs)
	config.StateSync = trustLatest(t, nodes...)
	joined := startNode(t, config)
	awaitNumber(t, joined, nodes[0].Chain().Head().Number, "the joining node")
	origin := joined.Chain().Store().Origin()
	if origin.Number < 2 {
		t.Fatalf("it did not begin with a snapshot: %+v", origin)
	}
	block := include(t, nodes[1], c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
	awaitBlock(t, joined, block, "the joining node")
	agree(t, nodes[0], joined, origin.Number)
	checkOlder(t, joined, origin)
	if err := joined.Chain().Best().TryState(); err != nil {
		t.Errorf("invariants: %v", err)
	}
	if err := joined.Close(); err != nil {
		t.Fatal(err)
	}
	config.StateSync.Servers = []string{"ws://127.0.0.1:1", "ws://127.0.0.1:2"} // of no more use
	joined = startNode(t, config)
	block = include(t, nodes[0], c.sign(t, 1, 0, transferCall(scale.AccountID{1}, cloak)))
	awaitBlock(t, joined, block, "the joining node, again")
	agree(t, nodes[1], joined, origin.Number)
	submitted := include(t, joined, c.sign(t, 1, 1, transferCall(scale.AccountID{1}, cloak)))
	awaitBlock(t, nodes[0], submitted, "a validator, with a transaction of the joining node")
	if err := joined.Close(); err != nil {
		t.Fatal(err)
	}
	overAChain(t, config, trustLatest(t, nodes...))
}

// A chain is not replaced: a node that has one, while CometBFT's part is lost, stops and says why.
func overAChain(t *testing.T, config Config, from StateSync) {
	t.Helper()
	for _, name := range []string{"blockstore.db", "state.db", "evidence.db", "cs.wal"} {
		if err := os.RemoveAll(filepath.Join(config.DataDir, cometFolder, "data", name)); err != nil {
			t.Fatal(err)
		}
	}
	config.StateSync = from
	n := startNode(t, config)
	select {
	case <-n.Halted():
	case <-time.After(time.Minute):
		t.Fatal("state sync over a chain goes on")
	}
	if err := n.Err(); !errors.Is(err, ErrStateSync) {
		t.Errorf("it halts with: %v", err)
	}
	if n.Chain().Head().Number == 0 {
		t.Error("the chain is gone")
	}
}

// A snapshot that was tampered with is refused, whoever sent it is not believed any more, and another peer's is taken.
func TestForgedSnapshot(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1)
	configs := validators(t, 2, c)
	nodes := make([]*Node, len(configs))
	for i := range configs {
		configs[i].SnapshotInterval = 20
		nodes[i] = startNode(t, configs[i])
	}
	c.join(nodes[0])
	for nonce := uint32(0); nodes[0].snapshots.Latest() == 0 || nodes[1].snapshots.Latest() == 0; nonce++ {
		include(t, nodes[0], c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
	}
	for i := range nodes {
		if err := nodes[i].Close(); err != nil {
			t.Fatal(err)
		}
	}
	forge(t, filepath.Join(configs[0].DataDir, "snapshots"))
	for i := range nodes {
		nodes[i] = startNode(t, configs[i]) // the first reads the forged files as its own
	}

	config := joiner(t, configs)
	honest := config.P2P.Peers[1]
	config.P2P.Peers = config.P2P.Peers[:1]
	config.StateSync = trustLatest(t, nodes...)
	var said logBook
	config.Log = slog.New(slog.NewTextHandler(&said, nil))
	joined := startNode(t, config)
	said.await(t, snapshot.ErrForged.Error())
	if head := joined.Chain().Head(); head.Number != 0 {
		t.Fatalf("head %+v from a forged snapshot", head)
	}
	if err := joined.comet.node.Switch().DialPeersAsync([]string{honest}); err != nil {
		t.Fatal(err)
	}
	awaitNumber(t, joined, nodes[1].Chain().Head().Number, "the joining node")
	agree(t, nodes[1], joined, joined.Chain().Store().Origin().Number)
	if joined.Chain().Store().Origin().Number == 0 {
		t.Error("it synced from the first block")
	}
}

// forge changes an account's balance in every snapshot of a folder, and makes the manifest agree.
func forge(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Fatal("no snapshots", err)
	}
	for _, entry := range entries {
		chunkName, manifestName := filepath.Join(folder, entry.Name(), "chunk-00000"), filepath.Join(folder, entry.Name(), "manifest")
		chunk, err := os.ReadFile(chunkName)
		if err != nil {
			t.Fatal(err)
		}
		before := hashing.Blake2_256(chunk)
		balance := scale.U128Codec.Marshal(scale.U128From(1_000_000 * cloak)) // what a development account has
		at := bytes.LastIndex(chunk, balance[:8])
		if at < 0 {
			t.Fatal("no balance is found")
		}
		chunk[at+6] = 0xff
		after := hashing.Blake2_256(chunk)
		manifest, err := os.ReadFile(manifestName)
		if err != nil {
			t.Fatal(err)
		}
		manifest = bytes.ReplaceAll(manifest[:len(manifest)-len(before)], before[:], after[:])
		sum := hashing.Blake2_256(manifest)
		if err := errors.Join(os.WriteFile(chunkName, chunk, 0o600), os.WriteFile(manifestName, append(manifest, sum[:]...), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// logBook keeps what is logged.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logBook) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

func (l *logBook) await(t *testing.T, words string) {
	t.Helper()
	has := func() bool {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		return strings.Contains(l.text.String(), words)
	}
	for deadline := time.Now().Add(time.Minute); !has(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log does not say %q:\n%s", words, l.text.String())
		}
	}
}

// agree compares every header from first on: with it, the state roots.
func agree(t *testing.T, a, b *Node, first uint32) {
	t.Helper()
	last := min(a.Chain().Head().Number, b.Chain().Head().Number)
	for number := first; number <= last; number++ {
		x, errA := a.Chain().Store().HashAt(number)
		y, errB := b.Chain().Store().HashAt(number)
		if errA != nil || errB != nil || x != y {
			t.Fatalf("block %d: %v and %v (%v, %v)", number, x, y, errA, errB)
		}
	}
}

// checkOlder asks over RPC for what a node that began by state sync does not have.
func checkOlder(t *testing.T, n *Node, origin store.Origin) {
	t.Helper()
	client := dial(t, n)
	for _, ask := range []struct {
		method string
		params []any
	}{
		{"chain_getBlockHash", []any{origin.Number - 1}},
		{"bitcloak_headers", []any{1, 2}},
		{"chain_getBlock", []any{call[scale.Hash](t, client, "chain_getBlockHash", origin.Number)}},
		{"cometbft_lightBlock", []any{1}},
	} {
		if _, text := callError(t, client, ask.method, ask.params...); !strings.Contains(text, "ask") {
			t.Errorf("%s: %s", ask.method, text)
		}
	}
	if origin.Checkpoint > 0 {
		if _, text := callError(t, client, "bitcloak_checkpoints", 0, 10); !strings.Contains(text, "state sync") {
			t.Errorf("checkpoints: %s", text)
		}
	}
	page, err := n.Chain().Store().Checkpoints(origin.Checkpoint, 1, 1<<20)
	if err != nil || len(page) != 1 || page[0].Number < origin.Number {
		t.Errorf("the first checkpoints: %v %v", page, err)
	}
	value, _, err := n.Chain().Best().Get(wire.StorageCheckpointCount())
	if err != nil || len(value) != 8 {
		t.Errorf("count of checkpoints: %x %v", value, err)
	}
}

// Servers that do not show the trusted header, or none, end the start with a clear error.
func TestStateSyncServersAreChecked(t *testing.T) {
	c := newCrowd(t, 1)
	configs := validators(t, 1, c)
	n := startNode(t, configs[0])
	c.join(n)
	include(t, n, c.sign(t, 0, 0, transferCall(scale.AccountID{1}, cloak)))
	good := trustLatest(t, n, n)
	for name, test := range map[string]struct {
		change func(*StateSync)
		want   error
	}{
		"one server":       {func(s *StateSync) { s.Servers = s.Servers[:1] }, ErrStateSyncConfig},
		"no height":        {func(s *StateSync) { s.Height = 0 }, ErrStateSyncConfig},
		"no hash":          {func(s *StateSync) { s.Hash = scale.Hash{} }, ErrStateSyncConfig},
		"another hash":     {func(s *StateSync) { s.Hash[5] ^= 1 }, ErrServers},
		"a future height":  {func(s *StateSync) { s.Height += 1_000 }, ErrServers},
		"nobody there":     {func(s *StateSync) { s.Servers = []string{"ws://127.0.0.1:1", "ws://127.0.0.1:1"} }, ErrServers},
		"an expired trust": {func(s *StateSync) { s.TrustingPeriod = time.Nanosecond }, ErrServers},
		"no witness":       {func(s *StateSync) { s.Servers[1] = "ws://127.0.0.1:1" }, ErrServers},
	} {
		config := joiner(t, configs)
		config.StateSync = good
		config.StateSync.Servers = append([]string{}, good.Servers...)
		test.change(&config.StateSync)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		joined, err := Start(ctx, config)
		cancel()
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if joined != nil {
			_ = joined.Close()
		}
	}
}

// The turns of the validators are those that CometBFT counts, one height after another.
func TestValidatorsAt(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for _, powers := range [][]int64{{10}, {10, 10, 10, 10}, {1, 2, 3}, {7, 7, 100, 3, 50}, {1 << 40, 1, 3 << 20}} {
		spec := validatorSpec(powers)
		set := types.NewValidatorSet(nil)
		for _, v := range spec.Validators {
			set.Validators = append(set.Validators, types.NewValidator(v.PubKey, v.Power))
		}
		set = types.NewValidatorSet(set.Validators)
		for height := int64(1); height < 700; height++ {
			if random.IntN(4) == 0 {
				at := validatorsAt(spec, height)
				if fmt.Sprint(at.Validators) != fmt.Sprint(set.Validators) || !bytes.Equal(at.GetProposer().Address, set.GetProposer().Address) {
					t.Fatalf("powers %v, height %d: %v, want %v", powers, height, at, set)
				}
			}
			set.IncrementProposerPriority(1)
		}
	}
}
