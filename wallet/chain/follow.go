package chain

import (
	"context"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/header"
)

// Pauses after an answer that could not be had.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// follow proves head after head. A node that is refused for what it says is not asked again; one that cannot be reached is.
func (c *Client) follow(ctx context.Context) {
	pause := firstPause
	for {
		err := c.step(ctx)
		if err == nil {
			pause = firstPause
			continue
		}
		if ctx.Err() != nil {
			c.fail(ErrClosed, true)
			return
		}
		refused := light.Refused(err)
		c.fail(err, refused)
		if refused {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, lastPause)
	}
}

func (c *Client) fail(err error, ended bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.failure, c.ended = err, ended
	c.announce()
}

// announce wakes whoever waits; the mutex is held.
func (c *Client) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// step waits for the next head and takes in what its state says.
func (c *Client) step(ctx context.Context) error {
	head, err := c.light.Next(ctx)
	if err != nil {
		return err
	}
	c.mutex.Lock()
	watched := c.watched
	c.mutex.Unlock()
	values, err := c.light.Read(ctx, head, append(append([][]byte(nil), viewKeys...), watched...)...)
	if err != nil {
		return err
	}
	view, err := decodeView(head, values)
	if err != nil {
		return err
	}
	view.watched = make(map[string][]byte, len(watched))
	for i, key := range watched {
		view.watched[string(key)] = values[len(viewKeys)+i]
	}
	between, err := c.link(ctx, head)
	if err != nil {
		return err
	}
	c.accept(view, between)
	return nil
}

// link proves the blocks between the last head and a new one. After too large a gap they are left out.
func (c *Client) link(ctx context.Context, head light.Head) ([]block, error) {
	newest := block{id: head.BlockID, header: head.Header, time: head.Time}
	last := c.View().Head
	if last.Hash == head.Header.ParentHash || last.Hash == head.Hash {
		return []block{newest}, nil
	}
	if last.Time.IsZero() || head.Number-last.Number > windowSize {
		return []block{newest}, nil
	}
	var between []block
	err := c.light.Headers(ctx, last.BlockID, head.BlockID, func(id light.BlockID, h *header.Header) error {
		between = append(between, block{id: id, header: *h, time: head.Time})
		return nil
	})
	return between, err
}

func (c *Client) accept(view View, blocks []block) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, b := range blocks {
		c.window.add(b)
	}
	c.confront(blocks)
	if view.Commit.Some {
		c.window.addCommit(view.Commit.Value, view.Head.Number)
	}
	c.view, c.failure = view, nil
	c.announce()
}
