package node

import (
	"context"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// A follower that trusts nothing but the genesis hash proves the node's heads and its inbox.
func TestFollowers(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, 1)
	config := testConfig(t, dir)
	config.Spec = c.spec(t, dir)
	config.StateWindow = 3 // genesis must be provable all the same
	n := startNode(t, config)
	c.join(n)
	envelope := make([]byte, wire.CommandEnvelopeSize)
	envelope[0] = wire.ClassCommand
	call, err := wire.CallSubmit([][]byte{envelope, envelope})
	if err != nil {
		t.Fatal(err)
	}
	const batches = 5
	for nonce := range uint32(batches) {
		include(t, n, c.sign(t, 0, nonce, call))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	transport := light.NewRPC("ws://" + n.RPCAddress())
	defer transport.Close()
	chain, err := light.Follow(ctx, transport, light.Config{Genesis: n.Chain().Genesis()})
	if err != nil {
		t.Fatal(err)
	}
	reader := light.NewInboxReader(chain, transport, light.Start(chain))
	envelopes := 0
	for envelopes < 2*batches {
		head, err := chain.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = reader.Read(ctx, head, func(checkpoint *light.Checkpoint) error {
			for _, message := range checkpoint.Messages {
				if message.Kind == wire.MessageEnvelope {
					envelopes++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if envelopes != 2*batches {
		t.Errorf("%d envelopes proven", envelopes)
	}
	client := dial(t, n)
	genesis := callGenesis(t, n)
	if genesis.ChainID != config.Spec.CometBFT.ChainID || len(genesis.Genesis) == 0 {
		t.Errorf("genesis %+v", genesis)
	}
	for _, params := range [][]any{{0}, {1 << 40}} {
		if code, text := callError(t, client, "cometbft_lightBlock", params...); code != 5001 && code != -32602 {
			t.Errorf("light block %v: %d %s", params, code, text)
		}
	}
}

type cometGenesis struct {
	ChainID string         `json:"chainId"`
	Genesis scale.HexBytes `json:"genesis"`
}

func callGenesis(t *testing.T, n *Node) cometGenesis {
	t.Helper()
	return call[cometGenesis](t, dial(t, n), "cometbft_genesis")
}
