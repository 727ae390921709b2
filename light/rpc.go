package light

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// subscribedPoll is how long RPC waits for news at most; unsubscribedPoll where
	// the endpoint sends none (HTTP).
	subscribedPoll   = time.Second
	unsubscribedPoll = 200 * time.Millisecond
	// maxAnswer bounds one JSON answer, in bytes: hex takes two characters a byte.
	maxAnswer = 2*MaxBodiesSize + 8<<20
)

// RPC is the Transport to a node's JSON-RPC endpoint. It connects when it needs
// to and again after a lost connection, and serves one follower. Call carries
// other methods over the same connection.
type RPC struct {
	endpoint string
	news     chan struct{} // holds one hint

	mutex  sync.Mutex
	client *rpc.Client
	closed bool
}

var _ Transport = (*RPC)(nil)

// NewRPC asks the node at a ws://, wss://, http:// or https:// endpoint.
func NewRPC(endpoint string) *RPC {
	return &RPC{endpoint: endpoint, news: make(chan struct{}, 1)}
}

// Call calls a method of the node and decodes its result into result.
func (r *RPC) Call(ctx context.Context, result any, method string, params ...any) error {
	client, err := r.connected(ctx)
	if err != nil {
		return err
	}
	return client.Call(ctx, method, params, result)
}

// Client is the connection as it stands, made if need be, for subscriptions.
func (r *RPC) Client(ctx context.Context) (*rpc.Client, error) { return r.connected(ctx) }

// Close ends the connection.
func (r *RPC) Close() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closed = true
	if r.client == nil {
		return nil
	}
	return r.client.Close()
}

// connected gives the connection, made anew if it was lost.
func (r *RPC) connected(ctx context.Context) (*rpc.Client, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case r.closed:
		return nil, rpc.ErrClosed
	case r.client != nil && r.client.Err() == nil:
		return r.client, nil
	case r.client != nil:
		_ = r.client.Close()
		r.client = nil
	}
	client, err := rpc.Dial(ctx, r.endpoint, rpc.Options{MaxResponse: maxAnswer})
	if err != nil {
		return nil, err
	}
	if err := r.listen(ctx, client); err != nil {
		_ = client.Close()
		return nil, err
	}
	r.client = client
	r.hint() // what happened while there was no connection is news
	return client, nil
}

// listen turns notifications of finalised heads into hints.
func (r *RPC) listen(ctx context.Context, client *rpc.Client) error {
	if !r.subscribes() {
		return nil
	}
	heads, err := client.Subscribe(ctx, "chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads", nil)
	if err != nil {
		return err
	}
	go func() {
		for range heads.Notifications() {
			r.hint()
		}
		r.hint()
	}()
	return nil
}

func (r *RPC) subscribes() bool { return strings.HasPrefix(r.endpoint, "ws") }

func (r *RPC) hint() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// Wait implements Transport.
func (r *RPC) Wait(ctx context.Context, _ int64) error {
	poll := subscribedPoll
	if !r.subscribes() {
		poll = unsubscribedPoll
	}
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-r.news:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// LightBlock implements Transport.
func (r *RPC) LightBlock(ctx context.Context, height int64) ([]byte, error) {
	var result struct {
		LightBlock scale.HexBytes `json:"lightBlock"`
	}
	var wanted any
	if height != 0 {
		wanted = height
	}
	err := r.Call(ctx, &result, "cometbft_lightBlock", wanted)
	return result.LightBlock, malformed(err)
}

// Header implements Transport.
func (r *RPC) Header(ctx context.Context, hash scale.Hash) ([]byte, error) {
	var result *header.JSON
	if err := r.Call(ctx, &result, "chain_getHeader", hash); err != nil {
		return nil, malformed(err)
	}
	if result == nil {
		return nil, fmt.Errorf("light: the node does not have block %s; let it catch up, or use another node", hash)
	}
	decoded, err := result.Header()
	if err != nil {
		return nil, fmt.Errorf("%w (header: %w)", ErrMalformed, err)
	}
	return header.Codec.TryMarshal(decoded)
}

// Headers implements Transport.
func (r *RPC) Headers(ctx context.Context, from, to uint32) ([][]byte, error) {
	var result []scale.HexBytes
	err := r.Call(ctx, &result, "bitcloak_headers", from, to)
	return plain(result), malformed(err)
}

// ReadProof implements Transport.
func (r *RPC) ReadProof(ctx context.Context, at scale.Hash, keys [][]byte) ([][]byte, error) {
	var result struct {
		Proof []scale.HexBytes `json:"proof"`
	}
	named := make([]scale.HexBytes, len(keys))
	for i, key := range keys {
		named[i] = key
	}
	err := r.Call(ctx, &result, "state_getReadProof", named, at)
	return plain(result.Proof), malformed(err)
}

// Checkpoints implements Transport.
func (r *RPC) Checkpoints(ctx context.Context, from uint64, limit uint32) ([]Body, error) {
	var result []struct {
		Index    uint64           `json:"index"`
		Number   uint32           `json:"number"`
		Hash     scale.Hash       `json:"hash"`
		Messages []scale.HexBytes `json:"messages"`
	}
	if err := r.Call(ctx, &result, "bitcloak_checkpoints", from, limit); err != nil {
		return nil, malformed(err)
	}
	bodies := make([]Body, len(result))
	for i, b := range result {
		bodies[i] = Body{Index: b.Index, Number: b.Number, Hash: b.Hash, Messages: plain(b.Messages)}
	}
	return bodies, nil
}

func plain(hex []scale.HexBytes) [][]byte {
	bytes := make([][]byte, len(hex))
	for i := range hex {
		bytes[i] = hex[i]
	}
	return bytes
}

// malformed marks errors that mean the node speaks nonsense, so that they count
// as refusals and not as a lost connection.
func malformed(err error) error {
	if errors.Is(err, rpc.ErrMalformed) || errors.Is(err, rpc.ErrTooLarge) {
		return fmt.Errorf("%w (%w)", ErrMalformed, err)
	}
	return err
}
