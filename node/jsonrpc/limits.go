package jsonrpc

import (
	"errors"
	"runtime"
	"time"
)

// Limits bounds what clients may spend, each by himself and all together: the memory held for them is at most about
// MaxHeldBytes, what is free for every connection (a third of a mebibyte), MaxResponseBytes for each of
// MaxConcurrentCalls, and some kilobytes for each connection and subscription.
type Limits struct {
	MaxRequestBytes  int // of one HTTP body or WebSocket message
	MaxResponseBytes int // of one response, a batch's taken together
	MaxBatch         int // calls in one batch
	MaxParams        int // parameters of one call

	MaxHeldBytes       int // of all clients: requests under way, answers and results not taken; an address has a quarter
	MaxConcurrentCalls int // running at once; others wait

	MaxConnections      int // of all clients, idle ones included
	MaxConnectionsPerIP int // of one remote address, loopback excepted

	MaxSubscriptions    int // of one connection
	MaxAllSubscriptions int // of all clients
	MaxQueued           int // messages waiting for a client that does not read
	MaxQueuedBytes      int // bytes waiting likewise; beyond either, a subscriber is disconnected

	// Of one address; of one connection where it comes from this machine, which may be a proxy.
	CallsPerSecond         float64 // sustained calls
	CallBurst              int     // calls allowed at once above that
	NotificationsPerSecond float64 // results of subscriptions; more come later

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
		MaxHeldBytes:        256 << 20,
		MaxConcurrentCalls:  max(4, 2*runtime.GOMAXPROCS(0)), // so that blocks are made in time while calls queue
		MaxConnections:      1_000,
		MaxConnectionsPerIP: 100,
		MaxSubscriptions:    256,
		MaxAllSubscriptions: 32_768, // more than one address can have
		MaxQueued:           4_096,
		MaxQueuedBytes:      32 << 20,

		CallsPerSecond:         10_000,
		CallBurst:              20_000,
		NotificationsPerSecond: 2_000,

		CallTimeout:   30 * time.Second,
		HeaderTimeout: 5 * time.Second,
		BodyTimeout:   30 * time.Second,
		WriteTimeout:  30 * time.Second,
		IdleTimeout:   60 * time.Second,
	}
}

// ErrLimits refuses limits that would switch a protection off by accident.
var ErrLimits = errors.New("jsonrpc: every limit must be positive, and MaxQueuedBytes at least MaxResponseBytes; start from DefaultLimits")

func (l *Limits) validate() error {
	counts := []int{l.MaxResponseBytes, l.MaxBatch, l.MaxParams, l.MaxHeldBytes, l.MaxConcurrentCalls, l.MaxConnections,
		l.MaxConnectionsPerIP, l.MaxSubscriptions, l.MaxAllSubscriptions, l.MaxQueued, l.MaxQueuedBytes, l.CallBurst}
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
	if l.MaxRequestBytes <= 0 || l.CallsPerSecond <= 0 || l.NotificationsPerSecond <= 0 || l.MaxQueuedBytes < l.MaxResponseBytes {
		return ErrLimits
	}
	return nil
}
