package sim

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/sim/auditor"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Options of a world.
type Options struct {
	Seed uint64
	// Folder is for the workers' disks; it is the caller's to remove.
	Folder string
	// Reseed sets the process's source of cryptographic chance.
	Reseed func(uint64)
	// Trace gets what happens, line by line; nil: nobody.
	Trace io.Writer
	// Fault is planted for a test of what notices it.
	Fault Fault
}

// Result is what a world came to.
type Result struct {
	Trace  [32]byte // hash of all lines of the trace
	Blocks uint32
	Counts map[string]int // what happened how often
}

// World is one simulated network and everybody in it.
type World struct {
	seed    uint64
	folder  string
	options Options
	chance  chance
	plan    plan
	start   time.Time
	trace   trace
	counts  map[string]int

	consensus *consensus
	spec      *chainspec.Spec
	instance  wire.Instance
	nodes     []*node
	sites     []*site
	desk      desk
	parcels   []parcel
	traders   []*trader
	relays    []*relay
	mallory   party
	treasurer party     // gets the fees
	liar      keys.Pair // signs as a worker, and lies; nil if there is none
	lied      int       // how often
	governor  *governor

	liarMachine *machine

	auditor *auditor.Auditor
	audited uint32   // the last block that the auditor has seen
	seen    [][]byte // envelopes, for those who replay them
	sealing *seal.PublicKey
	calm    bool // faults are over
	reseeds uint64
}

// failure is what a world ends with when something is not as it must be.
type failure struct{ what string }

// Run runs a world inside a testing/synctest bubble. An error says what is wrong.
func Run(options Options) (result Result, err error) {
	w := &World{seed: options.Seed, folder: options.Folder, options: options, chance: newChance(options.Seed), start: time.Now(),
		counts: map[string]int{}}
	w.trace.out = options.Trace
	defer func() {
		if caught := recover(); caught != nil {
			f, expected := caught.(failure)
			if !expected {
				_ = w.closeAll()
				panic(caught)
			}
			err = errors.New(f.what)
		}
		result = Result{Trace: w.trace.sum(), Blocks: w.blocks(), Counts: w.counts}
		if closeErr := w.closeAll(); err == nil {
			err = closeErr
		}
	}()
	w.live()
	return result, nil
}

// live is the whole life of a world.
func (w *World) live() {
	w.build()
	w.bringUp()
	for range w.plan.ticks {
		w.tick()
	}
	w.plant()
	w.heal()
	w.leave()
	w.judge()
}

// build makes nodes and sites. Nothing runs yet but the nodes.
func (w *World) build() {
	w.plan = newPlan(w.chance)
	w.reseed()
	w.consensus = newConsensus(w.seed, w.plan.nodes)
	w.mallory = party{world: w, name: "mallory", pair: mustPair(keys.Sr25519, secretOf(w.seed, "mallory"))}
	w.treasurer = party{world: w, name: "treasurer", pair: mustPair(keys.Ed25519, secretOf(w.seed, "treasurer"))}
	w.spec = newSpec(w)
	w.consensus.chainID, w.consensus.params = w.spec.CometBFT.ChainID, w.spec.Genesis.Consensus.ParamsHash[:]
	for i := range w.plan.nodes {
		n := &node{world: w, index: i, fs: vfs.NewCrashableMem()}
		w.nodes = append(w.nodes, n)
		w.must(n.open())
		w.must(n.initialize())
	}
	w.consensus.appHash = w.nodes[0].chain.Genesis()
	w.instance = wire.Instance{Genesis: w.nodes[0].chain.Genesis()}
	for i := range w.plan.workers {
		s, err := newSite(w, i)
		w.must(err)
		w.sites = append(w.sites, s)
	}
	w.people()
	w.audit()
	w.tracef("plan %+v genesis %s", w.plan, w.instance.Genesis)
}

// people makes traders, relays, and those who are up to no good.
func (w *World) people() {
	w.governor = newGovernor(w)
	for i := range w.plan.traders {
		w.traders = append(w.traders, newTrader(w, i))
	}
	for i := range w.plan.relays {
		w.relays = append(w.relays, newRelay(w, i))
	}
	if w.plan.liar {
		w.liar = mustPair(keys.Ed25519, secretOf(w.seed, "liar"))
		var err error
		w.liarMachine, err = newMachine(w.seed, w.plan.workers)
		w.must(err)
	}
}

// now is the clock of the world.
func (w *World) now() time.Time { return time.Now() }

// reseed starts the process's cryptographic chance anew, so that what is drawn does not depend on what others have drawn
// since.
func (w *World) reseed() {
	w.reseeds++
	w.options.Reseed(w.seed<<20 ^ w.reseeds)
}

// must ends the world when something failed that never may.
func (w *World) must(err error) {
	if err != nil {
		panic(failure{err.Error()})
	}
}

func (w *World) failf(format string, arguments ...any) {
	panic(failure{fmt.Sprintf(format, arguments...)})
}

// sinceStart is the time, in milliseconds.
func (w *World) sinceStart() int64 { return time.Since(w.start).Milliseconds() }

func (w *World) tracef(format string, arguments ...any) {
	w.trace.line(fmt.Sprintf("%8d ", w.sinceStart()) + fmt.Sprintf(format, arguments...))
}

func (w *World) count(what string) { w.countN(what, 1) }

func (w *World) countN(what string, n int) { w.counts[what] += n }

// alive lists the nodes that run.
func (w *World) alive() []*node {
	var out []*node
	for _, n := range w.nodes {
		if n.up {
			out = append(out, n)
		}
	}
	return out
}

func (w *World) blocks() uint32 {
	for _, n := range w.nodes {
		if n.up {
			return n.chain.Head().Number
		}
	}
	return 0
}

func (w *World) closeAll() error {
	var err error
	for _, s := range w.sites {
		err = errors.Join(err, s.end())
	}
	for _, n := range w.nodes {
		err = errors.Join(err, n.close())
	}
	return err
}
