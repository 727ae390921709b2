package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/time/rate"
)

// caller is who a request comes from: what it may spend, and where its subscriptions live.
type caller struct {
	limiter *rate.Limiter
	session *session // nil over HTTP
	held    *charge  // the request, and then its answers
}

// answer handles one body and gives the bytes to send back; nil if nothing is to be said. start runs what the calls
// began, after the answer has been queued.
func (s *Server) answer(ctx context.Context, from caller, body []byte) (out []byte, start []func()) {
	decoded, fault := decodeRequest(body, s.limits.MaxBatch)
	if fault != nil {
		s.observer.CallDone("unreadable", fault.Code, 0)
		return encodeResponse(nil, nil, fault, s.limits.MaxResponseBytes), nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.limits.CallTimeout)
	defer cancel()
	if !from.limiter.AllowN(time.Now(), len(decoded.calls)) {
		for i := range decoded.calls {
			decoded.calls[i].fault = errRateLimited
		}
	}
	var answers [][]byte
	read, taken := from.held.held, 0
	room := s.limits.MaxResponseBytes
	for i := range decoded.calls {
		p := &decoded.calls[i]
		if p.notification() {
			continue
		}
		answer, begin := s.answerCall(ctx, from, p, room)
		if begin == nil && !from.held.hold(max(read, taken+len(answer))) { // a batch's answers wait for each other
			answer = encodeResponse(p.call.ID, nil, errBusy, s.limits.MaxResponseBytes)
		}
		taken += len(answer)
		room = max(0, room-len(answer))
		answers = append(answers, answer)
		if begin != nil {
			start = append(start, begin)
		}
	}
	switch {
	case len(answers) == 0:
		return nil, start
	case !decoded.batch:
		return answers[0], start
	}
	return append(append([]byte{'['}, bytes.Join(answers, []byte{','})...), ']'), start
}

// answerCall runs one call and measures it.
func (s *Server) answerCall(ctx context.Context, from caller, p *parsed, room int) ([]byte, func()) {
	if p.fault != nil {
		s.observer.CallDone("unreadable", p.fault.Code, 0)
		return encodeResponse(p.call.ID, nil, p.fault, s.limits.MaxResponseBytes), nil
	}
	began := time.Now()
	result, start, fault := any(nil), (func())(nil), errBusy
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
		result, start, fault = s.run(ctx, from, &p.call)
	case <-ctx.Done():
	}
	out := encodeResponse(p.call.ID, result, fault, room)
	s.observer.CallDone(s.label(p.call.Method), codeOf(fault), time.Since(began))
	return out, start
}

// run finds the method and gives its result, or the fault that answers the call.
func (s *Server) run(ctx context.Context, from caller, c *call) (result any, start func(), fault *Error) {
	params, fault := decodeParams(c.Params, s.limits.MaxParams)
	if fault != nil {
		return nil, nil, fault
	}
	if method, ok := s.registry.methods[c.Method]; ok {
		result, fault = s.protect(c.Method, func() (any, error) { return method(ctx, params) })
		return result, nil, fault
	}
	if subscription, ok := s.registry.subscriptions[c.Method]; ok {
		if from.session == nil {
			return nil, nil, errNeedsWebSocket
		}
		return s.subscribe(ctx, from.session, c.Method, subscription, params)
	}
	if notification, ok := s.registry.unsubscribes[c.Method]; ok {
		if from.session == nil {
			return nil, nil, errNeedsWebSocket
		}
		var id string
		if err := params.Decode(1, &id); err != nil {
			return nil, nil, asError(err)
		}
		return from.session.end(id, notification), nil, nil
	}
	return nil, nil, errMethodNotFound
}

// protect turns a handler's error into a fault, and a panic into one as well: a fault in one method must not take the
// validator down.
func (s *Server) protect(name string, handler func() (any, error)) (result any, fault *Error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.log.Error("RPC method panicked", "method", name, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			result, fault = nil, errPanicked
		}
	}()
	result, err := handler()
	if err != nil {
		return nil, asError(err)
	}
	return result, nil
}

func asError(err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeInternal, Message: "Internal error", Data: "the call took too long and was abandoned; ask for less"}
	}
	return Internal(err)
}

func codeOf(fault *Error) int {
	if fault == nil {
		return 0
	}
	return fault.Code
}

// label is a method's name for metrics; names that do not exist share one, so clients cannot create labels.
func (s *Server) label(name string) string {
	if s.known[name] {
		return name
	}
	return "unknown"
}

// notificationMessage is one result of a subscription.
type notificationMessage struct {
	Version string             `json:"jsonrpc"`
	Method  string             `json:"method"`
	Params  notificationParams `json:"params"`
}

type notificationParams struct {
	Subscription string          `json:"subscription"`
	Result       json.RawMessage `json:"result"`
}
