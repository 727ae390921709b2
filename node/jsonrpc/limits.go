package jsonrpc

import (
	"errors"
	"time"
)

// Limits bounds what clients may spend. Each is enforced on its own, so the memory of one connection is at most
// about MaxRequestBytes + MaxResponseBytes + MaxQueuedBytes.
type Limits struct {
	MaxRequestBytes  int64 // of one HTTP body or WebSocket message
	MaxResponseBytes int   // of one response, a batch's taken together
	MaxBatch         int   // calls in one batch
	MaxParams        int   // parameters of one call

	MaxConnections      int // of all clients, idle ones included
	MaxConnectionsPerIP int // of one remote address, loopback excepted

	MaxSubscriptions int // of one connection
	MaxQueued        int // messages waiting for a client that does not read
	MaxQueuedBytes   int // bytes waiting likewise; beyond either, a subscriber is disconnected

	CallsPerSecond float64 // sustained calls of one address (HTTP) or one connection (WebSocket)
	CallBurst      int     // calls allowed at once above that

	CallTimeout   time.Duration // of one call or batch
	HeaderTimeout time.Duration // to send the HTTP header
	BodyTimeout   time.Duration // to send the HTTP body
	WriteTimeout  time.Duration // to take a response
	IdleTimeout   time.Duration // between two HTTP requests; a WebSocket is pinged as often
}

// DefaultLimits are generous to wallets and explorers: sizes are Substrate's (15 MiB each way).
func DefaultLimits() Limits {
	return Limits{
		MaxRequestBytes:     15 << 20,
		MaxResponseBytes:    15 << 20,
		MaxBatch:            256,
		MaxParams:           16,
		MaxConnections:      1_000,
		MaxConnectionsPerIP: 100,
		MaxSubscriptions:    1_024,
		MaxQueued:           4_096,
		MaxQueuedBytes:      32 << 20,
		CallsPerSecond:      10_000,
		CallBurst:           20_000,
		CallTimeout:         30 * time.Second,
		HeaderTimeout:       5 * time.Second,
		BodyTimeout:         30 * time.Second,
		WriteTimeout:        30 * time.Second,
		IdleTimeout:         60 * time.Second,
	}
}

// ErrLimits refuses limits that would switch a protection off by accident.
var ErrLimits = errors.New("jsonrpc: every limit must be positive, and MaxQueuedBytes at least MaxResponseBytes; start from DefaultLimits")

func (l *Limits) validate() error {
	counts := []int{l.MaxResponseBytes, l.MaxBatch, l.MaxParams, l.MaxConnections, l.MaxConnectionsPerIP,
		l.MaxSubscriptions, l.MaxQueued, l.MaxQueuedBytes, l.CallBurst}
	for _, count := range counts {
		if count <= 0 {
			return ErrLimits
		}
	}
	for _, timeout := range []time.Duration{l.CallTimeout, l.HeaderTimeout, l.BodyTimeout, l.WriteTimeout, l.IdleTimeout} {
		if timeout <= 0 {
			return ErrLimits
		}
	}
	if l.MaxRequestBytes <= 0 || l.CallsPerSecond <= 0 || l.MaxQueuedBytes < l.MaxResponseBytes {
		return ErrLimits
	}
	return nil
}
