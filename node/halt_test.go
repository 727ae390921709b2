package node

import (
	"testing"
	"time"
)

// A node whose store fails stops making blocks, says so, and can still be closed.
func TestHalt(t *testing.T) {
	n := startNode(t, testConfig(t, t.TempDir()))
	if err := n.store.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-n.Halted():
	case <-time.After(20 * time.Second):
		t.Fatal("the node goes on without a store")
	}
	if err := n.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
