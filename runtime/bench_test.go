package runtime_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

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

// benchChain is a chain with many accounts, and a block's worth of transfers.
func benchChain(b *testing.B) (*chain, [][]byte) {
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
	transfers := make([][]byte, len(pairs))
	for i, pair := range pairs {
		call := transferCall(transferKeepAlive, accounts[random.IntN(len(accounts))], cloak)
		transfers[i] = c.signWith(pair, call, extrinsic.Extensions{})
	}
	return c, transfers
}

// BenchmarkApplyTransfers executes blocks of signed transfers whose signatures were
// checked ahead: the execution, and what the block's roots add to it.
func BenchmarkApplyTransfers(b *testing.B) {
	c, transfers := benchChain(b)
	warm := c.next() // signatures, and the trie's nodes
	for _, xt := range transfers {
		warm.ApplyExtrinsic(xt)
	}
	warm.FinalizeBlock()
	run := func(b *testing.B, finalize bool) {
		b.ReportAllocs()
		for range b.N {
			next := c.next()
			for i, xt := range transfers {
				if result := next.ApplyExtrinsic(xt); !result.Applied() || result.Result.Failed() {
					b.Fatalf("transfer %d: %+v", i, result)
				}
			}
			if finalize {
				next.FinalizeBlock()
				next.backend.Commit()
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(transfers)), "ns/transfer")
	}
	b.Run("execute", func(b *testing.B) { run(b, false) })
	b.Run("execute+root", func(b *testing.B) { run(b, true) })
}
