package chain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// MaxHeadLag is how many blocks the heads of two nodes may be apart.
	MaxHeadLag = 32
	// witnessHeads is how many heads of a witness are remembered.
	witnessHeads = 256
)

var (
	// ErrDisagree: two nodes have proven different blocks of one number.
	ErrDisagree = errors.New("chain: two nodes prove different blocks of one number, so the network's validators have signed both; send nothing, and ask others who run nodes")
	// ErrLag: one node is behind the other.
	ErrLag = errors.New("chain: one node is far behind the other; it withholds blocks or does not answer: use others")
)

// witness is another node, whose heads are proven like the first one's and compared with them. Nothing else is asked of it.
type witness struct {
	node  Node
	light light.Chain

	// The client's mutex guards what follows.
	head   light.Head
	hashes map[uint32]scale.Hash // of its last heads
	order  []uint32
}

// frozen is a store that gives what another store held, and keeps nothing: a witness starts from what was trusted before.
type frozen struct{ record []byte }

func (f frozen) Load() ([]byte, error) { return f.record, nil }
func (f frozen) Save([]byte) error     { return nil }

// invite starts to follow the witnesses, each from what was trusted before the first node was asked.
func (c *Client) invite(ctx context.Context, trusted frozen) error {
	for i, node := range c.config.Witnesses {
		chain, err := light.Follow(ctx, node, light.Config{Genesis: c.config.Genesis, Trusted: c.config.Trusted, Store: trusted, Now: c.config.Now})
		if err != nil {
			return fmt.Errorf("chain: follow node %d: %w", i+2, err)
		}
		w := &witness{node: node, light: chain, hashes: map[uint32]scale.Hash{}}
		head, err := chain.Next(ctx)
		if err != nil {
			return fmt.Errorf("chain: follow node %d: %w", i+2, err)
		}
		c.witnesses = append(c.witnesses, w)
		c.hear(w, head)
	}
	return nil
}

// listen follows a witness. One that lies is left behind, and shows as lagging.
func (c *Client) listen(ctx context.Context, w *witness, done *sync.WaitGroup) {
	defer done.Done()
	for pause := firstPause; ; {
		head, err := w.light.Next(ctx)
		if err == nil {
			c.hear(w, head)
			pause = firstPause
			continue
		}
		if ctx.Err() != nil || light.Refused(err) {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// hear compares a witness's head with the block of that number.
func (c *Client) hear(w *witness, head light.Head) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	w.head = head
	if _, known := w.hashes[head.Number]; !known {
		w.hashes[head.Number], w.order = head.Hash, append(w.order, head.Number)
	}
	if len(w.order) > witnessHeads {
		delete(w.hashes, w.order[0])
		w.order = w.order[1:]
	}
	if own, known := c.window.blocks[head.Number]; known {
		c.compare(own.id, head.Hash)
	}
	c.announce()
}

// compare ends the client if a witness has another block; the mutex is held.
func (c *Client) compare(own light.BlockID, theirs scale.Hash) {
	if own.Hash != theirs && !errors.Is(c.disagreement, ErrDisagree) {
		c.disagreement = fmt.Errorf("%w (block %d is %s and %s)", ErrDisagree, own.Number, own.Hash, theirs)
	}
}

// confront compares new blocks with what the witnesses have said; the mutex is held.
func (c *Client) confront(blocks []block) {
	for _, w := range c.witnesses {
		for _, b := range blocks {
			if theirs, known := w.hashes[b.id.Number]; known {
				c.compare(b.id, theirs)
			}
		}
	}
}

// agreed tells whether the heads of all nodes are about as new as a view.
func (c *Client) agreed(view *View) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for i, w := range c.witnesses {
		if own, theirs := view.Head.Number, w.head.Number; own > theirs+MaxHeadLag || theirs > own+MaxHeadLag {
			return fmt.Errorf("%w (block %d at the first node, %d at node %d)", ErrLag, own, theirs, i+2)
		}
	}
	return nil
}
