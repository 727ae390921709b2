package sim

import (
	"cmp"
	"errors"
	"slices"
	"testing/synctest"
	"time"

	"github.com/bitcloak/bitcloak/substrate/rpc"
)

// serve answers questions until all that are left wait for something. One is answered at a time, and the next only when
// every goroutine waits again.
func (w *World) serve() {
	for range maxAnswers {
		synctest.Wait()
		w.lookAtSites()
		open := slices.DeleteFunc(w.desk.open(), func(q *question) bool { return !w.ripe(q) })
		if len(open) == 0 {
			return
		}
		w.answer(w.first(open))
	}
	w.failf("a worker asks its node without end")
}

// maxAnswers bounds the questions answered in a moment.
const maxAnswers = 20_000

// waitAtMost is how long a node lets a worker wait for news.
const waitAtMost = time.Second

// ripe tells whether a question can be answered now.
func (w *World) ripe(q *question) bool {
	if w.now().Before(q.due) {
		return false
	}
	n := w.nodes[q.site.node]
	if q.method != methodWait || !n.up || w.now().Before(q.site.cutUntil) {
		return true
	}
	if w.now().Equal(q.site.told) { // whatever it was told then, it was told in this moment
		return false
	}
	return n.served() > q.height || w.now().Sub(q.asked) >= waitAtMost
}

var (
	errUnreachable = errors.New("sim: the node cannot be reached")
	errLost        = errors.New("sim: the connection was lost")
)

// first chooses the question to be answered next.
func (w *World) first(open []*question) *question {
	order := func(q *question) uint64 {
		return w.fate("order %d %s %s %d", q.site.index, q.method, q.what, w.sinceStart()).Uint64()
	}
	return slices.MinFunc(open, func(a, b *question) int { return cmp.Compare(order(a), order(b)) })
}

// answer answers a question, truly or not. It draws from the question's own fate.
func (w *World) answer(q *question) {
	n := w.nodes[q.site.node]
	fate := w.fate("answer %d %s %s %d", q.site.index, q.method, q.what, w.sinceStart())
	switch {
	case !n.up:
		w.desk.answer(q, answer{err: errDown})
	case w.now().Before(q.site.cutUntil):
		w.desk.answer(q, answer{err: errUnreachable})
	case q.method == methodWait:
		q.site.told = w.now()
		w.desk.answer(q, answer{})
	case !w.calm && q.due.IsZero() && fate.in(w.plan.delay, 4000):
		q.due = w.now().Add(time.Duration(fate.between(1, 1500)) * time.Millisecond)
	case !w.calm && fate.in(w.plan.loss, 4000):
		w.desk.answer(q, answer{err: errLost})
	default:
		value, err := q.run(n)
		var refusal *rpc.Error
		if err != nil && !errors.As(err, &refusal) {
			err = nodeError{err}
		}
		if !w.calm && err == nil && fate.in(w.plan.lies, 1000) {
			value, err = w.lie(fate, q, n, value)
		}
		w.desk.answer(q, answer{value, err})
	}
}

// tick is a moment of the world: time passes, some act, some things break, a block may be made.
func (w *World) tick() {
	w.pass(time.Duration(w.chance.between(20, 900)) * time.Millisecond)
	w.breakThings()
	for range w.chance.IntN(w.plan.activity + 1) {
		pick(w.chance, w.traders).act()
	}
	for _, r := range w.relays {
		if w.chance.in(1, 3) {
			r.flush()
		}
	}
	w.mischief()
	w.lyingWorker()
	w.settle()
	w.readings()
}

// settle is what every moment ends with.
func (w *World) settle() {
	w.governor.decide()
	w.governor.work()
	w.deliver()
	for _, n := range w.alive() {
		n.pool.Revalidate(64)
	}
	if w.calm || w.chance.in(3, 4) {
		w.block()
	}
	w.serve()
	for _, s := range w.sites {
		if s.running() && !w.calm {
			w.must(s.disk.look())
		}
	}
}

// pass lets time pass.
func (w *World) pass(d time.Duration) {
	w.serve()
	time.Sleep(d)
	w.reseed()
	w.serve()
}

func (w *World) lookAtSites() {
	for _, s := range w.sites {
		if err := s.look(); err != nil {
			w.siteFailed(s, err)
		}
	}
}
