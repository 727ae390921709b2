package sim

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// site is a worker's place: its machine, its disk, its operator. Workers there come and go.
type site struct {
	world    *World
	index    int
	node     int // the node it asks
	machine  *machine
	operator keys.Pair
	disk     *disk
	backup   image  // of the disk before the last crash
	tampered string // how the disk was tampered with since a worker last ran there

	worker    *worker.Worker // nil: none runs
	starting  chan started
	cancel    context.CancelFunc
	downUntil time.Time
	told      time.Time // when it was last told that there is news
	cutUntil  time.Time // until then it does not reach its node
	log       *logBook
}

// started is what worker.Start gave.
type started struct {
	worker *worker.Worker
	err    error
}

// contractLimits are small, so that a world meets them.
func (p *plan) contractLimits() contract.Limits {
	limits := contract.DefaultLimits()
	limits.Accounts, limits.Leaves, limits.Assets = 32, p.leaves, 8
	limits.Orders, limits.OpenOrders, limits.LiveIDs, limits.UnfundedIDs = p.orders, p.orders, 16, 8
	limits.Outbox = p.outbox
	return limits
}

func newSite(w *World, index int) (*site, error) {
	s := &site{world: w, index: index, node: index % len(w.nodes), log: &logBook{}}
	var err error
	if s.machine, err = newMachine(w.seed, index); err != nil {
		return nil, err
	}
	if s.operator, err = keys.NewPair(keys.Ed25519, secretOf(w.seed, "operator %d", index)); err != nil {
		return nil, err
	}
	s.disk, err = newDisk(filepath.Join(w.folder, fmt.Sprintf("worker%d", index)))
	return s, err
}

// start starts a worker on the disk as it is. It asks its node before it runs, so it is waited for by look.
func (s *site) start() {
	seedOfContract := seal.Seed(secretOf(s.world.seed, "contract"))
	config := worker.Config{
		Instance: s.world.instance, Node: &link{site: s}, DataDir: s.disk.folder(), Backend: s.machine, Verifier: simulated.Verifier{},
		Operator: s.operator, Seed: &seedOfContract, Contract: s.world.plan.contractLimits(),
		SnapshotInterval: s.world.plan.snapshotInterval, StartTimeout: time.Hour,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.starting = cancel, make(chan started, 1)
	done := s.starting
	go func() {
		w, err := worker.Start(ctx, config)
		done <- started{w, err}
	}()
}

// look takes in what has become of a worker that was starting, or has stopped by itself.
func (s *site) look() error {
	if s.starting != nil {
		select {
		case result := <-s.starting:
			s.starting, s.worker = nil, result.worker
			if result.err != nil {
				return fmt.Errorf("worker %d does not start: %w", s.index, result.err)
			}
			s.tampered = ""
			s.world.tracef("worker %d runs", s.index)
		default:
		}
	}
	if s.worker == nil {
		return nil
	}
	select {
	case <-s.worker.Done():
		cause := s.worker.Err()
		w := s.worker
		s.worker = nil
		if err := w.Close(); err != nil {
			return err
		}
		return fmt.Errorf("worker %d stopped by itself: %w", s.index, cause)
	default:
		return nil
	}
}

// running tells whether a worker runs, or is about to.
func (s *site) running() bool { return s.worker != nil || s.starting != nil }

// crash ends the worker and leaves the disk as a sudden end would, or as a hostile host makes it.
func (s *site) crash() (how string, err error) {
	if !s.running() {
		return "", nil
	}
	w := s.world
	if err := s.disk.look(); err != nil {
		return "", err
	}
	if s.tampered == "" { // a copy of a disk that is no longer good is no backup
		s.backup = s.disk.latest()
	}
	left, how := s.disk.crashed(w.chance), "crashed"
	if w.chance.in(w.plan.tamper, 1000) && left["keys.sealed"] != nil {
		left, how = s.disk.tampered(w.chance)
		s.tampered = how
	}
	if err := s.end(); err != nil { // on the disk as it was
		return how, err
	}
	return how, s.disk.put(left)
}

// end ends the worker in good order; it may write a last snapshot.
func (s *site) end() error {
	if s.cancel != nil {
		s.cancel()
	}
	if s.starting != nil {
		result := <-s.starting
		s.starting, s.worker = nil, result.worker
	}
	if s.worker == nil {
		return nil
	}
	w := s.worker
	s.worker = nil
	return w.Close()
}

// logBook keeps the end of a worker's log.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// logBookSize bounds what is kept, in bytes.
const logBookSize = 64 << 10

// Write implements io.Writer.
func (l *logBook) Write(b []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.text.Len() > logBookSize {
		l.text.Next(l.text.Len() / 2)
	}
	return l.text.Write(b)
}

func (l *logBook) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

func (s *site) name() string { return fmt.Sprintf("worker %d", s.index) }
