package blindness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"

	"github.com/coder/websocket"
)

// Recorder keeps all traffic that passes its proxies: raw, to be searched for secrets,
// and as one line a message, to be compared.
type Recorder struct {
	mutex sync.Mutex
	raw   bytes.Buffer
	lines []string
	calls map[string]string // JSON-RPC id of a connection to its method
}

// NewRecorder keeps nothing yet.
func NewRecorder() *Recorder { return &Recorder{calls: map[string]string{}} }

// Mark forgets the lines so far: what comes now is compared.
func (r *Recorder) Mark() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.lines = nil
}

// Lines are the messages since Mark.
func (r *Recorder) Lines() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]string(nil), r.lines...)
}

// Raw is everything that ever passed.
func (r *Recorder) Raw() []byte {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return bytes.Clone(r.raw.Bytes())
}

func (r *Recorder) add(line string, raw []byte) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.raw.Write(raw)
	r.lines = append(r.lines, line)
}

// jsonRPC names a message by its method, which a response's id leads to.
func (r *Recorder) jsonRPC(connection, direction string, message []byte) {
	var m struct {
		ID     json.RawMessage
		Method string
		Error  *struct{ Code int }
	}
	_ = json.Unmarshal(message, &m)
	key := connection + string(m.ID)
	r.mutex.Lock()
	if m.Method == "" {
		m.Method = r.calls[key]
	} else if m.ID != nil {
		r.calls[key] = m.Method
	}
	r.mutex.Unlock()
	line := fmt.Sprintf("%s %s %d bytes", direction, m.Method, len(message))
	if m.Error != nil {
		line = fmt.Sprintf("%s %s error %d", direction, m.Method, m.Error.Code)
	}
	r.add(line, message)
}

// RPCProxy records WebSocket JSON-RPC on its way to endpoint, and gives its own.
func (r *Recorder) RPCProxy(endpoint string) (server *httptest.Server, address string) {
	count := 0
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		ctx, cancel := context.WithCancel(request.Context())
		defer cancel()
		r.mutex.Lock()
		count++
		name := fmt.Sprintf("%p/%d/", server, count)
		r.mutex.Unlock()
		client, err := websocket.Accept(w, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer func() { _ = client.CloseNow() }()
		upstream, _, err := websocket.Dial(ctx, endpoint, nil) //nolint:bodyclose // the library closes it
		if err != nil {
			return
		}
		defer func() { _ = upstream.CloseNow() }()
		go func() {
			defer cancel()
			r.pump(ctx, upstream, client, func(m []byte) { r.jsonRPC(name, "<-", m) })
		}()
		r.pump(ctx, client, upstream, func(m []byte) { r.jsonRPC(name, "->", m) })
	}))
	return server, "ws://" + server.Listener.Addr().String()
}

func (r *Recorder) pump(ctx context.Context, from, to *websocket.Conn, note func([]byte)) {
	from.SetReadLimit(64 << 20)
	for {
		kind, message, err := from.Read(ctx)
		if err != nil {
			return
		}
		note(message)
		if to.Write(ctx, kind, message) != nil {
			return
		}
	}
}

// WorkerProxy records the worker's API, streams included, and gives its own address.
func (r *Recorder) WorkerProxy(address string) (server *httptest.Server, proxied string) {
	target := &url.URL{Scheme: "http", Host: address}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		r.add(fmt.Sprintf("<- %s %d, %d bytes", response.Request.URL.Path, response.StatusCode, len(body)), body)
		return nil
	}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/v1/stream" {
			r.stream(w, request, "ws://"+address)
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		r.add(fmt.Sprintf("-> %s %d bytes", request.URL.Path, len(body)), body)
		request.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, request)
	}))
	return server, "http://" + server.Listener.Addr().String()
}

func (r *Recorder) stream(w http.ResponseWriter, request *http.Request, endpoint string) {
	ctx, cancel := context.WithCancel(request.Context())
	defer cancel()
	client, err := websocket.Accept(w, request, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer func() { _ = client.CloseNow() }()
	upstream, _, err := websocket.Dial(ctx, endpoint+"/v1/stream", nil) //nolint:bodyclose // the library closes it
	if err != nil {
		return
	}
	defer func() { _ = upstream.CloseNow() }()
	go func() {
		defer cancel()
		r.pump(ctx, upstream, client, func(m []byte) { r.add(fmt.Sprintf("<- frame of %d bytes", len(m)), m) })
	}()
	r.pump(ctx, client, upstream, func(m []byte) { r.add(fmt.Sprintf("-> subscription of %d bytes", len(m)), m) })
}
