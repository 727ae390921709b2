package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// request is a call. Params is never nil: some servers insist on the field.
type request struct {
	Version string `json:"jsonrpc"`
	ID      uint64 `json:"id"`
	Method  string `json:"method"`
	Params  []any  `json:"params"`
}

func encodeRequest(id uint64, method string, params []any) ([]byte, error) {
	if params == nil {
		params = []any{}
	}
	encoded, err := json.Marshal(request{Version: "2.0", ID: id, Method: method, Params: params})
	if err != nil {
		return nil, fmt.Errorf("rpc: parameters of %s: %w", method, err)
	}
	return encoded, nil
}

// message is anything a node sends: an answer, which has an id, or a
// notification, which has a method.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *Error          `json:"error"`
}

// notification is what a node sends to a subscription.
type notification struct {
	key    string
	result json.RawMessage
}

func decodeMessage(data []byte) (*message, error) {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrMalformed, clip(err.Error()))
	}
	if m.Version != "2.0" {
		return nil, fmt.Errorf("%w: version %q", ErrMalformed, clip(m.Version))
	}
	return &m, nil
}

// id is the number of the call that m answers.
func (m *message) id() (id uint64, err error) {
	if err := json.Unmarshal(m.ID, &id); err != nil {
		return 0, fmt.Errorf("%w: an answer to call %s, which was never made", ErrMalformed, clip(string(m.ID)))
	}
	return id, nil
}

// outcome is the result that m carries, or the node's error.
func (m *message) outcome() (json.RawMessage, error) {
	switch {
	case m.Error != nil:
		return nil, m.Error
	case len(m.Result) == 0:
		return nil, fmt.Errorf("%w: neither a result nor an error", ErrMalformed)
	}
	return m.Result, nil
}

// isNotification reports whether m is nobody's answer.
func (m *message) isNotification() bool { return m.Method != "" && len(m.ID) == 0 }

// notification reads the parameters of a notification.
func (m *message) notification() (n notification, err error) {
	var params struct {
		Subscription json.RawMessage `json:"subscription"`
		Result       json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(m.Params, &params); err != nil {
		return n, fmt.Errorf("%w: notification %s: %s", ErrMalformed, clip(m.Method), clip(err.Error()))
	}
	n.result = params.Result
	n.key, err = subscriptionKey(params.Subscription)
	return n, err
}

// decodeResult fills result, which may be nil if nobody wants it.
func decodeResult(method string, raw json.RawMessage, result any) error {
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(raw, result); err != nil {
		return fmt.Errorf("%w: result of %s: %s", ErrMalformed, method, clip(err.Error()))
	}
	return nil
}

// subscriptionKey is an identifier, a string or a number, as a map's key.
func subscriptionKey(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || len(raw) > 256 || bytes.ContainsAny(raw[:1], "{[nft") {
		return "", fmt.Errorf("%w: subscription identifier %s", ErrMalformed, clip(string(raw)))
	}
	return string(raw), nil
}
