package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

func TestCalls(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		client := dial(Options{})
		var bytes scale.HexBytes
		if err := client.Call(context.Background(), "echo", []any{scale.HexBytes{1, 0xab}}, &bytes); err != nil || string(bytes) != "\x01\xab" {
			t.Errorf("echo: %x, %v", bytes, err)
		}
		var optional *string
		if err := client.Call(context.Background(), "null", nil, &optional); err != nil || optional != nil {
			t.Errorf("null: %v, %v", optional, err)
		}
		if err := client.Call(context.Background(), "echo", []any{"dropped"}, nil); err != nil {
			t.Error(err)
		}
		var wrong int
		if err := client.Call(context.Background(), "echo", []any{"text"}, &wrong); !errors.Is(err, ErrMalformed) {
			t.Errorf("text for a number: %v", err)
		}
		if err := client.Call(context.Background(), "echo", []any{func() {}}, nil); err == nil {
			t.Error("a function was sent")
		}
		if err := client.Call(context.Background(), "echo", []any{1}, &wrong); err != nil || wrong != 1 {
			t.Errorf("the client is unusable afterwards: %v", err)
		}
	})
}

func TestNodeErrors(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		client := dial(Options{})
		var refusal *Error
		err := client.Call(context.Background(), "refuse", nil, nil)
		if !errors.As(err, &refusal) || refusal.Code != 1010 || string(refusal.Data) != `"Stale"` {
			t.Fatalf("%v", err)
		}
		for _, part := range []string{"refuse", "1010", "Invalid Transaction", "Stale"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not name %s", err, part)
			}
		}
		if err := client.Call(context.Background(), "unknown", nil, nil); !errors.As(err, &refusal) || refusal.Code != -32601 {
			t.Errorf("%v", err)
		}
		if err := client.Call(context.Background(), "unreadable", nil, nil); !errors.As(err, &refusal) || refusal.Code != -32700 {
			t.Errorf("%v", err)
		}
	})
}

func TestMalformedAnswers(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		for method := range brokenReplies {
			client := dial(Options{Timeout: 5 * time.Second})
			if err := client.Call(context.Background(), method, nil, nil); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", method, err)
			}
		}
	})
}

func TestSizeLimit(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		client := dial(Options{MaxResponse: 4096})
		if err := client.Call(context.Background(), "large", nil, nil); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%v", err)
		}
		if err := dial(Options{MaxResponse: 8192}).Call(context.Background(), "large", nil, nil); err != nil {
			t.Errorf("within the limit: %v", err)
		}
	})
}

func TestTimeouts(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		client := dial(Options{Timeout: 50 * time.Millisecond})
		if err := client.Call(context.Background(), "never", nil, nil); !errors.Is(err, ErrTimeout) {
			t.Errorf("the client's timeout: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(10*time.Millisecond, cancel)
		if err := client.Call(ctx, "never", nil, nil); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
			t.Errorf("the caller's cancellation: %v", err)
		}
		if err := client.Call(context.Background(), "echo", []any{1}, nil); err != nil {
			t.Errorf("the client is unusable afterwards: %v", err)
		}
	})
}

func TestHangUpAndClose(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		if err := dial(Options{}).Call(context.Background(), "hang up", nil, nil); err == nil || errors.Is(err, ErrTimeout) {
			t.Errorf("hang up: %v", err)
		}
		client := dial(Options{})
		if client.Err() != nil {
			t.Errorf("a fresh client: %v", client.Err())
		}
		client.Close()
		client.Close()
		<-client.Done()
		if err := client.Call(context.Background(), "echo", []any{1}, nil); !errors.Is(err, ErrClosed) || !errors.Is(client.Err(), ErrClosed) {
			t.Errorf("after Close: %v, %v", err, client.Err())
		}
	})
}

func TestManyCallsAtOnce(t *testing.T) {
	eachTransport(t, func(t *testing.T, dial func(Options) *Client) {
		client := dial(Options{})
		var callers sync.WaitGroup
		for i := range 50 {
			callers.Go(func() {
				var got int
				if err := client.Call(context.Background(), "echo", []any{i}, &got); err != nil || got != i {
					t.Errorf("call %d: %d, %v", i, got, err)
				}
			})
		}
		callers.Wait()
	})
}

func TestHTTPStatus(t *testing.T) {
	n := newNode(t)
	client := dial(t, n.httpURL(), Options{})
	err := client.Call(context.Background(), "forbidden", nil, nil)
	if !errors.Is(err, ErrStatus) || !strings.Contains(err.Error(), "429") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q", err)
	}
	if err := client.Call(context.Background(), "redirect", nil, nil); !errors.Is(err, ErrStatus) {
		t.Errorf("a redirect was followed: %v", err)
	}
	if _, err := client.Subscribe(context.Background(), "subscribe three", "unsubscribe", nil); !errors.Is(err, ErrNoSubscriptions) {
		t.Errorf("%v", err)
	}
}

func TestDialRefusals(t *testing.T) {
	n := newNode(t)
	n.Close()
	for url, want := range map[string]error{
		"":                        ErrURL,
		"127.0.0.1:9944":          ErrURL,
		"ftp://127.0.0.1":         ErrURL,
		"ws://user:secret@\x7f":   ErrURL,
		"ws://":                   ErrURL,
		n.wsURL():                 ErrConnect,
		"ws://user:secret@0.0.0.": ErrConnect,
	} {
		_, err := Dial(context.Background(), url, Options{Timeout: 5 * time.Second})
		if !errors.Is(err, want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
	client := dial(t, "http://user:secret@"+strings.TrimPrefix(n.URL, "http://"), Options{})
	if err := client.Call(context.Background(), "echo", []any{1}, nil); !errors.Is(err, ErrConnect) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestTooManyCalls(t *testing.T) {
	client := dial(t, newNode(t).wsURL(), Options{MaxCalls: 2, Timeout: 5 * time.Second})
	ctx, cancel := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	for range 2 {
		waiting.Go(func() { _ = client.Call(ctx, "never", nil, nil) })
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		w := client.transport.(*webSocket)
		w.lock.Lock()
		inFlight := len(w.calls)
		w.lock.Unlock()
		if inFlight == 2 || time.Now().After(deadline) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := client.Call(context.Background(), "echo", []any{1}, nil); !errors.Is(err, ErrTooManyCalls) {
		t.Errorf("%v", err)
	}
	cancel()
	waiting.Wait()
	if err := client.Call(context.Background(), "echo", []any{1}, nil); err != nil {
		t.Errorf("after the others gave up: %v", err)
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]Number{`"0x0"`: 0, `"0x1a"`: 26, `"0x001A"`: 26, `26`: 26, `"0xffffffffffffffff"`: 1<<64 - 1} {
		var n Number
		if err := json.Unmarshal([]byte(text), &n); err != nil || n != want {
			t.Errorf("%s: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{`""`, `"0x"`, `"26"`, `"0x1g"`, `"0x+1"`, `"0x-1"`, `"0x1_0"`, `-1`, `1.5`, `"0x10000000000000000"`, `null`, `{}`} {
		n := Number(7)
		if err := json.Unmarshal([]byte(text), &n); err == nil {
			t.Errorf("%s: read as %d", text, n)
		}
	}
	if encoded, err := json.Marshal(Number(26)); err != nil || string(encoded) != `"0x1a"` {
		t.Errorf("%s, %v", encoded, err)
	}
}

func FuzzMessage(f *testing.F) {
	for _, reply := range brokenReplies {
		f.Add([]byte(strings.ReplaceAll(reply, "ID", "1")))
	}
	f.Add([]byte(notice(`"a"`, "1")))
	f.Add([]byte(result(call{ID: json.RawMessage("1")}, "null")))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &webSocket{
			lastID:        2,
			calls:         map[uint64]*pendingCall{1: {answer: make(chan answer, 1)}},
			subscriptions: map[string]*Subscription{},
		}
		if err := w.handle(data); err != nil && len(err.Error()) > 10*maxErrorText {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}
