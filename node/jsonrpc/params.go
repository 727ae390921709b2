package jsonrpc

import (
	"bytes"
	"encoding/json"
)

// Params are the positional parameters of a call, undecoded.
type Params struct {
	values []json.RawMessage
}

// decodeParams splits the array; absent and null count as empty.
func decodeParams(raw json.RawMessage, maximum int) (Params, *Error) {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	if len(raw) == 0 || bytes.Equal(raw, nullID) {
		return Params{}, nil
	}
	if raw[0] != '[' {
		return Params{}, InvalidParams("parameters are given by position, in an array")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return Params{}, InvalidParams("not an array")
	}
	var out Params
	for decoder.More() {
		if len(out.values) == maximum {
			return Params{}, InvalidParams("more than %d parameters", maximum)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return Params{}, InvalidParams("parameter %d: %v", len(out.values), err)
		}
		out.values = append(out.values, value)
	}
	return out, nil
}

// Len is the number of parameters given, trailing nulls included.
func (p Params) Len() int { return len(p.values) }

// Decode reads the parameters into targets in their order. The first required ones must be there and not null; the
// others keep their target's value if absent or null. Parameters beyond the targets are refused.
func (p Params) Decode(required int, targets ...any) error {
	if len(p.values) > len(targets) {
		return InvalidParams("%d parameters given, at most %d taken", len(p.values), len(targets))
	}
	for i, target := range targets {
		absent := i >= len(p.values) || bytes.Equal(p.values[i], nullID)
		if absent && i < required {
			return InvalidParams("parameter %d is missing", i)
		}
		if absent {
			continue
		}
		if err := json.Unmarshal(p.values[i], target); err != nil {
			return InvalidParams("parameter %d: %v", i, err)
		}
	}
	return nil
}

// Raw is the JSON of parameter i, or nil.
func (p Params) Raw(i int) json.RawMessage {
	if i >= len(p.values) {
		return nil
	}
	return p.values[i]
}
