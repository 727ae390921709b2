package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/node/app"
	"github.com/bitcloak/bitcloak/worker"
)

// stageRows are where the time of an order goes, in its order, each the median of all orders: their sum is about fill-p50.
func stageRows() []rowSpec {
	return []rowSpec{
		{name: "stage-hand-in", unit: "ms", about: "of that: the wallet seals, signs and hands the order in, the node checks it, CometBFT comes to propose it"},
		{name: "stage-execute", unit: "ms", about: "of that: the node executes two proposals, the order's and the commit's"},
		{name: "stage-agree", unit: "ms", about: "of that: CometBFT signs, votes on and keeps those two blocks, each step synced to disk"},
		{name: "stage-store", unit: "ms", about: "of that: the node stores the two blocks and tells followers"},
		{name: "stage-worker", unit: "ms", about: "of that: workers prove the order's block, open, apply and sign, until enough of them hand their votes in"},
		{name: "stage-commit", unit: "ms", about: "of that: the node checks the commit, until it is in a proposal"},
		{name: "stage-wallet", unit: "ms", about: "of that: the wallet proves the commit's block, and with it the receipt that it has meanwhile asked for"},
	}
}

// heightSteps are when a height came to its steps; zero where it did not.
type heightSteps struct {
	height uint64
	at     [app.Steps]time.Time
}

// stageTrace notes what happens while one order after another is under way.
type stageTrace struct {
	votes int // that a commit needs

	mutex   sync.Mutex
	heights []heightSteps
	submits []time.Time // when a worker hands something in
}

// begin forgets what was before an order.
func (s *stageTrace) begin() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.heights, s.submits = s.heights[:0], s.submits[:0]
}

// onStep is node.Config.OnStep.
func (s *stageTrace) onStep(step app.Step, height uint64) {
	now := time.Now()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	last := len(s.heights) - 1
	if last < 0 || s.heights[last].height != height {
		s.heights = append(s.heights, heightSteps{height: height})
		last++
	}
	s.heights[last].at[step] = now
}

// tap is a worker's node that notes when the worker hands something in.
func (s *stageTrace) tap(node worker.Node) worker.Node { return &tappedNode{Node: node, trace: s} }

type tappedNode struct {
	worker.Node
	trace *stageTrace
}

func (t *tappedNode) Submit(ctx context.Context, extrinsic []byte) error {
	t.trace.mutex.Lock()
	t.trace.submits = append(t.trace.submits, time.Now())
	t.trace.mutex.Unlock()
	return t.Node.Submit(ctx, extrinsic)
}

// proposedAfter is the first height that had something to propose after a moment and is stored.
func (s *stageTrace) proposedAfter(moment time.Time) *heightSteps {
	for i := range s.heights {
		if h := &s.heights[i]; h.at[app.StepSelected].After(moment) && !h.at[app.StepStored].IsZero() {
			return h
		}
	}
	return nil
}

// split parts the time of an order between two moments by stages, in the order of stageRows. It fails where something else came
// in between, such as a heartbeat.
func (s *stageTrace) split(began, ended time.Time) (stages []time.Duration, ok bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	order := s.proposedAfter(began)
	if order == nil {
		return nil, false
	}
	made := order.at[app.StepStored]
	first := slices.IndexFunc(s.submits, func(at time.Time) bool { return at.After(made) })
	if first < 0 || first+s.votes > len(s.submits) {
		return nil, false
	}
	handedIn := s.submits[first+s.votes-1]
	commit := s.proposedAfter(handedIn)
	if commit == nil || commit.at[app.StepStored].After(ended) {
		return nil, false
	}
	between := func(from, to app.Step) time.Duration {
		return order.at[to].Sub(order.at[from]) + commit.at[to].Sub(commit.at[from])
	}
	return []time.Duration{
		order.at[app.StepSelected].Sub(began),
		between(app.StepSelected, app.StepProposed),
		between(app.StepProposed, app.StepDecided),
		between(app.StepDecided, app.StepStored),
		handedIn.Sub(made),
		commit.at[app.StepSelected].Sub(handedIn),
		ended.Sub(commit.at[app.StepStored]),
	}, true
}

// stageTimes collects the stages of many orders, in milliseconds.
type stageTimes [][]float64

func (t *stageTimes) add(stages []time.Duration) {
	if *t == nil {
		*t = make(stageTimes, len(stages))
	}
	for i, took := range stages {
		(*t)[i] = append((*t)[i], milliseconds(took))
	}
}

// record enters the medians.
func (t stageTimes) record(b *bencher, suffix string) {
	for i, times := range t {
		slices.Sort(times)
		b.record(stageRows()[i].name+suffix, quantile(times, 0.5))
	}
}
