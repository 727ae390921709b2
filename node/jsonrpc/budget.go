package jsonrpc

import (
	"errors"
	"io"
	"sync"
)

const (
	// freeRequestBytes of every request, and freeQueuedBytes of every session's queue, are not counted against the budget:
	// whoever asks for little is served also while others have used it up.
	freeRequestBytes = 64 << 10
	freeQueuedBytes  = 256 << 10
	// hostShare is which part of the budget one remote address may have.
	hostShare = 4
)

// errBudget says that the server holds as many bytes for its clients as it may, or for this one.
var errBudget = errors.New("jsonrpc: too much is under way")

// budget bounds the bytes that the server holds for all clients together: requests being read and handled, answers and
// results waiting to be taken.
type budget struct {
	limit int

	mutex  sync.Mutex
	used   int
	byHost map[string]int
}

func newBudget(limit int) *budget { return &budget{limit: limit, byHost: map[string]int{}} }

// take reports whether n more bytes may be held for host. A loopback address may be a proxy's and has no share.
func (b *budget) take(host string, n int) bool {
	if n <= 0 {
		return true
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.used+n > b.limit || b.byHost[host]+n > b.limit/hostShare && !isLoopback(host) {
		return false
	}
	b.used += n
	b.byHost[host] += n
	return true
}

// fits reports whether take would succeed now: asked before a body is read that says how long it is.
func (b *budget) fits(host string, n int) bool {
	if !b.take(host, n) {
		return false
	}
	b.give(host, n)
	return true
}

func (b *budget) give(host string, n int) {
	if n <= 0 {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.used -= n
	if b.byHost[host] -= n; b.byHost[host] == 0 {
		delete(b.byHost, host)
	}
}

// charge is what one holder has taken beyond what is free.
type charge struct {
	budget *budget
	host   string
	free   int
	held   int // bytes held in all
}

// hold changes the bytes held to n, and reports whether the budget allows it.
func (c *charge) hold(n int) bool {
	before, after := max(0, c.held-c.free), max(0, n-c.free)
	if after > before && !c.budget.take(c.host, after-before) {
		return false
	}
	c.budget.give(c.host, before-after)
	c.held = n
	return true
}

// readAll reads at most limit bytes, reserving memory no faster than they come.
func (c *charge) readAll(from io.Reader, limit int) ([]byte, error) {
	body := make([]byte, 0, 4<<10)
	for {
		if len(body) == cap(body) {
			size := min(2*cap(body), limit+1)
			if !c.hold(size) {
				return nil, errBudget
			}
			body = append(make([]byte, 0, size), body...)
		}
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > limit:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		}
	}
}

// errTooLarge says that a request exceeds MaxRequestBytes.
var errTooLarge = errors.New("jsonrpc: the request is too large")
