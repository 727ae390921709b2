package wire

import (
	"flag"
	"os"
	"testing"
)

// TestMain fixes the seed of property tests: a run is repeatable.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "20260721"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
