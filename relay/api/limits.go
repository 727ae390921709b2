package api

import (
	"errors"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// Limits bound what clients may cost.
type Limits struct {
	MaxConnections      int // of all clients
	MaxConnectionsPerIP int // of one address, loopback excepted
	MaxWaiting          int // requests that wait for a ticket's end
	MaxPostEnvelopes    int // of one request
	RequestsPerSecond   float64
	RequestBurst        int
	// An address's envelopes, in units of a command's 256 bytes: an opening costs six. Garbage cannot be told from commands, so
	// this is what bounds its cost.
	EnvelopesPerSecond float64
	EnvelopeBurst      int

	HeaderTimeout time.Duration // to send a request's header
	BodyTimeout   time.Duration // to send its body
	WaitTimeout   time.Duration // for a ticket's end, at most
	WriteTimeout  time.Duration // to take an answer
	IdleTimeout   time.Duration // between two requests
}

// DefaultLimits serve some thousand traders from one relay.
func DefaultLimits() Limits {
	return Limits{
		MaxConnections:      4_096,
		MaxConnectionsPerIP: 64,
		MaxWaiting:          2_048,
		MaxPostEnvelopes:    64,
		RequestsPerSecond:   50,
		RequestBurst:        200,
		EnvelopesPerSecond:  20,
		EnvelopeBurst:       400,
		HeaderTimeout:       5 * time.Second,
		BodyTimeout:         10 * time.Second,
		WaitTimeout:         30 * time.Second,
		WriteTimeout:        10 * time.Second,
		IdleTimeout:         60 * time.Second,
	}
}

// ErrLimits refuses limits that would switch a protection off by accident.
var ErrLimits = errors.New("api: every limit must be positive, and an address's burst as large as a request full of openings; start from DefaultLimits")

// Validate tells whether the limits protect.
func (l *Limits) Validate() error {
	for _, n := range []int{l.MaxConnections, l.MaxConnectionsPerIP, l.MaxWaiting, l.MaxPostEnvelopes, l.RequestBurst, l.EnvelopeBurst} {
		if n <= 0 {
			return ErrLimits
		}
	}
	for _, d := range []time.Duration{l.HeaderTimeout, l.BodyTimeout, l.WaitTimeout, l.WriteTimeout, l.IdleTimeout} {
		if d <= 0 {
			return ErrLimits
		}
	}
	if l.RequestsPerSecond <= 0 || l.EnvelopesPerSecond <= 0 || l.EnvelopeBurst < l.MaxPostEnvelopes*unitsOfOpening {
		return ErrLimits
	}
	return nil
}

// unitsOfOpening is what an opening counts as, in commands.
const unitsOfOpening = wire.OpeningEnvelopeSize / wire.CommandEnvelopeSize
