package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Options of a client; zero fields take the default.
type Options struct {
	// Timeout bounds dialing and every call that the caller's context does not
	// bound more tightly. Default 30 s.
	Timeout time.Duration
	// MaxResponse bounds an answer or a notification, in bytes. Default 32 MiB.
	MaxResponse int64
	// MaxCalls bounds the calls in flight over a WebSocket. Default 4096.
	MaxCalls int
	// QueueLength is how many notifications a subscription holds for its reader
	// before it is given up. Default 256.
	QueueLength int
	// PingInterval is how often a WebSocket is tested; without an answer for as
	// long it is lost. Default 20 s.
	PingInterval time.Duration
	// Header goes with every HTTP request and with a WebSocket's handshake.
	Header http.Header
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxResponse <= 0 {
		o.MaxResponse = 32 << 20
	}
	if o.MaxCalls <= 0 {
		o.MaxCalls = 4096
	}
	if o.QueueLength <= 0 {
		o.QueueLength = 256
	}
	if o.PingInterval <= 0 {
		o.PingInterval = 20 * time.Second
	}
	return o
}

// Client talks to one endpoint. It may be used concurrently.
type Client struct {
	transport transport
	timeout   time.Duration
}

// transport carries calls over one protocol.
type transport interface {
	call(ctx context.Context, method string, params []any) (json.RawMessage, error)
	subscribe(ctx context.Context, method, unsubscribe string, params []any) (*Subscription, error)
	close() error
	done() <-chan struct{}
	err() error
}

// Dial makes a client for an endpoint. A WebSocket is connected when Dial
// returns; over HTTP each call connects.
func Dial(ctx context.Context, endpoint string, options Options) (*Client, error) {
	options = options.withDefaults()
	parsed, err := url.Parse(endpoint)
	if err != nil || parsed.Host == "" {
		return nil, ErrURL // the text may hold a password: it is not repeated
	}
	client := &Client{timeout: options.Timeout}
	switch parsed.Scheme {
	case "http", "https":
		client.transport = newHTTP(endpoint, options)
	case "ws", "wss":
		ctx, cancel := context.WithTimeout(ctx, options.Timeout)
		defer cancel()
		if client.transport, err = dialWebSocket(ctx, endpoint, options); err != nil {
			return nil, err
		}
	default:
		return nil, ErrURL
	}
	return client, nil
}

// Call calls a method and decodes its result into result, a pointer; nil drops
// it. A refusal of the node is an *Error.
func (c *Client) Call(ctx context.Context, method string, params []any, result any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	raw, err := c.transport.call(ctx, method, params)
	if err != nil {
		return explain(ctx, method, err)
	}
	return decodeResult(method, raw, result)
}

// Subscribe calls a method that starts a subscription, and the method
// unsubscribe when the subscription is closed.
func (c *Client) Subscribe(ctx context.Context, method, unsubscribe string, params []any) (*Subscription, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	subscription, err := c.transport.subscribe(ctx, method, unsubscribe, params)
	if err != nil {
		return nil, explain(ctx, method, err)
	}
	return subscription, nil
}

// Close ends the connection, the calls in flight and the subscriptions.
func (c *Client) Close() error { return c.transport.close() }

// Done is closed when the connection is lost or closed; over HTTP, when the client
// is closed.
func (c *Client) Done() <-chan struct{} { return c.transport.done() }

// Err says why Done is closed; nil before.
func (c *Client) Err() error { return c.transport.err() }

// explain names the method, and tells the caller's own cancellation from a node
// that is too slow.
func explain(ctx context.Context, method string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return fmt.Errorf("%s: %w", method, err)
}
