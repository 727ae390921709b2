package seal

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

func askTest(t *testing.T) (*Question, *AnswerOpener, []byte, *Keyring, *Session) {
	t.Helper()
	ring, public := newTestKeyring(t, 2)
	session, _ := newTestSession(t, keys.Sr25519, 2)
	request, answers, err := public.Query(session.account, session.QueryKey(), &wire.Query{Kind: wire.QueryOrders, After: 1, Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	question, err := ring.Query(request)
	if err != nil {
		t.Fatal(err)
	}
	return question, answers, request, ring, session
}

func TestQueryAndAnswer(t *testing.T) {
	question, answers, request, ring, session := askTest(t)
	if len(request) != wire.QueryRequestSize {
		t.Errorf("a request of %d bytes", len(request))
	}
	if question.Account != session.account || question.Query != (wire.Query{Kind: wire.QueryOrders, After: 1, Limit: 2}) {
		t.Errorf("asked %+v", question.Query)
	}
	if !question.Authentic(session.QueryKey()) {
		t.Error("the owner's question is refused")
	}
	if question.Authentic([32]byte{1}) {
		t.Error("another's question is taken")
	}
	question.Query.After++
	if question.Authentic(session.QueryKey()) {
		t.Error("an altered question is taken")
	}
	answer := wire.Answer{AnswerStatement: wire.AnswerStatement{
		Instance: testInstance, Request: question.Hash(), Body: wire.AnswerBody{Kind: wire.QueryOrders, Orders: make([]wire.OpenOrder, 3)},
	}}
	sealed, err := question.SealAnswer(&answer)
	if err != nil {
		t.Fatal(err)
	}
	if len(sealed) != wire.AnswerSizes[0] {
		t.Errorf("an answer of %d bytes", len(sealed))
	}
	opened, err := answers.OpenAnswer(sealed)
	if err != nil || len(opened.Body.Orders) != 3 {
		t.Fatalf("got %+v, %v", opened, err)
	}
	for _, at := range []int{0, 40, len(sealed) - 1} {
		bad := bytes.Clone(sealed)
		bad[at]++
		if _, err := answers.OpenAnswer(bad); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d altered: %v", at, err)
		}
	}
	for _, at := range []int{0, 4, 600, len(request) - 1} {
		bad := bytes.Clone(request)
		bad[at]++
		if _, err := ring.Query(bad); err == nil {
			t.Errorf("request with byte %d altered opens", at)
		}
	}
	if _, err := ring.Query(request[1:]); !errors.Is(err, ErrSealed) {
		t.Errorf("a short request: %v", err)
	}
}

func TestAnswersHaveClasses(t *testing.T) {
	question, answers, _, _, _ := askTest(t)
	for count, want := range map[int]int{0: 4096, 30: 4096, 40: 16384, 500: 65536, 1000: 262144} {
		answer := wire.Answer{AnswerStatement: wire.AnswerStatement{
			Instance: testInstance, Request: question.Hash(), Body: wire.AnswerBody{Kind: wire.QueryFills, Fills: make([]wire.Fill, count)},
		}}
		sealed, err := question.SealAnswer(&answer)
		if err != nil || len(sealed) != want {
			t.Errorf("%d fills: %d bytes, want %d (%v)", count, len(sealed), want, err)
		}
		if opened, err := answers.OpenAnswer(sealed); err != nil || len(opened.Body.Fills) != count {
			t.Errorf("%d fills: %v", count, err)
		}
	}
	for name, statement := range map[string]wire.AnswerStatement{
		"another request": {Instance: testInstance, Body: wire.AnswerBody{Kind: wire.AnswerRefused}},
		"another network": {Request: question.Hash(), Body: wire.AnswerBody{Kind: wire.AnswerRefused}},
	} {
		sealed, err := question.SealAnswer(&wire.Answer{AnswerStatement: statement})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := answers.OpenAnswer(sealed); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := answers.OpenAnswer(make([]byte, 262145)); !errors.Is(err, ErrSealed) {
		t.Errorf("an oversized answer: %v", err)
	}
}

// TestSameRequestTwice shows what the salt is for: two answers to one request
// share no keystream.
func TestSameRequestTwice(t *testing.T) {
	question, _, request, ring, _ := askTest(t)
	again, err := ring.Query(request)
	if err != nil {
		t.Fatal(err)
	}
	frame := wire.Frame{Checkpoint: 1}
	first, err := question.SealFrame(0, &frame)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.SealFrame(0, &frame)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first[wire.SaltSize:], second[wire.SaltSize:]) {
		t.Error("equal frames are sealed to equal bytes")
	}
}

func TestFrames(t *testing.T) {
	question, answers, _, _, _ := askTest(t)
	frame := wire.Frame{Checkpoint: 9, Changed: true, Fills: make([]wire.Fill, wire.MaxFrameFills), More: true}
	sealed, err := question.SealFrame(3, &frame)
	if err != nil || len(sealed) != wire.FrameSize {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	empty, err := question.SealFrame(4, &wire.Frame{})
	if err != nil || len(empty) != wire.FrameSize {
		t.Fatalf("an empty frame of %d bytes, %v", len(empty), err)
	}
	opened, err := answers.OpenFrame(3, sealed)
	if err != nil || opened.Checkpoint != 9 || len(opened.Fills) != wire.MaxFrameFills {
		t.Fatalf("got %+v, %v", opened, err)
	}
	if _, err := answers.OpenFrame(4, sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("a frame out of order: %v", err)
	}
	if _, err := answers.OpenFrame(3, sealed[1:]); !errors.Is(err, ErrSealed) {
		t.Errorf("a short frame: %v", err)
	}
	if _, err := question.SealFrame(0, &wire.Frame{Fills: make([]wire.Fill, wire.MaxFrameFills+1)}); err == nil {
		t.Error("an oversized frame is sealed")
	}
}
