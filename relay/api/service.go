package api

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
)

// Service is the relay behind the server.
type Service interface {
	Status() Status
	// Take takes envelopes of known class and length; one refusal of its own for each, or an error for all.
	Take(envelopes [][]byte) ([]Taken, error)
	// Ticket tells how an envelope stands. ended is closed when that no longer changes.
	Ticket(id TicketID) (ticket Ticket, ended <-chan struct{}, err error)
}

// Refusals of a service. Each says what to do.
var (
	ErrKnown   = errors.New("this relay or the chain has these very bytes already; ask for the ticket, or look at the account's history")
	ErrTicket  = errors.New("this relay knows no such ticket; tickets are kept for a while only, look at the account's history")
	ErrBusy    = errors.New("too many envelopes wait here; try again later, or use another relay")
	ErrFunds   = errors.New("this relay is out of funds for fees; use another relay, or submit directly")
	ErrChain   = errors.New("this relay has lost the chain for the moment; try again later, or use another relay")
	ErrClosing = errors.New("this relay is being stopped; use another relay")
	ErrOpening = errors.New("this relay takes no session openings, since nobody refunds them; use another relay, or submit directly")
)

// TicketID names an envelope: a hash of its bytes, so that the same bytes have the same ticket.
type TicketID [16]byte

// String is 0x and hex.
func (t TicketID) String() string { return "0x" + hex.EncodeToString(t[:]) }

// ParseTicket reads what String writes.
func ParseTicket(text string) (id TicketID, err error) {
	digits, prefixed := strings.CutPrefix(text, "0x")
	if decoded, err := hex.DecodeString(digits); prefixed && err == nil && len(decoded) == len(id) {
		return TicketID(decoded), nil
	}
	return id, ErrTicket
}

// Taken is what became of one envelope of a request.
type Taken struct {
	Ticket  TicketID
	Refused error // nil: it waits for the next batch
}

// State is how an envelope stands.
type State string

// States of a ticket. The last two do not change any more.
const (
	Queued   State = "queued"   // waits for its batch
	Sent     State = "sent"     // its batch was handed to the nodes
	Included State = "included" // it is in a finalised block
	Failed   State = "failed"   // it is in no block and this relay has given it up
)

// Ticket is the state of an envelope.
type Ticket struct {
	State  State
	Block  string // Included: the block's hash, 0x-hex
	Number uint32 // Included
	Reason string // Failed
}

// Status is what a relay says of itself.
type Status struct {
	Instance  Instance `json:"instance"`
	Account   string   `json:"account"` // 0x-hex: whom envelopes name to refund
	Accepting bool     `json:"accepting"`
	Reason    string   `json:"reason,omitempty"` // why not
	Openings  bool     `json:"openings"`         // whether it takes session openings
	Interval  int64    `json:"interval"`         // ms between batches
	MaxPost   int      `json:"maxPost"`          // envelopes of one request
	Head      *Block   `json:"head"`
}

// Instance names the contract.
type Instance struct {
	Genesis  string `json:"genesis"`
	Contract uint32 `json:"contract"`
}

// Block names a finalised block.
type Block struct {
	Number uint32 `json:"number"`
	Hash   string `json:"hash"`
}

// wait waits until ended is closed or the context ends.
func wait(ctx context.Context, ended <-chan struct{}) {
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
