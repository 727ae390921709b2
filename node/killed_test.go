package node

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// killedFolder tells a process of this test that it is the one to be killed, and where its data are.
const killedFolder = "BITCLOAK_TEST_KILLED"

// killedReady is made when that process is busy.
const killedReady = "ready"

// awaitFile waits for a file and removes it.
func awaitFile(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); os.Remove(path) != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the process to be killed does not get busy")
		}
	}
}

// TestKilled kills a busy node's process again and again, at any moment, and finds its chain whole.
func TestKilled(t *testing.T) {
	if dir := os.Getenv(killedFolder); dir != "" {
		beBusy(t, dir)
		return
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(17, 4))
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		process := exec.Command(program, "-test.run", "^TestKilled$")
		process.Env = append(os.Environ(), killedFolder+"="+dir)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		awaitFile(t, filepath.Join(dir, killedReady))
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		_ = process.Process.Kill()
		_ = process.Wait()
	}
	c := newCrowd(t, 8)
	config := testConfig(t, dir)
	n := startNode(t, config)
	c.join(n)
	head := n.Chain().Head()
	if head.Number < 4 {
		t.Fatalf("the processes got no further than block %d", head.Number)
	}
	checkChain(t, n, head.Number)
	if err := n.Chain().Best().TryState(); err != nil {
		t.Errorf("invariants of the head's state: %v", err)
	}
	// The block that was being agreed on when the process was killed is finished first, with its transfers.
	for deadline := time.Now().Add(time.Minute); n.Chain().Head().Number < head.Number+2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the chain makes no blocks")
		}
	}
	nonce, err := n.Chain().Nonce(c.pairs[0].AccountID())
	if err != nil {
		t.Fatal(err)
	}
	include(t, n, c.sign(t, 0, nonce, transferCall(scale.AccountID{1}, cloak)))
}

// beBusy runs a node and sends it transfers until somebody kills the process.
func beBusy(t *testing.T, dir string) {
	c := newCrowd(t, 8)
	if _, err := os.Stat(filepath.Join(dir, specFile)); err != nil {
		text, err := c.spec(t, dir).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := writeFile(filepath.Join(dir, specFile), text); err != nil {
			t.Fatal(err)
		}
	}
	n, err := Start(context.Background(), testConfig(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	c.join(n)
	if err := writeFile(filepath.Join(dir, killedReady), nil); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for who, pair := range c.pairs {
			state, err := n.Chain().Nonce(pair.AccountID())
			if err != nil {
				t.Fatal(err)
			}
			nonce := n.Pool().NextNonce(pair.AccountID(), state)
			_, _ = n.Pool().Submit(mempool.SourceLocal, c.sign(t, who, nonce, transferCall(scale.AccountID{1}, cloak)))
		}
	}
}

// checkChain follows the headers from genesis and compares each body with its root.
func checkChain(t *testing.T, n *Node, last uint32) {
	t.Helper()
	parent := scale.Hash{}
	for number := range last + 1 {
		hash, err := n.Chain().Store().HashAt(number)
		if err != nil {
			t.Fatal(err)
		}
		h, err := n.Chain().Header(hash)
		if err != nil {
			t.Fatal(err)
		}
		body, err := n.Chain().Store().Body(hash)
		if err != nil {
			t.Fatal(err)
		}
		root, err := trie.OrderedRoot(trie.Layout0, body)
		if err != nil || h.Number != number || h.ParentHash != parent || h.ExtrinsicsRoot != root {
			t.Fatalf("block %d: %+v on %v, extrinsics %v (%v)", number, h, parent, root, err)
		}
		parent = hash
	}
}
