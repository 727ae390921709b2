package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// Refusals of the server itself.
var (
	errPath      = errors.New("no such path; see spec/relay.md")
	errOrigin    = errors.New("pages of this origin may not use this relay; ask its operator")
	errRequests  = errors.New("too many requests from this address; wait a second")
	errEnvelopes = errors.New("too many envelopes from this address; wait some seconds, or use another relay")
	errSplit     = errors.New("the body is not a row of whole envelopes; a command takes 256 bytes and starts with 1, an opening takes 1,536 and starts with 2")
	errTooMany   = errors.New("too many envelopes in one request; see maxPost in /v1/status")
)

// Split cuts a body into envelopes.
func Split(body []byte) (envelopes [][]byte, err error) {
	for len(body) > 0 {
		size := wire.CommandEnvelopeSize
		if body[0] == wire.ClassOpening {
			size = wire.OpeningEnvelopeSize
		}
		if len(body) < size || wire.CheckEnvelope(body[:size]) != nil {
			return nil, errSplit
		}
		envelopes, body = append(envelopes, body[:size:size]), body[size:]
	}
	if len(envelopes) == 0 {
		return nil, errSplit
	}
	return envelopes, nil
}

// takenJSON is one envelope's answer.
type takenJSON struct {
	Ticket  string `json:"ticket"`
	Refused string `json:"refused,omitempty"`
}

// post answers POST /v1/envelopes.
func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	most := int64(s.config.Limits.MaxPostEnvelopes) * wire.MaxEnvelopeSize
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		s.config.Metrics.refuse("length")
		refuse(w, http.StatusRequestEntityTooLarge, errTooMany)
		return
	}
	envelopes, splitErr := Split(body)
	if err != nil || splitErr != nil {
		s.config.Metrics.refuse("length")
		refuse(w, http.StatusBadRequest, errSplit)
		return
	}
	if len(envelopes) > s.config.Limits.MaxPostEnvelopes {
		s.config.Metrics.refuse("length")
		refuse(w, http.StatusRequestEntityTooLarge, errTooMany)
		return
	}
	if !s.envelopes.Allow(s.config.Proxies.Client(r), time.Now(), len(body)/wire.CommandEnvelopeSize) {
		s.config.Metrics.refuse("envelopes")
		refuse(w, http.StatusTooManyRequests, errEnvelopes)
		return
	}
	taken, err := s.config.Service.Take(envelopes)
	if err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	s.answerTaken(w, taken)
}

func (s *Server) answerTaken(w http.ResponseWriter, taken []Taken) {
	list := make([]takenJSON, len(taken))
	status := 0
	for i := range taken {
		list[i].Ticket = taken[i].Ticket.String()
		if err := taken[i].Refused; err != nil {
			list[i].Refused = err.Error()
			if status == 0 {
				status = statusOf(err)
			}
			continue
		}
		status = http.StatusAccepted
	}
	writeJSON(w, status, map[string]any{"tickets": list})
}

func statusOf(err error) int {
	for _, known := range []struct {
		err    error
		status int
	}{
		{ErrKnown, http.StatusConflict},
		{ErrOpening, http.StatusForbidden},
		{ErrTicket, http.StatusNotFound},
		{ErrBusy, http.StatusServiceUnavailable},
		{ErrFunds, http.StatusServiceUnavailable},
		{ErrChain, http.StatusServiceUnavailable},
		{ErrClosing, http.StatusServiceUnavailable},
	} {
		if errors.Is(err, known.err) {
			return known.status
		}
	}
	return http.StatusInternalServerError
}

// ticketJSON is a ticket's answer.
type ticketJSON struct {
	Ticket string       `json:"ticket"`
	Status State        `json:"status"`
	Block  *ticketBlock `json:"block,omitempty"`
	Reason string       `json:"reason,omitempty"`
}

type ticketBlock struct {
	Hash   string `json:"hash"`
	Number uint32 `json:"number"`
}

// ticket answers GET /v1/tickets/{id}?wait=DURATION.
func (s *Server) ticket(w http.ResponseWriter, r *http.Request) {
	id, err := ParseTicket(r.PathValue("id"))
	if err != nil {
		refuse(w, http.StatusNotFound, ErrTicket)
		return
	}
	patience, err := parseWait(r.URL.Query().Get("wait"), s.config.Limits.WaitTimeout)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	ticket, ended, err := s.config.Service.Ticket(id)
	if err == nil && patience > 0 && ticket.State != Included && ticket.State != Failed {
		if !s.awaitEnd(r.Context(), ended, patience) {
			s.config.Metrics.refuse("waiting")
			refuse(w, http.StatusServiceUnavailable, ErrBusy)
			return
		}
		ticket, _, err = s.config.Service.Ticket(id)
	}
	if err != nil {
		refuse(w, statusOf(err), err)
		return
	}
	answer := ticketJSON{Ticket: id.String(), Status: ticket.State, Reason: ticket.Reason}
	if ticket.State == Included {
		answer.Block = &ticketBlock{Hash: ticket.Block, Number: ticket.Number}
	}
	writeJSON(w, http.StatusOK, answer)
}

// awaitEnd waits for a ticket's end; false if too many do.
func (s *Server) awaitEnd(ctx context.Context, ended <-chan struct{}, patience time.Duration) bool {
	select {
	case s.waiting <- struct{}{}:
	default:
		return false
	}
	defer func() { <-s.waiting }()
	s.config.Metrics.waiting.Inc()
	defer s.config.Metrics.waiting.Dec()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer context.AfterFunc(s.ended, cancel)()
	wait(ctx, ended)
	return true
}

func parseWait(text string, most time.Duration) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	patience, err := time.ParseDuration(text)
	if err != nil || patience < 0 {
		return 0, fmt.Errorf("wait=%q is not a time such as 20s", text)
	}
	return min(patience, most), nil
}
