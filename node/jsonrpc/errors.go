package jsonrpc

import (
	"encoding/json"
	"fmt"
)

// Codes of JSON-RPC 2.0 and of jsonrpsee's transport. CodeRateLimited is polkadot-sdk's (client/rpc-servers).
const (
	CodeParse                = -32700
	CodeInvalidRequest       = -32600
	CodeMethodNotFound       = -32601
	CodeInvalidParams        = -32602
	CodeInternal             = -32603
	CodeTooManySubscriptions = -32006
	CodeOversizedRequest     = -32007
	CodeOversizedResponse    = -32008
	CodeServerBusy           = -32009
	CodeOversizedBatch       = -32010
	CodeRateLimited          = -32999
)

// Error is a JSON-RPC error object. Handlers return one to choose the code; any other error becomes CodeInternal.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Error gives code, message and data for logs.
func (e *Error) Error() string {
	if e.Data == nil {
		return fmt.Sprintf("%s (code %d)", e.Message, e.Code)
	}
	return fmt.Sprintf("%s: %v (code %d)", e.Message, e.Data, e.Code)
}

// InvalidParams refuses a call's parameters and says why.
func InvalidParams(format string, arguments ...any) *Error {
	return &Error{Code: CodeInvalidParams, Message: "Invalid params", Data: fmt.Sprintf(format, arguments...)}
}

// Internal reports a fault of the node, not of the caller.
func Internal(err error) *Error {
	return &Error{Code: CodeInternal, Message: "Internal error", Data: err.Error()}
}

var (
	errParse          = &Error{Code: CodeParse, Message: "Parse error"}
	errInvalidRequest = &Error{Code: CodeInvalidRequest, Message: "Invalid request"}
	errMethodNotFound = &Error{Code: CodeMethodNotFound, Message: "Method not found"}
	errEmptyBatch     = &Error{Code: CodeInvalidRequest, Message: "Invalid request", Data: "the batch is empty"}
	errNeedsWebSocket = &Error{Code: CodeMethodNotFound, Message: "Method not found",
		Data: "subscriptions need a WebSocket connection to the same address"}
	errRateLimited = &Error{Code: CodeRateLimited, Message: "RPC rate limit is exceeded", Data: "wait a second, then call less often"}
	errBusy        = &Error{Code: CodeServerBusy, Message: "Server is busy, try again later"}
	errPanicked    = &Error{Code: CodeInternal, Message: "Internal error", Data: "the method failed unexpectedly; the node's log says more"}
)

func errOversizedRequest(limit int) *Error {
	return &Error{Code: CodeOversizedRequest, Message: "Request is too big", Data: fmt.Sprintf("Exceeded max limit of %d", limit)}
}

func errOversizedResponse(limit int) *Error {
	return &Error{Code: CodeOversizedResponse, Message: "Response is too big", Data: fmt.Sprintf("Exceeded max limit of %d", limit)}
}

func errOversizedBatch(limit int) *Error {
	return &Error{Code: CodeOversizedBatch, Message: "The batch request was too large", Data: fmt.Sprintf("Exceeded max limit of %d", limit)}
}

func errTooManySubscriptions(limit int) *Error {
	return &Error{Code: CodeTooManySubscriptions, Message: "Too many subscriptions on the connection",
		Data: fmt.Sprintf("Exceeded max limit of %d", limit)}
}

func errTooManySubscriptionsInAll() *Error {
	return &Error{Code: CodeTooManySubscriptions, Message: "Too many subscriptions on the server", Data: "try again later, or use another node"}
}

// nullID answers what has no readable id.
var nullID = json.RawMessage("null")
