package sim

import "testing"

// TestSeedsThatOnceFailed: each found a fault of the code, named here, and found it again when it was put back.
func TestSeedsThatOnceFailed(t *testing.T) {
	for _, test := range []struct {
		name string
		seed uint64
	}{
		{"node/mempool: a block that used up the nonce of a sender's only transaction in the pool panicked the node", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := run(t, Options{Seed: test.seed}); err != nil {
				t.Errorf("seed %d: %v", test.seed, err)
			}
		})
	}
}
