package runtime_test

import (
	"encoding/binary"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Shape of the benchmark's blocks: each account signs one transfer to another.
const (
	benchAccounts  = 100_000 // in the state
	benchTransfers = 5_000   // in a block
)

// benchChain is a chain with many accounts, and the pairs of those that sign.
func benchChain(b *testing.B) (*chain, []keys.Pair, []scale.AccountID) {
	b.Helper()
	genesis := runtime.DevelopmentGenesis()
	random := rand.New(rand.NewPCG(1, 2))
	pairs := make([]keys.Pair, benchTransfers)
	accounts := make([]scale.AccountID, benchAccounts)
	for i := range accounts {
		if i < len(pairs) {
			var seed [32]byte
			binary.LittleEndian.PutUint64(seed[:], uint64(i)+1)
			pair, err := keys.NewPair(keys.Sr25519, seed)
			if err != nil {
				b.Fatal(err)
			}
			pairs[i], accounts[i] = pair, pair.AccountID()
		} else {
			for j := range accounts[i] {
				accounts[i][j] = byte(random.Uint32())
			}
		}
		genesis.Balances.Balances = append(genesis.Balances.Balances,
			balances.Endowment{Account: frame.Address(accounts[i]), Free: scale.U128From(1_000 * cloak)})
	}
	c := newChainFrom(b, genesis)
	c.options = trie.Options{Cache: trie.NewCache(256 << 20), Parallel: 2}
	return c, pairs, accounts
}

// benchBlock is a block's worth of transfers, their signatures checked ahead.
func (c *chain) benchBlock(pairs []keys.Pair, accounts []scale.AccountID, nonce uint32) [][]byte {
	transfers := make([][]byte, len(pairs))
	checker := c.fork()
	for i, pair := range pairs {
		to := accounts[(i*7919+int(nonce)*104_729)%len(accounts)]
		transfers[i] = c.signWith(pair, transferCall(transferKeepAlive, to, cloak), extrinsic.Extensions{Nonce: nonce})
		if _, invalid := checker.ValidateTransaction(runtime.SourceExternal, transfers[i], c.head.Hash()); invalid != nil {
			c.t.Fatal(invalid)
		}
	}
	return transfers
}

// BenchmarkApplyTransfers makes a chain of blocks of signed transfers whose signatures
// were checked ahead, as the pool does: the time to execute them, and the time for
// the roots and the commit of their changes, each for one transfer.
func BenchmarkApplyTransfers(b *testing.B) {
	c, pairs, accounts := benchChain(b)
	var execution, roots, processor time.Duration
	for nonce := range uint32(b.N) {
		b.StopTimer()
		transfers := c.benchBlock(pairs, accounts, nonce)
		next := c.next()
		b.StartTimer()
		start, used := time.Now(), processorTime(b)
		for i, xt := range transfers {
			if result := next.ApplyExtrinsic(xt); !result.Applied() || result.Result.Failed() {
				b.Fatalf("transfer %d: %+v", i, result)
			}
		}
		executed := time.Now()
		c.head = next.FinalizeBlock()
		set := next.backend.Commit()
		execution, roots = execution+executed.Sub(start), roots+time.Since(executed)
		processor += processorTime(b) - used
		b.StopTimer()
		c.store.Insert(set)
		c.store.Prune(set)
		b.StartTimer()
	}
	count := float64(b.N * len(pairs))
	b.ReportMetric(float64(execution.Nanoseconds())/count, "ns-execution/transfer")
	b.ReportMetric(float64(roots.Nanoseconds())/count, "ns-roots/transfer")
	b.ReportMetric(float64(processor.Nanoseconds())/count, "ns-processor/transfer")
}

// processorTime is what the process has used of all cores: the figure to compare on a
// machine that does other things too.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
