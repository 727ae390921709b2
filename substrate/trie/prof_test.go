package trie

import (
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

func TestProfile(t *testing.T) {
	if os.Getenv("PROF") == "" {
		t.Skip()
	}
	state := millionKeys()
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	t.Log("heap", ms.HeapAlloc>>20)
	random := rand.New(rand.NewPCG(1, 2))
	root := state.root
	f, _ := os.Create("/tmp/cpu.out")
	var apply, rt, commit time.Duration
	var batches [][]Change
	for range 40 {
		batches = append(batches, randomChanges(random, 4000))
	}
	pprof.StartCPUProfile(f)
	for _, changes := range batches {
		tr := Open(state.store, root, Options{Layout: Layout1, Cache: state.cache})
		a := time.Now()
		if err := tr.Apply(changes); err != nil {
			t.Fatal(err)
		}
		b := time.Now()
		tr.Root()
		c := time.Now()
		set := tr.Commit()
		d := time.Now()
		state.store.Insert(set)
		root = set.NewRoot
		apply += b.Sub(a)
		rt += c.Sub(b)
		commit += d.Sub(c)
	}
	pprof.StopCPUProfile()
	t.Log(apply/40, rt/40, commit/40)
}
