package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// MaxIDBytes bounds a call's id, which is kept and sent back.
const MaxIDBytes = 256

// call is one request object.
type call struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// request is a decoded body: one call or a batch of them.
type request struct {
	batch bool
	calls []parsed
}

// parsed is a call, or the error that answers what should have been one.
type parsed struct {
	call  call
	fault *Error
}

// notification reports a call without an id, which nobody waits for.
func (p *parsed) notification() bool { return p.fault == nil && p.call.ID == nil }

// decodeRequest reads one body. A batch is read element by element, so that a small body of many elements cannot make
// the node reserve more than maxBatch of them.
func decodeRequest(body []byte, maxBatch int) (request, *Error) {
	body = bytes.TrimLeft(body, " \t\r\n")
	if len(body) == 0 {
		return request{}, errParse
	}
	if body[0] != '[' {
		if !json.Valid(body) {
			return request{}, errParse
		}
		return request{calls: []parsed{decodeCall(body)}}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if _, err := decoder.Token(); err != nil {
		return request{}, errParse
	}
	out := request{batch: true}
	for decoder.More() {
		if len(out.calls) == maxBatch {
			return request{}, errOversizedBatch(maxBatch)
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return request{}, errParse
		}
		out.calls = append(out.calls, decodeCall(raw))
	}
	if _, err := decoder.Token(); err != nil {
		return request{}, errParse
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return request{}, errParse
	}
	if len(out.calls) == 0 {
		return request{}, errEmptyBatch
	}
	return out, nil
}

// decodeCall reads one request object from valid JSON.
func decodeCall(raw []byte) parsed {
	var c call
	if err := json.Unmarshal(raw, &c); err != nil || c.Version != "2.0" || c.Method == "" || !validID(c.ID) {
		fault := parsed{fault: errInvalidRequest}
		if validID(c.ID) {
			fault.call.ID = c.ID
		}
		return fault
	}
	return parsed{call: c}
}

// validID accepts a number, a string, null, or nothing.
func validID(id json.RawMessage) bool {
	if len(id) == 0 {
		return true
	}
	return len(id) <= MaxIDBytes && id[0] != '{' && id[0] != '[' && id[0] != 't' && id[0] != 'f'
}

// Encoded is a result that its method has written as JSON by itself, as large ones are.
type Encoded []byte

// refusal is an answer that says why there is none.
type refusal struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   *Error          `json:"error"`
}

// encodeResponse writes the answer to a call, or an error in its place if it is too large or cannot be written.
func encodeResponse(id json.RawMessage, result any, fault *Error, limit int) []byte {
	if len(id) == 0 {
		id = nullID
	}
	var encoded []byte
	if fault == nil {
		var err error
		if encoded, err = encodeResult(result); err != nil {
			fault = Internal(err)
		} else if len(encoded) > limit {
			fault = errOversizedResponse(limit)
		}
	}
	if fault == nil { // what is encoded once is not read through again
		const before, between, after = `{"jsonrpc":"2.0","id":`, `,"result":`, `}`
		out := make([]byte, 0, len(before)+len(id)+len(between)+len(encoded)+len(after))
		return append(append(append(append(append(out, before...), id...), between...), encoded...), after...)
	}
	out, err := json.Marshal(refusal{Version: "2.0", ID: id, Error: fault})
	if err != nil { // an error's data that cannot be written
		out, _ = json.Marshal(refusal{Version: "2.0", ID: id, Error: errPanicked})
	}
	return out
}

func encodeResult(result any) ([]byte, error) {
	if written, is := result.(Encoded); is {
		return written, nil
	}
	return json.Marshal(result)
}
