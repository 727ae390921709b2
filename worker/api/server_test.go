package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker/api"
)

// fakeService answers with what its functions say.
type fakeService struct {
	status    api.Status
	query     func(ctx context.Context, request []byte) ([]byte, error)
	subscribe func(ctx context.Context, request []byte) (api.Stream, error)
	handover  func(ctx context.Context, request []byte) ([]byte, error)
}

func (f *fakeService) Status() api.Status { return f.status }

func (f *fakeService) Query(ctx context.Context, request []byte) ([]byte, error) {
	return f.query(ctx, request)
}

func (f *fakeService) Subscribe(ctx context.Context, request []byte) (api.Stream, error) {
	return f.subscribe(ctx, request)
}

func (f *fakeService) Handover(ctx context.Context, request []byte) ([]byte, error) {
	return f.handover(ctx, request)
}

// channelStream gives frames from a channel.
type channelStream struct {
	frames chan []byte
	ended  error // when frames is closed
	closed atomic.Bool
}

func (s *channelStream) Next(ctx context.Context) ([]byte, error) {
	select {
	case frame, open := <-s.frames:
		if !open {
			return nil, s.ended
		}
		return frame, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *channelStream) Close() { s.closed.Store(true) }

// serve starts a server and gives its address.
func serve(t *testing.T, service api.Service, change func(*api.Config)) string {
	t.Helper()
	address, server := serveAndKeep(t, service, change)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return address
}

func serveAndKeep(t *testing.T, service api.Service, change func(*api.Config)) (string, *api.Server) {
	t.Helper()
	metrics, err := api.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	config := api.Config{Service: service, Limits: api.DefaultLimits(), Origins: []string{"*"}, Log: slog.New(slog.DiscardHandler), Metrics: metrics}
	if change != nil {
		change(&config)
	}
	server, err := api.New(config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String(), server
}

func request(fill byte) []byte { return bytes.Repeat([]byte{fill}, wire.QueryRequestSize) }

func post(t *testing.T, address string, body []byte) (int, []byte) {
	t.Helper()
	response, err := http.Post("http://"+address+"/v1/query", "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

func TestQuery(t *testing.T) {
	service := &fakeService{query: func(_ context.Context, request []byte) ([]byte, error) {
		switch request[0] {
		case 1:
			return []byte("sealed"), nil
		case 2:
			return nil, api.ErrUnreadable
		case 3:
			return nil, api.ErrNotReady
		default:
			return nil, errors.New("inner detail")
		}
	}}
	address := serve(t, service, nil)
	for _, test := range []struct {
		name   string
		body   []byte
		status int
		want   string
	}{
		{"answered", request(1), 200, "sealed"},
		{"unreadable", request(2), 400, "does not open"},
		{"not ready", request(3), 503, "catching up"},
		{"failed", request(4), 500, "try again later"},
		{"short", request(1)[1:], 400, "exactly 1536"},
		{"long", append(request(1), 0), 400, "exactly 1536"},
		{"empty", nil, 400, "exactly 1536"},
	} {
		status, answer := post(t, address, test.body)
		if status != test.status || !strings.Contains(string(answer), test.want) {
			t.Errorf("%s: %d %q, want %d %q", test.name, status, answer, test.status, test.want)
		}
		if strings.Contains(string(answer), "inner detail") {
			t.Errorf("%s: an inner error was shown: %q", test.name, answer)
		}
		var refusal map[string]string
		if test.status != 200 && (json.Unmarshal(answer, &refusal) != nil || len(refusal) != 1 || refusal["error"] == "") {
			t.Errorf("%s: the refusal has another shape: %q", test.name, answer)
		}
	}
}

func TestStatusAndHealth(t *testing.T) {
	service := &fakeService{status: api.Status{Worker: "0x01", Checkpoint: &api.Checkpoint{Index: 7}}}
	address := serve(t, service, nil)
	get := func(path string) (int, map[string]any) {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var decoded map[string]any
		if err := json.NewDecoder(response.Body).Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, decoded
	}
	if code, status := get("/v1/status"); code != 200 || status["worker"] != "0x01" || status["checkpoint"].(map[string]any)["index"] != 7.0 || status["committed"] != nil {
		t.Errorf("status %d %v", code, status)
	}
	if code, _ := get("/healthz"); code != 503 {
		t.Errorf("health of a worker that is not ready: %d", code)
	}
	service.status.Ready = true
	if code, _ := get("/healthz"); code != 200 {
		t.Errorf("health of a ready worker: %d", code)
	}
	if code, refusal := get("/v2/query"); code != 404 || refusal["error"] == nil {
		t.Errorf("an unknown path: %d %v", code, refusal)
	}
}

func TestOrigins(t *testing.T) {
	address := serve(t, &fakeService{}, func(c *api.Config) { c.Origins = []string{"https://trade.example"} })
	call := func(method, origin string) *http.Response {
		r, err := http.NewRequest(method, "http://"+address+"/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	if r := call("GET", "https://trade.example"); r.StatusCode != 200 || r.Header.Get("Access-Control-Allow-Origin") != "https://trade.example" {
		t.Errorf("an allowed origin: %d %v", r.StatusCode, r.Header)
	}
	if r := call("OPTIONS", "https://trade.example"); r.StatusCode != 204 || !strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight: %d %v", r.StatusCode, r.Header)
	}
	if r := call("GET", "https://evil.example"); r.StatusCode != 403 || r.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %d %v", r.StatusCode, r.Header)
	}
}

func TestRateLimit(t *testing.T) {
	address := serve(t, &fakeService{}, func(c *api.Config) { c.Limits.RequestBurst, c.Limits.RequestsPerSecond = 5, 0.001 })
	codes := map[int]int{}
	for range 8 {
		response, err := http.Get("http://" + address + "/v1/status")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		codes[response.StatusCode]++
	}
	if codes[200] != 5 || codes[429] != 3 {
		t.Errorf("codes %v", codes)
	}
}

func TestConnectionLimit(t *testing.T) {
	address := serve(t, &fakeService{}, func(c *api.Config) { c.Limits.MaxConnections = 2 })
	var open []net.Conn
	for range 2 {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, connection)
	}
	third, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	_ = third.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := third.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a connection beyond the limit: %v", err)
	}
	for _, connection := range open {
		connection.Close()
	}
	for range 100 { // the server notices the closing a moment later
		response, err := http.Get("http://" + address + "/v1/status")
		if err == nil {
			response.Body.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("closed connections did not give their places back")
}

// TestConcurrency: beyond the places, requests wait, then are refused.
func TestConcurrency(t *testing.T) {
	release := make(chan struct{})
	working := make(chan struct{}, 2)
	service := &fakeService{query: func(context.Context, []byte) ([]byte, error) {
		working <- struct{}{}
		<-release
		return []byte("done"), nil
	}}
	address := serve(t, service, func(c *api.Config) {
		c.Limits.MaxConcurrent, c.Limits.QueueTimeout = 1, 50*time.Millisecond
	})
	first := make(chan int)
	go func() {
		status, _ := post(t, address, request(1))
		first <- status
	}()
	<-working
	if status, answer := post(t, address, request(1)); status != 503 || !strings.Contains(string(answer), "busy") {
		t.Errorf("a request beyond the places: %d %q", status, answer)
	}
	close(release)
	if status := <-first; status != 200 {
		t.Errorf("the first request: %d", status)
	}
}

func TestLimitsMustBePositive(t *testing.T) {
	config := api.Config{Limits: api.DefaultLimits(), Log: slog.New(slog.DiscardHandler)}
	config.Limits.MaxStreams = 0
	if _, err := api.New(config); !errors.Is(err, api.ErrLimits) {
		t.Errorf("no streams: %v", err)
	}
}

func dial(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	connection, _, err := websocket.Dial(t.Context(), "ws://"+address+"/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.CloseNow() })
	connection.SetReadLimit(wire.FrameSize)
	return connection
}

// closed reads until the server closes and gives its reason.
func closed(t *testing.T, connection *websocket.Conn) websocket.CloseError {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for {
		if _, _, err := connection.Read(ctx); err != nil {
			var reason websocket.CloseError
			if !errors.As(err, &reason) {
				t.Fatalf("not closed by the server: %v", err)
			}
			return reason
		}
	}
}

func TestStream(t *testing.T) {
	stream := &channelStream{frames: make(chan []byte, 8), ended: api.ErrEnded}
	service := &fakeService{subscribe: func(_ context.Context, r []byte) (api.Stream, error) {
		if !bytes.Equal(r, request(9)) {
			return nil, api.ErrRefused
		}
		return stream, nil
	}}
	address := serve(t, service, nil)
	connection := dial(t, address)
	if err := connection.Write(t.Context(), websocket.MessageBinary, request(9)); err != nil {
		t.Fatal(err)
	}
	for i := range byte(3) {
		stream.frames <- bytes.Repeat([]byte{i}, wire.FrameSize)
		kind, frame, err := connection.Read(t.Context())
		if err != nil || kind != websocket.MessageBinary || !bytes.Equal(frame, bytes.Repeat([]byte{i}, wire.FrameSize)) {
			t.Fatalf("frame %d: %v %v, %d bytes", i, kind, err, len(frame))
		}
	}
	close(stream.frames)
	if reason := closed(t, connection); reason.Code != websocket.StatusPolicyViolation || !strings.Contains(reason.Reason, "session") {
		t.Errorf("the end of the session: %v", reason)
	}
	if !stream.closed.Load() {
		t.Error("the stream was not closed")
	}
	for _, test := range []struct {
		name string
		kind websocket.MessageType
		body []byte
		want string
	}{
		{"another request", websocket.MessageBinary, request(8), "no open session"},
		{"text", websocket.MessageText, request(9), "1536"},
		{"a short request", websocket.MessageBinary, request(9)[1:], "1536"},
	} {
		connection := dial(t, address)
		if err := connection.Write(t.Context(), test.kind, test.body); err != nil {
			t.Fatal(err)
		}
		if reason := closed(t, connection); reason.Code != websocket.StatusPolicyViolation || !strings.Contains(reason.Reason, test.want) {
			t.Errorf("%s: %v", test.name, reason)
		}
	}
}

// TestSlowStream: a client that reads nothing is dropped when its connection's
// buffers are full.
func TestSlowStream(t *testing.T) {
	stream := &channelStream{frames: make(chan []byte)}
	service := &fakeService{subscribe: func(context.Context, []byte) (api.Stream, error) { return stream, nil }}
	address := serve(t, service, func(c *api.Config) { c.Limits.WriteTimeout = 50 * time.Millisecond })
	connection := dial(t, address)
	if err := connection.Write(t.Context(), websocket.MessageBinary, request(1)); err != nil {
		t.Fatal(err)
	}
	frame := make([]byte, wire.FrameSize)
	deadline := time.After(20 * time.Second)
	for !stream.closed.Load() {
		select {
		case stream.frames <- frame:
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatal("a client that reads nothing was not dropped")
		}
	}
}

func TestStreamLimit(t *testing.T) {
	service := &fakeService{subscribe: func(context.Context, []byte) (api.Stream, error) {
		return &channelStream{frames: make(chan []byte)}, nil
	}}
	address := serve(t, service, func(c *api.Config) { c.Limits.MaxStreams = 1 })
	dial(t, address)
	_, response, err := websocket.Dial(t.Context(), "ws://"+address+"/v1/stream", nil)
	if err == nil || response == nil || response.StatusCode != 503 {
		t.Errorf("a stream beyond the limit: %v %v", response, err)
	}
}

// TestSilentStream: a client that never sends its request is dropped.
func TestSilentStream(t *testing.T) {
	address := serve(t, &fakeService{}, func(c *api.Config) { c.Limits.BodyTimeout = 30 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, _, err := dial(t, address).Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("a silent client: %v", err)
	}
}

// TestCloseEndsStreams: Close does not wait for clients that stay.
func TestCloseEndsStreams(t *testing.T) {
	stream := &channelStream{frames: make(chan []byte)}
	subscribed := make(chan struct{})
	service := &fakeService{subscribe: func(context.Context, []byte) (api.Stream, error) {
		close(subscribed)
		return stream, nil
	}}
	address, server := serveAndKeep(t, service, nil)
	connection := dial(t, address)
	if err := connection.Write(t.Context(), websocket.MessageBinary, request(1)); err != nil {
		t.Fatal(err)
	}
	<-subscribed
	end := make(chan error)
	go func() { end <- server.Close(context.Background()) }()
	if reason := closed(t, connection); reason.Code != websocket.StatusGoingAway {
		t.Errorf("closed with %v", reason)
	}
	if err := <-end; err != nil || !stream.closed.Load() {
		t.Errorf("close: %v, stream closed %v", err, stream.closed.Load())
	}
}
