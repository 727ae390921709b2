package jsonrpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func dial(t *testing.T, server *Server, header http.Header) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	connection, _, err := websocket.Dial(ctx, "ws://"+server.Address(), &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		t.Fatal(err)
	}
	connection.SetReadLimit(64 << 20)
	t.Cleanup(func() { _ = connection.CloseNow() })
	return connection
}

func send(t *testing.T, connection *websocket.Conn, text string) {
	t.Helper()
	if err := connection.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, connection *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, message, err := connection.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

func subscribe(t *testing.T, connection *websocket.Conn, limit int) string {
	t.Helper()
	send(t, connection, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"count_subscribe","params":[%d]}`, limit))
	var answer struct{ Result string }
	if err := json.Unmarshal([]byte(receive(t, connection)), &answer); err != nil || answer.Result == "" {
		t.Fatalf("no subscription: %v", err)
	}
	return answer.Result
}

func TestSubscriptions(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxSubscriptions = 2 })
	connection := dial(t, server, nil)
	id := subscribe(t, connection, 2) // the id comes before the first result
	want := `{"jsonrpc":"2.0","method":"count_item","params":{"subscription":"` + id + `","result":"x`
	for range 2 {
		if got := receive(t, connection); !strings.HasPrefix(got, want) {
			t.Fatalf("got %.200s", got)
		}
	}
	subscribe(t, connection, 0)
	send(t, connection, `{"jsonrpc":"2.0","id":2,"method":"count_subscribe","params":[0]}`)
	if got := receive(t, connection); !strings.Contains(got, "-32006") {
		t.Errorf("a third subscription: %s", got)
	}
	for _, step := range []struct{ id, want string }{{id, "true"}, {id, "false"}, {"nonsense", "false"}} {
		send(t, connection, `{"jsonrpc":"2.0","id":3,"method":"count_unsubscribe","params":["`+step.id+`"]}`)
		if got := receive(t, connection); got != `{"jsonrpc":"2.0","id":3,"result":`+step.want+`}` {
			t.Errorf("unsubscribe %s: %s", step.id, got)
		}
	}
	send(t, connection, `{"jsonrpc":"2.0","id":4,"method":"count_subscribe","params":["many"]}`)
	if got := receive(t, connection); !strings.Contains(got, "-32602") {
		t.Errorf("refused parameters: %s", got)
	}
	subscribe(t, connection, 0) // the place is free again
}

func TestSlowReaderIsDisconnected(t *testing.T) {
	refused := make(chan string, 16)
	limits := DefaultLimits()
	limits.MaxQueued, limits.MaxResponseBytes, limits.MaxQueuedBytes = 100, 10_000, 100_000
	server, err := NewServer(Options{Registry: echoRegistry(), Limits: &limits, Observer: refusals{reasons: refused}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Close(5 * time.Second)
	connection := dial(t, server, nil)
	send(t, connection, `{"jsonrpc":"2.0","id":1,"method":"count_subscribe","params":[-1]}`) // for ever, and nobody reads
	select {
	case reason := <-refused:
		if reason != "slow_reader" {
			t.Errorf("reason %q", reason)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the slow reader is still connected")
	}
}

type refusals struct {
	Unobserved
	reasons chan string
}

func (r refusals) ConnectionRefused(reason string) { r.reasons <- reason }

// Answers are held back, not dropped, when a client sends more calls than it reads answers.
func TestAnswersWaitForTheReader(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxQueued = 4 })
	connection := dial(t, server, nil)
	const calls = 2000
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := range calls {
			text := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"echo","params":["%s"]}`, i, strings.Repeat("y", 2000))
			if connection.Write(context.Background(), websocket.MessageText, []byte(text)) != nil {
				return
			}
		}
	})
	time.Sleep(50 * time.Millisecond)
	for i := range calls {
		if got := receive(t, connection); !strings.HasPrefix(got, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result"`, i)) {
			t.Fatalf("answer %d: %.80s", i, got)
		}
	}
	sending.Wait()
}

func TestCloseEndsSessions(t *testing.T) {
	server := startServer(t, nil)
	connection := dial(t, server, nil)
	subscribe(t, connection, 0)
	if err := server.Close(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, _, err := connection.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the session outlived the server: %v", err)
	}
	if _, err := net.DialTimeout("tcp", server.Address(), time.Second); err == nil {
		t.Error("the port is still open")
	}
}

func TestOversizedMessageClosesTheSession(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxRequestBytes = 1000 })
	connection := dial(t, server, nil)
	send(t, connection, strings.Repeat(" ", 2000))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, _, err := connection.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("closed with %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	if _, err := NewServer(Options{}); err == nil {
		t.Error("a server without methods")
	}
	limits := DefaultLimits()
	limits.MaxBatch = 0
	if _, err := NewServer(Options{Registry: NewRegistry(), Limits: &limits}); !errors.Is(err, ErrLimits) {
		t.Errorf("a zero limit: %v", err)
	}
}

func TestRegistryRefusesDuplicates(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a name was registered twice")
		}
	}()
	echoRegistry().Method("echo", nil)
}
