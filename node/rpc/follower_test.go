package rpc

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Whoever has the light block of a height needs the header that it proves, though this node has not announced it yet.
func TestHeadersOfTheBestBlock(t *testing.T) {
	const genesisTime = 1_700_000_000_000
	s, err := store.Open("db", store.Options{FS: vfs.NewMem(), CacheBytes: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := chain.Open(s, runtime.DevelopmentGenesis(), genesisTime, chain.Options{CacheBytes: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	builder, err := c.Build(1, genesisTime+1_000)
	if err != nil {
		t.Fatal(err)
	}
	built, err := builder.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Commit(1, built); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, told := c.WaitBest(ctx, 0); told {
		t.Fatal("the block is announced")
	}
	registry := jsonrpc.NewRegistry()
	(&methods{Services{Chain: c}}).registerFollowers(registry)
	server, err := jsonrpc.NewServer(jsonrpc.Options{Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close(time.Second)
	client, err := rpc.Dial(t.Context(), "http://"+server.Address(), rpc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var encoded []scale.HexBytes
	if err := client.Call(t.Context(), "bitcloak_headers", []any{0, 5}, &encoded); err != nil {
		t.Fatal(err)
	}
	if len(encoded) != 2 || !bytes.Equal(encoded[1], header.Codec.Marshal(built.Block.Header)) {
		t.Errorf("%d headers, want those of block 0 and 1", len(encoded))
	}
}
