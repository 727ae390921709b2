package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func subscribe(t *testing.T, client *Client, method string) *Subscription {
	t.Helper()
	s, err := client.Subscribe(context.Background(), method, "unsubscribe", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// next reads one notification, or fails after a while.
func next(t *testing.T, s *Subscription) (json.RawMessage, bool) {
	t.Helper()
	select {
	case notification, ok := <-s.Notifications():
		return notification, ok
	case <-time.After(5 * time.Second):
		t.Fatal("no notification came")
	}
	return nil, false
}

func expect(t *testing.T, s *Subscription, want ...string) {
	t.Helper()
	for _, text := range want {
		if got, ok := next(t, s); !ok || string(got) != text {
			t.Fatalf("notification %s, %v, want %s", got, ok, text)
		}
	}
}

func expectEnd(t *testing.T, s *Subscription, want error) {
	t.Helper()
	if got, ok := next(t, s); ok {
		t.Fatalf("notification %s after the end", got)
	}
	if !errors.Is(s.Err(), want) {
		t.Fatalf("ended with %v, want %v", s.Err(), want)
	}
}

func expectUnsubscribed(t *testing.T, n *node, want string) {
	t.Helper()
	select {
	case id := <-n.unsubscribed:
		if id != want {
			t.Errorf("unsubscribed %s, want %s", id, want)
		}
	case <-time.After(5 * time.Second):
		t.Error("the node was not told")
	}
}

func TestSubscription(t *testing.T) {
	n := newNode(t)
	client := dial(t, n.wsURL(), Options{})
	s := subscribe(t, client, "subscribe three")
	expect(t, s, "1", "2", "3")
	if s.Err() != nil {
		t.Errorf("while it lasts: %v", s.Err())
	}
	s.Close()
	s.Close()
	expectUnsubscribed(t, n, `"a1"`)
	expectEnd(t, s, nil)
	if err := client.Call(context.Background(), "echo", []any{1}, nil); err != nil {
		t.Error(err)
	}
}

// Notifications may overtake the answer that names their subscription.
func TestEarlyNotifications(t *testing.T) {
	n := newNode(t)
	s := subscribe(t, dial(t, n.wsURL(), Options{}), "subscribe by number")
	expect(t, s, "1", "2")
	s.Close()
	expectUnsubscribed(t, n, "77")
}

func TestConnectionLostDuringSubscription(t *testing.T) {
	client := dial(t, newNode(t).wsURL(), Options{})
	s := subscribe(t, client, "subscribe and hang up")
	expect(t, s, "1")
	expectEnd(t, s, ErrDisconnected)
	<-client.Done()
	if !errors.Is(client.Err(), ErrDisconnected) {
		t.Error(client.Err())
	}
	if err := client.Call(context.Background(), "echo", []any{1}, nil); !errors.Is(err, ErrDisconnected) {
		t.Errorf("a call afterwards: %v", err)
	}
	if _, err := client.Subscribe(context.Background(), "subscribe three", "unsubscribe", nil); !errors.Is(err, ErrDisconnected) {
		t.Errorf("a subscription afterwards: %v", err)
	}
}

func TestCloseEndsSubscriptions(t *testing.T) {
	client := dial(t, newNode(t).wsURL(), Options{})
	s := subscribe(t, client, "subscribe three")
	expect(t, s, "1", "2", "3")
	client.Close()
	expectEnd(t, s, ErrClosed)
}

func TestSlowSubscriber(t *testing.T) {
	n := newNode(t)
	client := dial(t, n.wsURL(), Options{QueueLength: 3})
	s := subscribe(t, client, "subscribe flood")
	expectUnsubscribed(t, n, `"f"`)
	expect(t, s, "1", "1", "1")
	expectEnd(t, s, ErrSlowSubscriber)
	if err := client.Call(context.Background(), "echo", []any{1}, nil); err != nil {
		t.Errorf("the connection suffers from one slow subscriber: %v", err)
	}
}

// A caller that gives up before the answer leaves no subscription at the node.
func TestAbandonedSubscribe(t *testing.T) {
	n := newNode(t)
	client := dial(t, n.wsURL(), Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.Subscribe(ctx, "subscribe late", "unsubscribe", nil); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	expectUnsubscribed(t, n, `"late"`)
}

func TestRefusedSubscriptions(t *testing.T) {
	client := dial(t, newNode(t).wsURL(), Options{})
	var refusal *Error
	if _, err := client.Subscribe(context.Background(), "subscribe refused", "unsubscribe", nil); !errors.As(err, &refusal) || refusal.Code != -32001 {
		t.Errorf("%v", err)
	}
	if _, err := client.Subscribe(context.Background(), "subscribe nonsense", "unsubscribe", nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("%v", err)
	}
	if _, err := client.Subscribe(context.Background(), "subscribe three", "unsubscribe", nil); err != nil {
		t.Error(err)
	}
	if _, err := client.Subscribe(context.Background(), "subscribe three", "unsubscribe", nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("one identifier for two subscriptions: %v", err)
	}
}

// A peer that accepts the connection and never answers anything is found out.
func TestSilentPeer(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer connection.CloseNow()
		<-release // reads nothing, so it answers no ping
	}))
	defer server.Close()
	defer close(release)
	client := dial(t, "ws"+strings.TrimPrefix(server.URL, "http"), Options{PingInterval: 20 * time.Millisecond})
	select {
	case <-client.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("a dead connection was not noticed")
	}
	if !errors.Is(client.Err(), ErrDisconnected) {
		t.Error(client.Err())
	}
}

// A peer that never completes the handshake does not hold up Dial.
func TestSilentListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, err = Dial(context.Background(), "ws://"+listener.Addr().String(), Options{Timeout: 50 * time.Millisecond})
	if !errors.Is(err, ErrConnect) {
		t.Errorf("%v", err)
	}
}
