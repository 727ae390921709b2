package node

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

const cloak = 1_000_000_000_000

// crowd is accounts with keys, funded at genesis, and what signing for a chain needs.
type crowd struct {
	pairs    []keys.Pair
	implicit extrinsic.Implicit
}

func newCrowd(t testing.TB, size int) *crowd {
	t.Helper()
	c := &crowd{}
	for i := range size {
		var seed [32]byte
		binary.LittleEndian.PutUint64(seed[:], uint64(i)+1)
		pair, err := keys.NewPair(keys.Sr25519, seed)
		if err != nil {
			t.Fatal(err)
		}
		c.pairs = append(c.pairs, pair)
	}
	return c
}

// spec is a development network in which the crowd is rich.
func (c *crowd) spec(t testing.TB, dir string) *chainspec.Spec {
	t.Helper()
	validator, err := ValidatorPublicKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	spec := chainspec.NewDevelopment(validator, time.Now())
	for _, pair := range c.pairs {
		spec.Genesis.Balances.Balances = append(spec.Genesis.Balances.Balances,
			balances.Endowment{Account: frame.Address(pair.AccountID()), Free: scale.U128From(10_000 * cloak)})
	}
	return spec
}

func (c *crowd) join(n *Node) {
	version := n.Chain().Version()
	c.implicit = extrinsic.Implicit{SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion,
		Genesis: n.Chain().Genesis(), Mortality: n.Chain().Genesis()}
}

func (c *crowd) sign(t testing.TB, who int, nonce uint32, call []byte) []byte {
	t.Helper()
	encoded, err := extrinsic.Sign(call, extrinsic.Extensions{Nonce: nonce}, c.implicit, extrinsic.SignerOf(c.pairs[who]))
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func transferCall(to scale.AccountID, amount uint64) []byte {
	e := scale.NewEncoder([]byte{balances.Index, 3})
	address := extrinsic.AddressOf(to)
	extrinsic.AddressCodec.Encode(e, &address)
	e.Compact(amount)
	return e.Encoded()
}

func benchNode(b *testing.B, c *crowd) *Node {
	dir := b.TempDir()
	config := testConfig(b, dir)
	config.Spec = c.spec(b, dir)
	config.CacheBytes = 256 << 20
	n := startNode(b, config)
	c.join(n)
	return n
}

// inclusion waits until so many transactions are in blocks.
func inclusion(b *testing.B, n *Node, from uint32, want int) {
	b.Helper()
	for got, number := 0, from; got < want; {
		newest, ok := n.Chain().WaitBest(b.Context(), number)
		if !ok {
			b.Fatal("the test ends first")
		}
		for ; number < newest; number++ {
			hash, err := n.Chain().Store().HashAt(number + 1)
			if err != nil {
				b.Fatal(err)
			}
			body, err := n.Chain().Store().Body(hash)
			if err != nil {
				b.Fatal(err)
			}
			got += len(body) - 1
		}
	}
}

// BenchmarkTransfers drives a whole node: signed transfers submitted in process, from signature check to committed block.
func BenchmarkTransfers(b *testing.B) {
	const accounts, each = 2_000, 15
	c := newCrowd(b, accounts)
	n := benchNode(b, c)
	transactions := make([][]byte, 0, accounts*each)
	for nonce := range uint32(each) {
		for who := range c.pairs {
			to := c.pairs[(who*7+int(nonce)*13+1)%accounts].AccountID()
			transactions = append(transactions, c.sign(b, who, nonce, transferCall(to, cloak)))
		}
	}
	from := n.Chain().Head().Number
	height := n.Chain().Head().Height
	b.ResetTimer()
	began := time.Now()
	submitAll(b, n, transactions, 2)
	submitted := time.Since(began)
	inclusion(b, n, from, len(transactions))
	took := time.Since(began)
	b.ReportMetric(float64(len(transactions))/took.Seconds(), "transfers/s")
	b.ReportMetric(float64(len(transactions))/submitted.Seconds(), "submitted/s")
	b.ReportMetric(float64(n.Chain().Head().Number-from), "blocks")
	b.ReportMetric(float64(n.Chain().Head().Height-height), "heights")
}

func submitAll(b *testing.B, n *Node, transactions [][]byte, workers int) {
	b.Helper()
	var group sync.WaitGroup
	next := make(chan []byte, 256)
	for range workers {
		group.Go(func() {
			for tx := range next {
				if _, err := n.Pool().Submit(mempool.SourceExternal, tx); err != nil {
					b.Error(fmt.Errorf("submit: %w", err))
				}
			}
		})
	}
	for _, tx := range transactions {
		next <- tx
	}
	close(next)
	group.Wait()
}

// BenchmarkEnvelopes drives a whole node: batches of sealed commands, as relayers send them.
func BenchmarkEnvelopes(b *testing.B) {
	const relayers, each, batch = 16, 40, 200
	c := newCrowd(b, relayers)
	n := benchNode(b, c)
	random := rand.NewChaCha8([32]byte{1})
	var transactions [][]byte
	for nonce := range uint32(each) {
		for who := range c.pairs {
			envelopes := make([][]byte, batch)
			for i := range envelopes {
				envelopes[i] = make([]byte, wire.CommandEnvelopeSize)
				random.Read(envelopes[i])
				envelopes[i][0] = wire.ClassCommand
			}
			call, err := wire.CallSubmit(envelopes)
			if err != nil {
				b.Fatal(err)
			}
			transactions = append(transactions, c.sign(b, who, nonce, call))
		}
	}
	from := n.Chain().Head().Number
	inbox := inboxCount(b, n)
	b.ResetTimer()
	began := time.Now()
	submitAll(b, n, transactions, 2)
	inclusion(b, n, from, len(transactions))
	took := time.Since(began)
	if accepted := inboxCount(b, n) - inbox; accepted < uint64(len(transactions)*batch) {
		b.Fatalf("%d messages came in", accepted)
	}
	b.ReportMetric(float64(len(transactions)*batch)/took.Seconds(), "envelopes/s")
	b.ReportMetric(float64(n.Chain().Head().Number-from), "blocks")
}

func inboxCount(b *testing.B, n *Node) uint64 {
	b.Helper()
	value, found, err := n.Chain().Best().Get(wire.StorageInbox())
	if err != nil {
		b.Fatal(err)
	}
	if !found {
		return 0
	}
	inbox, err := wire.InboxCodec.Unmarshal(value)
	if err != nil {
		b.Fatal(err)
	}
	return inbox.Count
}
