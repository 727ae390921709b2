package chain_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	lightmemory "github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wallet/memory"
)

// frozenNode shows nothing newer once it is told so.
type frozenNode struct {
	*memory.Node
	at atomic.Int64 // height; 0: all
}

func (f *frozenNode) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	if at := f.at.Load(); at > 0 && (height == 0 || height > at) {
		height = at
	}
	return f.Node.LightBlock(ctx, height)
}

func connectTwo(t *testing.T, first, second chain.Node, n *memory.Node) (*chain.Client, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	client, err := chain.Connect(ctx, first, chain.Config{Genesis: n.Genesis(), Now: n.Now, Witnesses: []chain.Node{second}})
	if err == nil {
		t.Cleanup(client.Close)
	}
	return client, err
}

// TestNodesMustAgree: two blocks of one number, both signed by the validators.
func TestNodesMustAgree(t *testing.T) {
	n, fork := network(t), memory.New(lightmemory.Options{})
	if n.Genesis() != fork.Genesis() {
		t.Fatal("the fork is of another genesis")
	}
	for range 3 {
		n.Block()
		n.Idle()
	}
	fork.Set([]byte("key"), []byte("another state"))
	for fork.Best().Number < n.Best().Number {
		fork.Block()
		fork.Idle()
	}
	client, err := connectTwo(t, n, fork, n)
	if err == nil {
		_, err = client.Fresh(t.Context())
	}
	if !errors.Is(err, chain.ErrDisagree) {
		t.Errorf("%v", err)
	}
	if _, err := send(t, client); !errors.Is(err, chain.ErrDisagree) {
		t.Errorf("a transaction was signed: %v", err)
	}
}

// TestNodesMustKeepUp: either node withholds what is new.
func TestNodesMustKeepUp(t *testing.T) {
	for name, frozenFirst := range map[string]bool{"the first": true, "the second": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits
			n := network(t)
			withholding := &frozenNode{Node: n}
			first, second := chain.Node(withholding), chain.Node(n)
			if !frozenFirst {
				first, second = second, first
			}
			client, err := connectTwo(t, first, second, n)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Fresh(t.Context()); err != nil {
				t.Fatalf("two good nodes: %v", err)
			}
			withholding.at.Store(n.Height())
			for range chain.MaxHeadLag + 2 {
				n.Block()
			}
			n.Idle()
			time.Sleep(100 * time.Millisecond)
			if _, err := client.Fresh(t.Context()); !errors.Is(err, chain.ErrLag) {
				t.Errorf("%v", err)
			}
			withholding.at.Store(0)
			n.Idle()
			if _, err := client.Fresh(t.Context()); err != nil {
				t.Errorf("after it has caught up: %v", err)
			}
		})
	}
}

// TestWitnessesAreOfTheNetwork: another network's node is refused at once.
func TestWitnessesAreOfTheNetwork(t *testing.T) {
	n, other := network(t), memory.New(lightmemory.Options{ChainID: "another"})
	other.Block()
	other.Idle()
	if n.Genesis() == other.Genesis() || n.Genesis() == (scale.Hash{}) {
		t.Fatal("one genesis")
	}
	if _, err := connectTwo(t, n, other, n); err == nil {
		t.Error("a node of another network is a witness")
	}
}
