package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// truth is everything that a node serves of its chain up to a head, byte for byte.
type truth struct {
	head      uint32
	questions []question
}

type question struct {
	method     string
	parameters []any
	answer     string
}

func (q *question) ask(ctx context.Context, node *light.RPC) (string, error) {
	var answer json.RawMessage
	err := node.Call(ctx, &answer, q.method, q.parameters...)
	return string(answer), err
}

// readTruth asks the node at the last block that the auditor has seen: headers, bodies, the whole state, checkpoints, light blocks.
func readTruth(t *testing.T, a *auditor) *truth {
	t.Helper()
	v := &truth{head: a.scanned.Number}
	ctx := t.Context()
	add := func(method string, parameters ...any) string {
		q := question{method: method, parameters: parameters}
		answer, err := q.ask(ctx, a.node.RPC)
		if err != nil {
			t.Fatalf("%s%v: %v", method, parameters, err)
		}
		q.answer = answer
		v.questions = append(v.questions, q)
		return answer
	}
	var height uint64
	for number := range v.head + 1 {
		hash := add("chain_getBlockHash", number)
		add("chain_getBlock", json.RawMessage(hash))
	}
	var latest struct{ Height uint64 }
	if err := a.node.Call(ctx, &latest, "cometbft_lightBlock", nil); err != nil {
		t.Fatal(err)
	}
	for height = 1; height+2 < latest.Height; height++ {
		add("cometbft_lightBlock", height)
	}
	for after := any(nil); ; {
		var keys []scale.HexBytes
		answer := add("state_getKeysPaged", "0x", 256, after, a.scanned.Hash)
		if err := json.Unmarshal([]byte(answer), &keys); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			add("state_getStorage", key, a.scanned.Hash)
		}
		if len(keys) < 256 {
			break
		}
		after = keys[len(keys)-1]
	}
	for index := range a.inbox.next {
		add("bitcloak_checkpoints", index, 1)
	}
	return v
}

// compare asks a node the same again. It may refuse to answer, and say that something is damaged; it may not say anything else
// than before.
func (v *truth) compare(t *testing.T, node *light.RPC) (refusals int, err error) {
	t.Helper()
	wrong := 0
	for i := range v.questions {
		q := &v.questions[i]
		answer, err := q.ask(t.Context(), node)
		var refused *rpc.Error
		switch {
		case errors.As(err, &refused):
			refusals++
		case err != nil:
			return refusals, fmt.Errorf("%s%v: %w", q.method, q.parameters, err)
		case answer != q.answer:
			if wrong++; wrong <= 3 {
				t.Errorf("%s%v was %.200s and is now %.200s", q.method, q.parameters, q.answer, answer)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d answers of %d are others than before", wrong, len(v.questions))
	}
	return refusals, nil
}
