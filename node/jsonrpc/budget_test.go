package jsonrpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestBudgetShares(t *testing.T) {
	b := newBudget(1000)
	if !b.take("10.0.0.1", 250) || b.take("10.0.0.1", 1) {
		t.Error("an address has a quarter")
	}
	if !b.take("127.0.0.1", 700) {
		t.Error("a proxy on this machine has no share of its own")
	}
	if b.take("10.0.0.2", 51) || !b.take("10.0.0.2", 50) {
		t.Error("all together have the limit")
	}
	for host, n := range map[string]int{"10.0.0.1": 250, "127.0.0.1": 700, "10.0.0.2": 50} {
		b.give(host, n)
	}
	if b.used != 0 || len(b.byHost) != 0 {
		t.Errorf("%d bytes and %d addresses are left", b.used, len(b.byHost))
	}
}

func TestChargeReadsNoFasterThanBytesCome(t *testing.T) {
	b := newBudget(1 << 20)
	held := charge{budget: b, host: "127.0.0.1", free: 8 << 10}
	if body, err := held.readAll(strings.NewReader("short"), 100); err != nil || string(body) != "short" {
		t.Errorf("%q, %v", body, err)
	}
	if b.used != 0 {
		t.Errorf("%d bytes of a short body were charged", b.used)
	}
	if _, err := held.readAll(strings.NewReader(strings.Repeat("x", 101)), 100); !errors.Is(err, errTooLarge) {
		t.Errorf("one byte too many: %v", err)
	}
	if body, err := held.readAll(strings.NewReader(strings.Repeat("x", 1<<19)), 1<<20); err != nil || len(body) != 1<<19 {
		t.Errorf("half a mebibyte: %d, %v", len(body), err)
	}
	if b.used < 1<<19-8<<10 {
		t.Errorf("only %d bytes were charged", b.used)
	}
	if _, err := held.readAll(strings.NewReader(strings.Repeat("x", 2<<20)), 4<<20); !errors.Is(err, errBudget) {
		t.Errorf("beyond the budget: %v", err)
	}
	held.hold(0)
	if b.used != 0 {
		t.Errorf("%d bytes are left", b.used)
	}
}

// Bodies that come slowly hold the budget; who asks for little is served all the same, and so are all when they are gone.
func TestHugeBodiesDoNotKeepOthersOut(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxHeldBytes = 1 << 20 })
	var open []net.Conn
	for range 3 {
		connection, err := net.Dial("tcp", server.Address())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, connection)
		fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 800000\r\n\r\n")
		_ = connection.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		_, _ = connection.Write([]byte(strings.Repeat(" ", 700_000)))
	}
	waitFor(t, func() bool {
		server.budget.mutex.Lock()
		defer server.budget.mutex.Unlock()
		return server.budget.used > 1<<19
	})
	const small = `{"jsonrpc":"2.0","id":1,"method":"echo","params":["hi"]}`
	if status, out := post(t, server, small); status != 200 || !strings.Contains(out, "hi") {
		t.Errorf("a small call: %d %s", status, out)
	}
	large := `{"jsonrpc":"2.0","id":1,"method":"echo","params":["` + strings.Repeat("x", 900_000) + `"]}`
	if status, out := post(t, server, large); status != 503 || !strings.Contains(out, "-32009") {
		t.Errorf("a large call: %d %.100s", status, out)
	}
	for _, connection := range open {
		_ = connection.Close()
	}
	waitFor(t, func() bool {
		server.budget.mutex.Lock()
		defer server.budget.mutex.Unlock()
		return server.budget.used == 0
	})
	if status, out := post(t, server, large); status != 200 {
		t.Errorf("a large call afterwards: %d %.100s", status, out)
	}
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
	}
}

// A WebSocket message that never ends is given up like an HTTP body.
func TestSlowMessageEndsTheSession(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.BodyTimeout = 100 * time.Millisecond })
	connection := dial(t, server, nil)
	time.Sleep(200 * time.Millisecond) // saying nothing is no offence
	send(t, connection, `{"jsonrpc":"2.0","id":1,"method":"null"}`)
	receive(t, connection)
	writer, err := connection.Writer(context.Background(), websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write([]byte(strings.Repeat(" ", 10_000))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, _, err := connection.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the session goes on: %v", err)
	}
}

func TestAllSubscriptionsAreBounded(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxAllSubscriptions = 3 })
	first, second := dial(t, server, nil), dial(t, server, nil)
	subscribe(t, first, 0)
	subscribe(t, first, 0)
	id := subscribe(t, second, 0)
	waitFor(t, func() bool { return server.streams.Load() == 3 })
	send(t, second, `{"jsonrpc":"2.0","id":2,"method":"count_subscribe","params":[0]}`)
	if got := receive(t, second); !strings.Contains(got, "-32006") {
		t.Errorf("a fourth subscription: %s", got)
	}
	send(t, second, `{"jsonrpc":"2.0","id":3,"method":"count_unsubscribe","params":["`+id+`"]}`)
	receive(t, second)
	waitFor(t, func() bool { return server.streams.Load() == 2 })
	subscribe(t, second, 0)
	_ = first.CloseNow()
	waitFor(t, func() bool { return server.streams.Load() == 1 })
}

// A client with many subscriptions gets no more results a second than one may have, and loses none.
func TestResultsComeAtTheirPace(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.NotificationsPerSecond = 50 })
	connection := dial(t, server, nil)
	subscribe(t, connection, 100)
	began := time.Now()
	for range 100 {
		receive(t, connection)
	}
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("100 results at 50 a second, 50 of them at once, in %v", took)
	}
}

// Calls beyond those that may run at once wait, and are refused when their time is over.
func TestConcurrentCallsAreBounded(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxConcurrentCalls, l.CallTimeout = 1, 300*time.Millisecond })
	answers := make(chan string, 2)
	for range 2 {
		go func() {
			_, out := post(t, server, `{"jsonrpc":"2.0","id":1,"method":"busy"}`)
			answers <- out
		}()
	}
	if refused, answered := <-answers, <-answers; !strings.Contains(refused, "-32009") || strings.Contains(answered, "error") {
		t.Errorf("got %s and %s", refused, answered)
	}
	if status, out := post(t, server, `{"jsonrpc":"2.0","id":1,"method":"null"}`); status != 200 || !strings.Contains(out, "null") {
		t.Errorf("afterwards: %d %s", status, out)
	}
}

// A batch's answers wait for each other, and are held meanwhile: what the budget has no room for is refused, whatever one address does.
func TestAnswersOfABatchAreHeld(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxHeldBytes = 1 << 20 })
	one := `{"jsonrpc":"2.0","id":1,"method":"echo","params":["` + strings.Repeat("x", 100_000) + `"]}`
	if !server.budget.take("10.0.0.1", 1<<18) || !server.budget.take("10.0.0.2", 1<<18) {
		t.Fatal("others have no room")
	}
	held := charge{budget: server.budget, host: "10.0.0.3", free: freeRequestBytes}
	from := caller{limiter: server.calls.of("10.0.0.3"), held: &held}
	out, _ := server.answer(t.Context(), from, []byte("["+strings.Repeat(one+",", 4)+one+"]"))
	served, refused := strings.Count(string(out), "xxx\""), strings.Count(string(out), "-32009")
	if served != 3 || refused != 2 { // a quarter of the budget, and what is free
		t.Errorf("%d answers, %d refused", served, refused)
	}
	if held.held < 300_000 || server.budget.used < 2<<18+200_000 {
		t.Errorf("%d bytes held, %d charged in all", held.held, server.budget.used)
	}
	held.hold(0)
	if server.budget.used != 2<<18 {
		t.Errorf("%d bytes are left", server.budget.used)
	}
}
