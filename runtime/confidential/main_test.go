package confidential

import (
	"flag"
	"os"
	"testing"
)

// TestMain fixes the seed of the property tests; -rapid.seed chooses another.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "20261123"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
