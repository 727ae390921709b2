package chain

import (
	"context"
	"sync"
)

// Mark is a number that only rises, and that others wait for.
type Mark struct {
	mutex  sync.Mutex
	number uint32
	raised chan struct{} // closed when the number rises
}

// Set raises the number and wakes all who wait.
func (m *Mark) Set(number uint32) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if number <= m.number {
		return
	}
	m.number = number
	if m.raised != nil {
		close(m.raised)
		m.raised = nil
	}
}

// Wait returns the number once it is above seen, or ok = false when the context ends.
func (m *Mark) Wait(ctx context.Context, seen uint32) (number uint32, ok bool) {
	for {
		m.mutex.Lock()
		number = m.number
		if m.raised == nil {
			m.raised = make(chan struct{})
		}
		raised := m.raised
		m.mutex.Unlock()
		if number > seen {
			return number, true
		}
		select {
		case <-ctx.Done():
			return 0, false
		case <-raised:
		}
	}
}

// WaitBest waits for a best block above seen and gives the newest number; those between can be looked up.
func (c *Chain) WaitBest(ctx context.Context, seen uint32) (number uint32, ok bool) {
	return c.news.Wait(ctx, seen)
}

// WaitFinalized is WaitBest for finalised blocks, which the best ones are.
func (c *Chain) WaitFinalized(ctx context.Context, seen uint32) (number uint32, ok bool) {
	return c.news.Wait(ctx, seen)
}
