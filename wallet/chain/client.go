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

// MaxHeadAge is how old the newest head may be, by this machine's clock, before what it says counts as stale.
const MaxHeadAge = 60 * time.Second

// freshWait is how long Fresh waits for a newer head before it gives up.
const freshWait = 5 * time.Second

// Config says which network is trusted, and from where on.
type Config struct {
	// Genesis names the network.
	Genesis scale.Hash
	// Trusted is a recent CometBFT header; see light.Config.
	Trusted *light.TrustedHeader
	// Store keeps the last trusted head; nil forgets it.
	Store light.Store
	// Witnesses are other nodes, whose heads must agree with the first one's: one node alone could withhold what is new.
	Witnesses []Node
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Metadata is that of the runtime of version MetadataSpec, from a source as good as this program. For other versions, or if it
	// is nil, the node is asked.
	Metadata     []byte
	MetadataSpec uint32
}

// Client is a connection to one network. Its methods may be called at once.
type Client struct {
	node   Node
	light  light.Chain
	config Config
	cancel context.CancelFunc
	done   chan struct{}

	mutex   sync.Mutex
	view    View
	window  window
	watched [][]byte
	changed chan struct{} // closed at each change of what is above or below
	failure error         // why there is no newer view, if there is a reason
	ended   bool          // and there will be none
	// disagreement is why nothing more is believed.
	disagreement error
	witnesses    []*witness

	nonces nonces
	facts  facts
}

// Connect trusts what config says, proves the newest head and follows from there until Close.
func Connect(ctx context.Context, node Node, config Config) (*Client, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	var trusted frozen
	if config.Store != nil && len(config.Witnesses) > 0 {
		record, err := config.Store.Load()
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", light.ErrTrustStore, err)
		}
		trusted.record = record
	}
	follower, err := light.Follow(ctx, node, light.Config{Genesis: config.Genesis, Trusted: config.Trusted, Store: config.Store, Now: config.Now})
	if err != nil {
		return nil, err
	}
	following, cancel := context.WithCancel(context.Background())
	c := &Client{node: node, light: follower, config: config, cancel: cancel, done: make(chan struct{}),
		window: newWindow(), changed: make(chan struct{}), nonces: newNonces()}
	if err := errors.Join(c.step(ctx), c.invite(ctx, trusted)); err != nil {
		cancel()
		return nil, err
	}
	var listening sync.WaitGroup
	for _, w := range c.witnesses {
		listening.Add(1)
		go c.listen(following, w, &listening)
	}
	go func() {
		defer close(c.done)
		c.follow(following)
		listening.Wait()
	}()
	return c, nil
}

// Close stops following. The node stays open: whoever dialled it closes it.
func (c *Client) Close() {
	c.cancel()
	<-c.done
}

// Genesis is the network that is followed.
func (c *Client) Genesis() scale.Hash { return c.config.Genesis }

// Node is whom the client asks.
func (c *Client) Node() Node { return c.node }

// View is what the newest head says.
func (c *Client) View() View {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.view
}

// Wait gives the first view from now on that meets a condition.
func (c *Client) Wait(ctx context.Context, condition func(*View) bool) (View, error) {
	for {
		c.mutex.Lock()
		view, changed, failure, ended, disagreement := c.view, c.changed, c.failure, c.ended, c.disagreement
		c.mutex.Unlock()
		if disagreement != nil {
			return view, disagreement
		}
		if condition(&view) {
			return view, nil
		}
		if ended {
			return view, failure
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if failure != nil {
				return view, fmt.Errorf("%w (the node's last answer: %w)", ctx.Err(), failure)
			}
			return view, ctx.Err()
		}
	}
}

// Fresh gives a view that is not older than MaxHeadAge by this machine's clock, or ErrStaleHead; and as new as those of the
// witnesses, or ErrLag.
func (c *Client) Fresh(ctx context.Context) (View, error) {
	var lag error
	fresh := func(v *View) bool {
		lag = c.agreed(v)
		return lag == nil && c.config.Now().Sub(v.Head.Time) <= MaxHeadAge
	}
	waiting, cancel := context.WithTimeout(ctx, freshWait)
	defer cancel()
	view, err := c.Wait(waiting, fresh)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		if lag != nil {
			return view, lag
		}
		return view, fmt.Errorf("%w (block %d of %s)", ErrStaleHead, view.Head.Number, view.Head.Time.UTC().Format(time.RFC3339))
	}
	return view, err
}

// Covered waits until commits have come as far as a block.
func (c *Client) Covered(ctx context.Context, number uint32) (View, error) {
	view, err := c.Wait(ctx, func(v *View) bool { return v.Covers(number) || v.Halted })
	if err == nil && !view.Covers(number) {
		err = ErrHalted
	}
	return view, err
}

// Watch has a key read at every head from now on: see Watched.
func (c *Client) Watch(key []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, known := range c.watched {
		if string(known) == string(key) {
			return
		}
	}
	c.watched = append(c.watched[:len(c.watched):len(c.watched)], key)
}

// Watched is the value of a key that Watch named, at the view's head; known is false if the head is older than the call.
func (v *View) Watched(key []byte) (value []byte, known bool) {
	value, known = v.watched[string(key)]
	return value, known
}
