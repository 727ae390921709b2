package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// benchEndowment is what every account of a crowd has: a million CLOAK.
var benchEndowment = scale.U128From(1_000_000_000_000_000_000)

// benchSubmitters is how many goroutines hand transactions in, as connections would.
const benchSubmitters = 2

// crowd is accounts that have CLOAK at genesis, and what their signatures name.
type crowd struct {
	pairs    []keys.Pair
	network  *chainspec.Spec // that was started last
	implicit extrinsic.Implicit
	nonce    uint32 // of everybody's next transaction
}

// newCrowd derives the accounts of a number, which are the same in every run.
func newCrowd(size int) (*crowd, error) {
	c := &crowd{}
	for i := range size {
		var seed [32]byte
		binary.LittleEndian.PutUint64(seed[:], uint64(i)+1)
		pair, err := keys.NewPair(keys.Sr25519, seed)
		if err != nil {
			return nil, err
		}
		c.pairs = append(c.pairs, pair)
	}
	return c, nil
}

// spec is a development network of one validator in which the crowd is rich.
func (c *crowd) spec(folder string) (*chainspec.Spec, error) {
	validator, err := node.ValidatorPublicKey(folder)
	if err != nil {
		return nil, err
	}
	spec := chainspec.NewDevelopment(validator, time.Now())
	for _, pair := range c.pairs {
		spec.Genesis.Balances.Balances = append(spec.Genesis.Balances.Balances,
			balances.Endowment{Account: frame.Address(pair.AccountID()), Free: benchEndowment})
	}
	return spec, nil
}

// start starts a node of its own network in a new folder.
func (c *crowd) start(ctx context.Context, b *bencher) (*node.Node, error) {
	folder, err := b.folder()
	if err != nil {
		return nil, err
	}
	if c.network, err = c.spec(folder); err != nil {
		return nil, err
	}
	n, err := node.Start(ctx, node.Config{Spec: c.network, DataDir: folder, RPC: node.RPCConfig{Address: "127.0.0.1:0"}, Log: b.log})
	if err != nil {
		return nil, err
	}
	c.join(n)
	return n, nil
}

// join has the crowd sign for a node's network.
func (c *crowd) join(n *node.Node) {
	version := n.Chain().Version()
	c.nonce = 0
	c.implicit = extrinsic.Implicit{SpecVersion: version.SpecVersion, TransactionVersion: version.TransactionVersion,
		Genesis: n.Chain().Genesis(), Mortality: n.Chain().Genesis()}
}

// sign has each account sign its calls, by account and nonce, on all processors. The transactions come nonce by nonce, as from
// accounts that are busy at the same time.
func (c *crowd) sign(each int, call func(who int, nonce uint32) ([]byte, error)) ([][]byte, error) {
	transactions := make([][]byte, len(c.pairs)*each)
	first := c.nonce
	c.nonce += uint32(each)
	failures := make([]error, benchSubmitters)
	var group sync.WaitGroup
	for part := range benchSubmitters {
		group.Go(func() {
			for i := part; i < len(transactions); i += benchSubmitters {
				who, nonce := i%len(c.pairs), first+uint32(i/len(c.pairs))
				encoded, err := call(who, nonce)
				if err == nil {
					transactions[i], err = extrinsic.Sign(encoded, extrinsic.Extensions{Nonce: nonce}, c.implicit, extrinsic.SignerOf(c.pairs[who]))
				}
				if err != nil {
					failures[part] = err
					return
				}
			}
		})
	}
	group.Wait()
	return transactions, errors.Join(failures...)
}

// submitAll hands transactions to the pool as author_submitExtrinsic does. A full pool is tried again: its blocks make room.
func submitAll(ctx context.Context, n *node.Node, transactions [][]byte) error {
	next := make(chan []byte, 256)
	failures := make([]error, benchSubmitters)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	for part := range benchSubmitters {
		group.Go(func() {
			for transaction := range next {
				if failures[part] = submitOne(ctx, n, transaction); failures[part] != nil {
					cancel()
					return
				}
			}
		})
	}
	func() {
		defer close(next)
		for _, transaction := range transactions {
			select {
			case next <- transaction:
			case <-ctx.Done():
				return
			}
		}
	}()
	group.Wait()
	return errors.Join(append(failures, context.Cause(ctx))...)
}

func submitOne(ctx context.Context, n *node.Node, transaction []byte) error {
	for {
		_, err := n.Pool().Submit(mempool.SourceExternal, transaction)
		if !errors.Is(err, mempool.ErrFull) && !errors.Is(err, mempool.ErrSender) {
			return err
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// awaitFinal waits until so many transactions are in finalised blocks after one, and gives the last of these blocks.
func awaitFinal(ctx context.Context, n *node.Node, from uint32, want int) (last uint32, err error) {
	for got := 0; got < want; {
		newest, ok := n.Chain().WaitFinalized(ctx, from)
		if !ok {
			return from, fmt.Errorf("%d of %d transactions are final: %w", got, want, context.Cause(ctx))
		}
		for ; from < newest; from++ {
			hash, err := n.Chain().Store().HashAt(from + 1)
			if err != nil {
				return from, err
			}
			body, err := n.Chain().Store().Body(hash)
			if err != nil {
				return from, err
			}
			got += len(body) - 1 // without the block's time
		}
	}
	return from, nil
}

// writeSpec leaves a chain spec where a development network looks for its own.
func writeSpec(spec *chainspec.Spec, folder string) error {
	text, err := spec.JSON()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "chain-spec.json"), text, 0o600)
}
