package worker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
	"github.com/bitcloak/bitcloak/worker/api"
)

// subscription is a wallet's end of a stream.
type subscription struct {
	connection *websocket.Conn
	opener     *seal.AnswerOpener
	number     uint64
}

func (tr *trader) subscribe(w *worker.Worker) *subscription {
	tr.t.Helper()
	request, opener, err := tr.key().Query(tr.account(), tr.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		tr.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	connection, _, err := websocket.Dial(ctx, "ws://"+w.Address().String()+"/v1/stream", nil)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.t.Cleanup(func() { _ = connection.CloseNow() })
	if err := connection.Write(ctx, websocket.MessageBinary, request); err != nil {
		tr.t.Fatal(err)
	}
	return &subscription{connection: connection, opener: opener}
}

func (s *subscription) next(t *testing.T) (wire.Frame, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, sealed, err := s.connection.Read(ctx)
	if err != nil {
		return wire.Frame{}, err
	}
	if len(sealed) != wire.FrameSize {
		t.Fatalf("a frame of %d bytes", len(sealed))
	}
	frame, err := s.opener.OpenFrame(s.number, sealed)
	if err != nil {
		t.Fatal(err)
	}
	s.number++
	return frame, nil
}

// TestStream: every subscriber gets one frame a checkpoint, of one size, and only
// its own fills (I7, I8).
func TestStream(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, b := opened(t, s)
	idle := newTrader(t, n, "Charlie")
	n.produce(envelopes(idle.open())...)
	s.commitAll(t, w)
	streams := map[string]*subscription{"a": a.subscribe(w), "b": b.subscribe(w), "idle": idle.subscribe(w)}
	time.Sleep(50 * time.Millisecond) // the requests are taken
	first := n.checkpoints()
	n.produce(envelopes(a.place(1, wire.Sell, 100, 30), b.place(1, wire.Buy, 100, 20))...)
	n.produce(n.deposit(a.account(), 1, 5))
	for name, stream := range streams {
		for i := range uint64(2) {
			frame, err := stream.next(t)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			changed := name != "idle" && i == 0 || name == "a"
			fills := 0
			if name != "idle" && i == 0 {
				fills = 1
			}
			if frame.Checkpoint != first+i || frame.Changed != changed || len(frame.Fills) != fills || frame.More {
				t.Errorf("%s: frame %d is %+v", name, i, frame)
			}
		}
	}
	s.commitAll(t, w)

	n.produce(envelopes(a.command(wire.Command{Kind: wire.CommandCloseSession}))...)
	var reason websocket.CloseError
	if _, err := streams["a"].next(t); !errors.As(err, &reason) || reason.Code != websocket.StatusPolicyViolation {
		t.Errorf("after the session's end: %v", err)
	}
	if frame, err := streams["b"].next(t); err != nil || frame.Changed {
		t.Errorf("another's frame: %+v, %v", frame, err)
	}
}

// TestSlowSubscriber: frames beyond the queue end the stream, and hold up nobody.
func TestSlowSubscriber(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, _ := opened(t, s)
	s.commitAll(t, w)
	request, _, err := a.key().Query(a.account(), a.session.QueryKey(), &wire.Query{Kind: wire.QueryBalances})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := w.Subscribe(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for range 300 {
		n.produce(n.deposit(a.account(), 1, 1))
	}
	s.commitAll(t, w)
	frames := 0
	for {
		if _, err := stream.Next(t.Context()); errors.Is(err, api.ErrSlow) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if frames++; frames > 300 {
			t.Fatal("a slow subscriber was not dropped")
		}
	}
	if frames != 256 {
		t.Errorf("%d frames before the end, want those of the queue", frames)
	}
}

// TestRefusedQueries: an unknown account, one without a session, and a wrong mac
// get one and the same sealed answer.
func TestRefusedQueries(t *testing.T) {
	n := newNetwork(t, nil)
	s := newSite(t, n)
	w := s.start(t)
	a, _ := opened(t, s)
	n.produce(n.deposit(newTrader(t, n, "Dave").account(), 1, 5))
	s.commitAll(t, w)
	var bodies []wire.AnswerBody
	var sizes []int
	for _, asking := range []struct {
		name string
		key  [32]byte
	}{{"Eve", [32]byte{1}}, {"Dave", [32]byte{2}}, {"Alice", [32]byte{3}}} {
		tr := newTrader(t, n, asking.name)
		request, opener, err := tr.key().Query(tr.account(), asking.key, &wire.Query{Kind: wire.QueryBalances})
		if err != nil {
			t.Fatal(err)
		}
		status, sealed := postQuery(t, w, request)
		if status != 200 {
			t.Fatalf("%s: %d %s", asking.name, status, sealed)
		}
		answer, err := opener.OpenAnswer(sealed)
		if err != nil {
			t.Fatal(err)
		}
		bodies, sizes = append(bodies, answer.Body), append(sizes, len(sealed))
		if _, err := w.Subscribe(t.Context(), request); !errors.Is(err, api.ErrRefused) {
			t.Errorf("%s: a stream: %v", asking.name, err)
		}
	}
	for i := range bodies {
		if bodies[i].Kind != wire.AnswerRefused || bodies[i].Reason == "" || bodies[i].Reason != bodies[0].Reason || sizes[i] != sizes[0] {
			t.Errorf("refusal %d: %+v, %d bytes", i, bodies[i], sizes[i])
		}
	}
	garbage := make([]byte, wire.QueryRequestSize)
	if status, body := postQuery(t, w, garbage); status != 400 {
		t.Errorf("garbage: %d %s", status, body)
	}
	if body := a.query(w, wire.Query{Kind: wire.QueryBalances}); body.Kind != wire.QueryBalances {
		t.Errorf("the owner's question: %+v", body)
	}
}
