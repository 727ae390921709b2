package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// echoRegistry offers a method of each kind.
func echoRegistry() *Registry {
	r := NewRegistry()
	r.Method("echo", func(_ context.Context, p Params) (any, error) {
		var text string
		var twice bool
		if err := p.Decode(1, &text, &twice); err != nil {
			return nil, err
		}
		if twice {
			text += text
		}
		return text, nil
	}, "echoAlias")
	r.Method("fail", func(context.Context, Params) (any, error) {
		return nil, &Error{Code: 1010, Message: "Invalid Transaction", Data: "because"}
	})
	r.Method("plainError", func(context.Context, Params) (any, error) { return nil, errors.New("disk on fire") })
	r.Method("panics", func(context.Context, Params) (any, error) { panic("bug") })
	r.Method("null", func(context.Context, Params) (any, error) { return nil, nil })
	r.Method("slow", func(ctx context.Context, _ Params) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	r.Method("busy", func(context.Context, Params) (any, error) { time.Sleep(500 * time.Millisecond); return nil, nil })
	r.Subscription("count_subscribe", "count_item", "count_unsubscribe", func(_ context.Context, p Params) (Stream, error) {
		limit := 0
		if err := p.Decode(1, &limit); err != nil {
			return nil, err
		}
		return func(ctx context.Context, sink *Sink) {
			for i := 0; i < limit || limit < 0; i++ {
				if sink.Send(strings.Repeat("x", 1000)) != nil {
					return
				}
			}
			<-ctx.Done()
		}, nil
	})
	r.SubscriptionAlias("count_subscribe", "count_subscribeAlias", "count_unsubscribeAlias")
	return r
}

func startServer(t *testing.T, change func(*Limits, *Access)) *Server {
	t.Helper()
	limits, access := DefaultLimits(), DefaultAccess()
	if change != nil {
		change(&limits, &access)
	}
	server, err := NewServer(Options{Registry: echoRegistry(), Limits: &limits, Access: &access})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(5 * time.Second); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return server
}

func post(t *testing.T, server *Server, body string) (int, string) {
	t.Helper()
	answer, err := http.Post("http://"+server.Address(), "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	out, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(out)
}

func TestAnswersOverHTTP(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxBatch, l.CallTimeout = 3, 200*time.Millisecond })
	const head = `{"jsonrpc":"2.0","id":`
	for name, test := range map[string]struct{ body, want string }{
		"result":            {head + `1,"method":"echo","params":["hi"]}`, head + `1,"result":"hi"}`},
		"optional":          {head + `"a","method":"echo","params":["hi",true]}`, head + `"a","result":"hihi"}`},
		"alias":             {head + `1,"method":"echoAlias","params":["hi",null]}`, head + `1,"result":"hi"}`},
		"null result":       {head + `1,"method":"null"}`, head + `1,"result":null}`},
		"null id":           {head + `null,"method":"null"}`, head + `null,"result":null}`},
		"notification":      {`{"jsonrpc":"2.0","method":"null"}`, ``},
		"own error":         {head + `1,"method":"fail"}`, head + `1,"error":{"code":1010,"message":"Invalid Transaction","data":"because"}}`},
		"plain error":       {head + `1,"method":"plainError"}`, head + `1,"error":{"code":-32603,"message":"Internal error","data":"disk on fire"}}`},
		"panic":             {head + `1,"method":"panics"}`, `"code":-32603`},
		"timeout":           {head + `1,"method":"slow"}`, `took too long`},
		"unknown":           {head + `1,"method":"nope"}`, head + `1,"error":{"code":-32601,"message":"Method not found"}}`},
		"missing param":     {head + `1,"method":"echo","params":[]}`, `"code":-32602,"message":"Invalid params","data":"parameter 0 is missing"`},
		"wrong param":       {head + `1,"method":"echo","params":[5]}`, `"code":-32602`},
		"too many":          {head + `1,"method":"echo","params":["a",true,1]}`, `"code":-32602`},
		"named params":      {head + `1,"method":"echo","params":{"text":"a"}}`, `"code":-32602`},
		"not JSON":          {`{"jsonrpc"`, head + `null,"error":{"code":-32700,"message":"Parse error"}}`},
		"empty":             {` `, `"code":-32700`},
		"trailing":          {head + `1,"method":"null"} x`, `"code":-32700`},
		"wrong version":     {`{"jsonrpc":"1.0","id":7,"method":"null"}`, head + `7,"error":{"code":-32600,"message":"Invalid request"}}`},
		"object id":         {`{"jsonrpc":"2.0","id":{},"method":"null"}`, head + `null,"error":{"code":-32600`},
		"number":            {`5`, `"code":-32600`},
		"batch":             {`[` + head + `1,"method":"null"},` + head + `2,"method":"nope"}]`, `[` + head + `1,"result":null},` + head + `2,"error":{"code":-32601,"message":"Method not found"}}]`},
		"batch with a hole": {`[1,` + head + `2,"method":"null"}]`, head + `2,"result":null}]`},
		"empty batch":       {`[]`, `"code":-32600`},
		"large batch":       {`[1,1,1,1]`, `"code":-32010`},
		"broken batch":      {`[1,`, `"code":-32700`},
		"batch, trailing":   {`[1] 2`, `"code":-32700`},
		"no subscriptions":  {head + `1,"method":"count_subscribe","params":[1]}`, `"code":-32601`},
	} {
		if _, got := post(t, server, test.body); !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %s\n got %s\nwant %s", name, test.body, got, test.want)
		}
	}
}

func TestMethodsAreListed(t *testing.T) {
	server := startServer(t, nil)
	_, body := post(t, server, `{"jsonrpc":"2.0","id":1,"method":"rpc_methods"}`)
	var answer struct{ Result struct{ Methods []string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	names := answer.Result.Methods
	if !slices.IsSorted(names) || !slices.Contains(names, "count_unsubscribeAlias") || !slices.Contains(names, "rpc_methods") {
		t.Errorf("rpc_methods = %v", names)
	}
}

func TestSizeLimits(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxRequestBytes, l.MaxResponseBytes = 300, 100 })
	status, body := post(t, server, `{"jsonrpc":"2.0","id":1,"method":"echo","params":["`+strings.Repeat("x", 300)+`"]}`)
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "-32007") {
		t.Errorf("oversized request: %d %s", status, body)
	}
	_, body = post(t, server, `{"jsonrpc":"2.0","id":1,"method":"echo","params":["`+strings.Repeat("x", 120)+`"]}`)
	if !strings.Contains(body, "-32008") {
		t.Errorf("oversized response: %s", body)
	}
	small := `{"jsonrpc":"2.0","id":1,"method":"echo","params":["` + strings.Repeat("x", 60) + `"]}`
	if _, body = post(t, server, `[`+small+`,`+small+`]`); strings.Count(body, "-32008") != 1 {
		t.Errorf("a batch's answers share one limit: %s", body)
	}
}

func TestRateLimit(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.CallsPerSecond, l.CallBurst = 0.001, 2 })
	one := `{"jsonrpc":"2.0","id":1,"method":"null"}`
	for i, want := range []string{`"result":null`, `"result":null`, `-32999`} {
		if _, body := post(t, server, one); !strings.Contains(body, want) {
			t.Errorf("call %d: %s", i, body)
		}
	}
	connection := dial(t, server, nil)
	send(t, connection, `[`+one+`,`+one+`,`+one+`]`)
	if got := receive(t, connection); strings.Count(got, "-32999") != 3 {
		t.Errorf("a batch above the burst: %s", got)
	}
}

func TestBucketsAreBounded(t *testing.T) {
	b := newBuckets(1, 5)
	for i := range maxBuckets + 10 {
		b.of(fmt.Sprint("host ", i)).AllowN(time.Now(), 5)
	}
	if len(b.byHost) > maxBuckets {
		t.Errorf("%d buckets", len(b.byHost))
	}
	if b.of("one more") != b.shared {
		t.Error("no shared bucket for newcomers")
	}
	b.forgetFull(time.Now().Add(time.Minute))
	if len(b.byHost) != 0 {
		t.Errorf("%d refilled buckets are kept", len(b.byHost))
	}
}

func TestConnectionLimits(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxConnections = 2 })
	first := dial(t, server, nil)
	dial(t, server, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, _, err := websocket.Dial(ctx, "ws://"+server.Address(), nil); err == nil {
		t.Error("a third connection was accepted")
	}
	_ = first.CloseNow()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, _, err := websocket.Dial(ctx, "ws://"+server.Address(), nil); err == nil {
			_ = c.CloseNow()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the freed place is not given again")
		}
	}
}

func TestConnectionLimitPerAddress(t *testing.T) {
	server := startServer(t, func(l *Limits, _ *Access) { l.MaxConnectionsPerIP = 1 })
	listener := newLimitedListener(nil, server)
	if reason := listener.admit("192.0.2.1"); reason != "" {
		t.Errorf("first: %s", reason)
	}
	if reason := listener.admit("192.0.2.1"); reason != "connections_per_ip" {
		t.Errorf("second of the same address: %q", reason)
	}
	if reason := listener.admit("192.0.2.2"); reason != "" {
		t.Errorf("another address: %s", reason)
	}
	listener.release("192.0.2.1")
	if reason := listener.admit("192.0.2.1"); reason != "" {
		t.Errorf("after a release: %s", reason)
	}
}

func TestAccess(t *testing.T) {
	server := startServer(t, func(_ *Limits, a *Access) { a.Hosts = []string{"node.example", "*.pool.example"} })
	for name, test := range map[string]struct {
		host, origin, kind string
		want               int
	}{
		"no page":         {"", "", "application/json", 200},
		"local page":      {"", "http://localhost:3000", "application/json", 200},
		"polkadot.js":     {"", "https://polkadot.js.org", "application/json", 200},
		"foreign page":    {"", "https://evil.example", "application/json", 403},
		"look-alike":      {"", "http://localhost.evil.example:3000", "application/json", 403},
		"rebound name":    {"evil.example:9944", "", "application/json", 403},
		"allowed name":    {"node.example:9944", "", "application/json", 200},
		"allowed pattern": {"a.pool.example", "", "application/json", 200},
		"address":         {"192.0.2.1:9944", "", "application/json", 200},
		"address, v6":     {"[::1]:9944", "", "application/json", 200},
		"form":            {"", "", "text/plain", 415},
	} {
		request, _ := http.NewRequest(http.MethodPost, "http://"+server.Address(), strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"null"}`))
		request.Header.Set("Content-Type", test.kind)
		if test.host != "" {
			request.Host = test.host
		}
		if test.origin != "" {
			request.Header.Set("Origin", test.origin)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("%s: status %d, want %d", name, answer.StatusCode, test.want)
		}
		if allowed := answer.Header.Get("Access-Control-Allow-Origin"); test.want == 200 && allowed != test.origin {
			t.Errorf("%s: allowed origin %q", name, allowed)
		}
	}
	ctx := context.Background()
	_, _, err := websocket.Dial(ctx, "ws://"+server.Address(), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil {
		t.Error("a foreign page opened a WebSocket")
	}
	if answer, err := http.Get("http://" + server.Address() + "/health"); err != nil || answer.StatusCode != 200 {
		t.Errorf("health: %v %v", answer, err)
	}
	if answer, err := http.Get("http://" + server.Address()); err != nil || answer.StatusCode != 405 {
		t.Errorf("GET: %v %v", answer, err)
	}
	preflight, _ := http.NewRequest(http.MethodOptions, "http://"+server.Address(), nil)
	if answer, err := http.DefaultClient.Do(preflight); err != nil || answer.StatusCode != 204 {
		t.Errorf("preflight: %v %v", answer, err)
	}
}

func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{`{"jsonrpc":"2.0","id":1,"method":"a","params":[1,"b",null]}`, `[{"jsonrpc":"2.0","id":"x","method":"a"},5]`,
		`[]`, `[[[[`, `{"id":{}}`, ` [1,`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		decoded, fault := decodeRequest(body, 8)
		if fault != nil {
			return
		}
		if len(decoded.calls) == 0 || len(decoded.calls) > 8 {
			t.Fatalf("%d calls", len(decoded.calls))
		}
		for _, p := range decoded.calls {
			answer := encodeResponse(p.call.ID, "x", p.fault, 1000)
			if !json.Valid(answer) || bytes.ContainsRune(answer, '\n') {
				t.Fatalf("answer %q", answer)
			}
			if p.fault == nil {
				if params, fault := decodeParams(p.call.Params, 4); fault == nil && params.Len() > 4 {
					t.Fatal("too many parameters")
				}
			}
		}
	})
}
