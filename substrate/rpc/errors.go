package rpc

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Errors of this package; test with errors.Is.
var (
	ErrURL             = errors.New("rpc: not an endpoint's URL: write ws://, wss://, http:// or https:// and a host")
	ErrConnect         = errors.New("rpc: cannot connect: check that the node runs and that the address is its RPC endpoint")
	ErrDisconnected    = errors.New("rpc: connection lost: dial again")
	ErrClosed          = errors.New("rpc: client is closed")
	ErrTimeout         = errors.New("rpc: no answer in time: the node is overloaded or unreachable")
	ErrTooLarge        = errors.New("rpc: answer exceeds the size limit")
	ErrMalformed       = errors.New("rpc: answer is not JSON-RPC 2.0: check that the address is a node's RPC endpoint")
	ErrStatus          = errors.New("rpc: endpoint refused the request")
	ErrNoSubscriptions = errors.New("rpc: no subscriptions over HTTP: dial ws:// or wss://")
	ErrTooManyCalls    = errors.New("rpc: too many calls in flight")
	ErrSlowSubscriber  = errors.New("rpc: subscriber reads too slowly: its queue is full")
)

// Error is what the node answered to a call that it refused or that failed.
// Codes are the node's: -32601 is an unknown method, 1010 an invalid transaction.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// maxErrorText is how many bytes of a node's own words an error's text repeats.
const maxErrorText = 300

func (e *Error) Error() string {
	text := fmt.Sprintf("rpc: node answered error %d: %s", e.Code, clip(e.Message))
	if len(e.Data) > 0 && string(e.Data) != "null" {
		text += " (" + clip(string(e.Data)) + ")"
	}
	return text
}

// clip makes a stranger's text fit for a log: short, and on one line.
func clip(text string) string {
	if len(text) > maxErrorText {
		text = text[:maxErrorText] + "..."
	}
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}
