package network

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// client asks one node.
type client struct {
	t       *testing.T
	address string
	mutex   sync.Mutex
	rpc     *rpc.Client
}

func newClient(t *testing.T, address string) *client { return &client{t: t, address: address} }

// connected is the connection, made anew if the node was away.
func (c *client) connected() (*rpc.Client, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.rpc != nil && c.rpc.Err() == nil {
		return c.rpc, nil
	}
	made, err := rpc.Dial(context.Background(), "ws://"+c.address, rpc.Options{Timeout: 10 * time.Second})
	if err == nil {
		c.rpc = made
		c.t.Cleanup(func() { _ = made.Close() })
	}
	return made, err
}

func (c *client) reachable() bool {
	_, err := c.connected()
	return err == nil
}

// ask calls a method.
func (c *client) ask(result any, method string, params ...any) error {
	connection, err := c.connected()
	if err != nil {
		return err
	}
	return connection.Call(c.t.Context(), method, params, result)
}

func call[T any](c *client, method string, params ...any) (result T) {
	c.t.Helper()
	if err := c.ask(&result, method, params...); err != nil {
		c.t.Fatalf("%s: %s: %v", c.address, method, err)
	}
	return result
}

func (c *client) await(what string, condition func() bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: no %s", c.address, what)
		}
	}
}

func (c *client) hashAt(number uint32) scale.Hash {
	c.t.Helper()
	return call[scale.Hash](c, "chain_getBlockHash", number)
}

// head is the number of the latest finalised block.
func (c *client) head() uint32 {
	c.t.Helper()
	hash := call[scale.Hash](c, "chain_getFinalizedHead")
	header := call[struct{ Number rpc.Number }](c, "chain_getHeader", hash)
	return uint32(header.Number)
}

// reach waits for a block number.
func (c *client) reach(number uint32) {
	c.t.Helper()
	c.await("such block", func() bool { return c.head() >= number })
}

// height is the latest CometBFT height.
func (c *client) height() uint64 {
	c.t.Helper()
	return call[struct{ Height uint64 }](c, "cometbft_lightBlock", nil).Height
}

// trader sends transfers of one account.
type trader struct {
	pair  keys.Pair
	nonce uint32
}

func newTrader(t *testing.T, name string) *trader {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return &trader{pair: pair}
}

// sent is a transaction, and what was told about it.
type sent struct {
	c      *client
	bytes  []byte
	stream *rpc.Subscription
	block  scale.Hash // the one that it was told in
}

// send hands a transfer to a node. An immortal transaction is good on any node that has its genesis.
func (tr *trader) send(c *client, genesis scale.Hash) *sent {
	c.t.Helper()
	version := call[worker.RuntimeVersion](c, "state_getRuntimeVersion")
	implicit := extrinsic.Implicit{SpecVersion: version.Spec, TransactionVersion: version.Transaction, Genesis: genesis, Mortality: genesis}
	transfer := wire.CallTransferKeepAlive(scale.AccountID{1, 2, 3}, scale.U128From(1_000_000_000_000))
	signed, err := extrinsic.Sign(transfer, extrinsic.Extensions{Nonce: tr.nonce}, implicit, extrinsic.SignerOf(tr.pair))
	if err != nil {
		c.t.Fatal(err)
	}
	tr.nonce++
	connection, err := c.connected()
	if err != nil {
		c.t.Fatal(err)
	}
	stream, err := connection.Subscribe(c.t.Context(), "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", []any{scale.HexBytes(signed)})
	if err != nil {
		c.t.Fatal(err)
	}
	return &sent{c: c, bytes: signed, stream: stream}
}

// final waits until the node tells that the transaction is final in a block.
func (s *sent) final() *sent {
	s.c.t.Helper()
	deadline := time.After(patience)
	for s.block == (scale.Hash{}) {
		select {
		case text, ok := <-s.stream.Notifications():
			var told struct{ Finalized scale.Hash }
			if !ok {
				s.c.t.Fatalf("%s: %v", s.c.address, s.stream.Err())
			}
			if json.Unmarshal(text, &told) == nil { // the other states are words, or name another field
				s.block = told.Finalized
			}
		case <-deadline:
			s.c.t.Fatalf("%s: a transaction is not final", s.c.address)
		}
	}
	s.stream.Close()
	return s
}

// pending reports that nothing was told of a block yet.
func (s *sent) pending() bool {
	for {
		select {
		case text := <-s.stream.Notifications():
			if !json.Valid(text) || text[0] == '{' {
				return false
			}
		default:
			return true
		}
	}
}

// at finds the transaction in the block that it was told in, on any node.
func (s *sent) at(c *client) {
	c.t.Helper()
	block := call[struct {
		Block struct{ Extrinsics []scale.HexBytes }
	}](c, "chain_getBlock", s.block)
	if !slices.ContainsFunc(block.Block.Extrinsics, func(x scale.HexBytes) bool { return string(x) == string(s.bytes) }) {
		c.t.Errorf("%s: a transaction that was told in block %v is not there", c.address, s.block)
	}
}
