package light_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/header"
)

// four validators of equal power.
func four() []memory.Validator {
	return []memory.Validator{{Name: "a", Power: 10}, {Name: "b", Power: 10}, {Name: "c", Power: 10}, {Name: "d", Power: 10}}
}

func follow(t *testing.T, chain *memory.Chain, transport light.Transport, change func(*light.Config)) *light.CometBFT {
	t.Helper()
	c, err := tryFollow(t, chain, transport, change)
	if err != nil {
		t.Fatalf("follow: %v", err)
	}
	return c
}

func tryFollow(t *testing.T, chain *memory.Chain, transport light.Transport, change func(*light.Config)) (*light.CometBFT, error) {
	t.Helper()
	config := light.Config{Genesis: chain.Genesis(), Now: chain.Now}
	if change != nil {
		change(&config)
	}
	return light.Follow(t.Context(), transport, config)
}

func next(t *testing.T, c light.Chain) light.Head {
	t.Helper()
	head, err := c.Next(t.Context())
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	return head
}

func TestFollowFromGenesis(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	c := follow(t, chain, chain, nil)
	if head := next(t, c); head.BlockID != c.Genesis() {
		t.Errorf("the first head is %v, want genesis", head.BlockID)
	}
	chain.Set([]byte("present"), []byte("value"))
	chain.Set([]byte("empty"), nil)
	id := chain.Block()
	head := next(t, c)
	if head.BlockID != id || head.Header.Hash() != id.Hash || !head.Time.Equal(chain.Now()) {
		t.Errorf("head %+v, want %+v at %v", head, id, chain.Now())
	}
	values, err := c.Read(t.Context(), head, []byte("present"), []byte("absent"), []byte("empty"))
	if err != nil {
		t.Fatal(err)
	}
	if string(values[0]) != "value" || values[1] != nil || values[2] == nil || len(values[2]) != 0 {
		t.Errorf("values %q", values)
	}
	if c.ChainID() != "bitcloak-memory" {
		t.Errorf("chain id %q", c.ChainID())
	}
}

// TestNextWaits: heights without a Substrate block give no head; a block does.
func TestNextWaits(t *testing.T) {
	chain := memory.New(memory.Options{})
	c := follow(t, chain, chain, nil)
	next(t, c)
	chain.Idle()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if head, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a head without a block: %v, %v", head, err)
	}
	c.Repeat()
	if head := next(t, c); head.BlockID != c.Genesis() {
		t.Errorf("repeated: %v", head.BlockID)
	}
	made := make(chan light.BlockID)
	go func() { made <- chain.Block() }()
	if head := next(t, c); head.BlockID != <-made {
		t.Errorf("head %v", head.BlockID)
	}
}

func TestHeaders(t *testing.T) {
	chain := memory.New(memory.Options{})
	var ids []light.BlockID
	for range 3*light.MaxHeaders/2 + 1 {
		ids = append(ids, chain.Block())
	}
	c := follow(t, chain, chain, nil)
	head := next(t, c)
	var seen []light.BlockID
	visit := func(id light.BlockID, h *header.Header) error {
		if h.Hash() != id.Hash {
			t.Fatalf("header %d is not that of %v", h.Number, id)
		}
		seen = append(seen, id)
		return nil
	}
	if err := c.Headers(t.Context(), ids[4], head.BlockID, visit); err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(ids)-5 || seen[0] != ids[5] || seen[len(seen)-1] != head.BlockID {
		t.Errorf("%d headers from %v to %v", len(seen), seen[0], seen[len(seen)-1])
	}
	stop := errors.New("stop")
	if err := c.Headers(t.Context(), ids[0], ids[9], func(light.BlockID, *header.Header) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the visitor's error: %v", err)
	}
	wrong := head.BlockID
	wrong.Hash[0] ^= 1
	if err := c.Headers(t.Context(), ids[4], wrong, visit); !errors.Is(err, light.ErrForgedHeader) {
		t.Errorf("an unknown end: %v", err)
	}
	wrong = ids[4]
	wrong.Hash[0] ^= 1
	if err := c.Headers(t.Context(), wrong, head.BlockID, visit); !errors.Is(err, light.ErrForgedHeader) {
		t.Errorf("an unknown start: %v", err)
	}
	if err := c.Headers(t.Context(), head.BlockID, ids[4], visit); !errors.Is(err, light.ErrFork) {
		t.Errorf("an end below the start: %v", err)
	}
}

// TestSkipping follows over a long way, on which the validators change entirely,
// with far fewer light blocks than heights.
func TestSkipping(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	counting := &counter{Transport: chain}
	c := follow(t, chain, counting, nil)
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for shift := range 7 {
		set := make([]memory.Validator, 4)
		for i := range set {
			set[i] = memory.Validator{Name: names[shift+i], Power: 10}
		}
		chain.SetValidators(set...)
		for range 100 {
			chain.Idle()
		}
	}
	id := chain.Block()
	counting.lightBlocks = 0
	if head := next(t, c); head.BlockID != id {
		t.Errorf("head %v, want %v", head.BlockID, id)
	}
	if counting.lightBlocks < 3 || counting.lightBlocks > 60 {
		t.Errorf("%d light blocks for %d heights", counting.lightBlocks, chain.Height())
	}
}

// counter counts light blocks.
type counter struct {
	light.Transport
	lightBlocks int
}

func (c *counter) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	c.lightBlocks++
	return c.Transport.LightBlock(ctx, height)
}

func TestFollowFromTrustedHeader(t *testing.T) {
	chain := memory.New(memory.Options{Validators: four()})
	for range 20 {
		chain.Block()
	}
	trusted := chain.TrustedHeader(15)
	c := follow(t, chain, chain, func(config *light.Config) { config.Trusted = &trusted })
	if head := next(t, c); head.Number != 20 {
		t.Errorf("head %v", head.BlockID)
	}
	if got := c.Trusted(); got != chain.TrustedHeader(21) {
		t.Errorf("trusted %v", got)
	}
	trusted.Hash[3] ^= 1
	if _, err := tryFollow(t, chain, chain, func(config *light.Config) { config.Trusted = &trusted }); !errors.Is(err, light.ErrFork) {
		t.Errorf("another header at the trusted height: %v", err)
	}
}

// TestTrustExpires: what is older than the trusting period proves nothing.
func TestTrustExpires(t *testing.T) {
	chain := memory.New(memory.Options{})
	old := func(config *light.Config) { config.TrustingPeriod = time.Minute }
	c := follow(t, chain, chain, old)
	for range 60 {
		chain.Block()
	}
	if _, err := c.Next(t.Context()); !errors.Is(err, light.ErrTrustExpired) {
		t.Errorf("next with expired trust: %v", err)
	}
	if _, err := tryFollow(t, chain, chain, old); !errors.Is(err, light.ErrTrustExpired) {
		t.Errorf("follow from an old genesis: %v", err)
	}
	trusted := chain.TrustedHeader(50)
	c = follow(t, chain, chain, func(config *light.Config) { old(config); config.Trusted = &trusted })
	if head := next(t, c); head.Number != 60 {
		t.Errorf("head %v", head.BlockID)
	}
}

// headerCounter counts requests for headers.
type headerCounter struct {
	light.Transport
	requests int
}

func (c *headerCounter) Headers(ctx context.Context, from, to uint32) ([][]byte, error) {
	c.requests++
	return c.Transport.Headers(ctx, from, to)
}

// TestHeadersOfHeads: the way over heads that were followed is not fetched, and
// does not lead where it should not.
func TestHeadersOfHeads(t *testing.T) {
	chain := memory.New(memory.Options{})
	counting := &headerCounter{Transport: chain}
	c := follow(t, chain, counting, nil)
	var ids []light.BlockID
	for range 100 {
		ids = append(ids, chain.Block())
		next(t, c)
	}
	var seen []light.BlockID
	visit := func(id light.BlockID, h *header.Header) error {
		if h.Hash() != id.Hash || h.Number != id.Number {
			t.Fatalf("header %d is not that of %v", h.Number, id)
		}
		seen = append(seen, id)
		return nil
	}
	if err := c.Headers(t.Context(), ids[50], ids[99], visit); err != nil || len(seen) != 49 || seen[0] != ids[51] || counting.requests != 0 {
		t.Errorf("%d headers with %d requests: %v", len(seen), counting.requests, err)
	}
	wrong := ids[50]
	wrong.Hash[0] ^= 1
	if err := c.Headers(t.Context(), wrong, ids[99], visit); !errors.Is(err, light.ErrForgedHeader) {
		t.Errorf("from an unknown block: %v", err)
	}
	seen, counting.requests = nil, 0
	if err := c.Headers(t.Context(), ids[2], ids[99], visit); err != nil || len(seen) != 97 || counting.requests == 0 {
		t.Errorf("beyond what is remembered: %d headers with %d requests: %v", len(seen), counting.requests, err)
	}
	if err := c.Headers(t.Context(), ids[9], ids[9], visit); err != nil || len(seen) != 97 {
		t.Errorf("no way at all: %v", err)
	}
}

// eager is a node that always claims news.
type eager struct {
	*memory.Chain
	asked atomic.Int64
}

func (e *eager) Wait(ctx context.Context, _ int64) error { return ctx.Err() }

func (e *eager) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	e.asked.Add(1)
	return e.Chain.LightBlock(ctx, height)
}

// TestNewsThatIsNone: a node that always claims news does not keep its follower busy.
func TestNewsThatIsNone(t *testing.T) {
	node := &eager{Chain: memory.New(memory.Options{Validators: four()})}
	c := follow(t, node.Chain, node, nil)
	next(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("next: %v", err)
	}
	if asked := node.asked.Load(); asked > 80 {
		t.Errorf("asked %d times in 300 ms", asked)
	}
}
