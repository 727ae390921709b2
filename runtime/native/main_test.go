package native_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain fixes the seed of generated tests: a failure comes back.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.seed", "20261122"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
