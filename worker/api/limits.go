package api

import (
	"errors"
	"time"
)

// Limits bound what clients may cost.
type Limits struct {
	MaxConnections      int // of all clients
	MaxConnectionsPerIP int // of one address, loopback and trusted proxies excepted
	MaxStreams          int // of all clients
	MaxConcurrent       int // requests being opened or answered at once
	RequestsPerSecond   float64
	RequestBurst        int

	HeaderTimeout time.Duration // to send a request's header
	BodyTimeout   time.Duration // to send its body, or a stream's first message
	QueueTimeout  time.Duration // waiting for one of MaxConcurrent
	WriteTimeout  time.Duration // to take an answer or a frame
	IdleTimeout   time.Duration // between two requests
}

// DefaultLimits serve some thousand traders from one worker.
func DefaultLimits() Limits {
	return Limits{
		MaxConnections:      4_096,
		MaxConnectionsPerIP: 64,
		MaxStreams:          2_048,
		MaxConcurrent:       16,
		RequestsPerSecond:   50,
		RequestBurst:        200,
		HeaderTimeout:       5 * time.Second,
		BodyTimeout:         10 * time.Second,
		QueueTimeout:        5 * time.Second,
		WriteTimeout:        10 * time.Second,
		IdleTimeout:         60 * time.Second,
	}
}

// ErrLimits refuses limits that would switch a protection off by accident.
var ErrLimits = errors.New("api: every limit must be positive; start from DefaultLimits")

func (l *Limits) validate() error {
	for _, n := range []int{l.MaxConnections, l.MaxConnectionsPerIP, l.MaxStreams, l.MaxConcurrent, l.RequestBurst} {
		if n <= 0 {
			return ErrLimits
		}
	}
	for _, d := range []time.Duration{l.HeaderTimeout, l.BodyTimeout, l.QueueTimeout, l.WriteTimeout, l.IdleTimeout} {
		if d <= 0 {
			return ErrLimits
		}
	}
	if l.RequestsPerSecond <= 0 {
		return ErrLimits
	}
	return nil
}
