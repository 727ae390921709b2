package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// node answers JSON-RPC over HTTP and WebSocket. Its methods show what real
// nodes do, and what broken or hostile ones might.
type node struct {
	*httptest.Server
	unsubscribed chan string
}

func newNode(t *testing.T) *node {
	n := &node{unsubscribed: make(chan string, 10)}
	n.Server = httptest.NewServer(n)
	t.Cleanup(n.Close)
	return n
}

func (n *node) httpURL() string { return n.URL }
func (n *node) wsURL() string   { return "ws" + strings.TrimPrefix(n.URL, "http") }

type call struct {
	Version string            `json:"jsonrpc"`
	ID      json.RawMessage   `json:"id"`
	Method  string            `json:"method"`
	Params  []json.RawMessage `json:"params"`
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		n.serveHTTP(w, r)
		return
	}
	connection, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer connection.CloseNow()
	for {
		_, data, err := connection.Read(r.Context())
		if err != nil {
			return
		}
		var c call
		if json.Unmarshal(data, &c) != nil || c.Version != "2.0" || c.Params == nil {
			return
		}
		for _, reply := range n.replies(c) {
			switch reply {
			case "hang up":
				return
			case "wait":
				time.Sleep(50 * time.Millisecond)
			default:
				if connection.Write(r.Context(), websocket.MessageText, []byte(reply)) != nil {
					return
				}
			}
		}
	}
}

func (n *node) serveHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	var c call
	if r.Method != http.MethodPost || json.Unmarshal(data, &c) != nil || c.Version != "2.0" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch c.Method {
	case "forbidden":
		http.Error(w, "rate\nlimited", http.StatusTooManyRequests)
		return
	case "redirect":
		http.Redirect(w, r, "http://example.invalid/", http.StatusTemporaryRedirect)
		return
	case "never":
		<-r.Context().Done()
		return
	}
	for _, reply := range n.replies(c) {
		if reply == "hang up" {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, reply)
	}
}

func result(c call, value string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, c.ID, value)
}

func notice(key, value string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"n","params":{"subscription":%s,"result":%s}}`, key, value)
}

// replies is what the node sends for one call.
func (n *node) replies(c call) []string {
	switch c.Method {
	case "echo":
		return []string{result(c, string(c.Params[0]))}
	case "null":
		return []string{result(c, "null")}
	case "refuse":
		return []string{fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":1010,"message":"Invalid Transaction","data":"Stale"}}`, c.ID)}
	case "unreadable":
		return []string{`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`}
	case "large":
		return []string{result(c, `"`+strings.Repeat("x", 5000)+`"`)}
	case "never":
		return nil
	case "hang up":
		return []string{"hang up"}
	case "unsubscribe":
		n.unsubscribed <- string(c.Params[0])
		return []string{result(c, "true")}
	}
	if broken, ok := brokenReplies[c.Method]; ok {
		return []string{strings.ReplaceAll(broken, "ID", string(c.ID))}
	}
	return n.subscriptionReplies(c)
}

func (n *node) subscriptionReplies(c call) []string {
	switch c.Method {
	case "subscribe three":
		return []string{result(c, `"a1"`), notice(`"a1"`, "1"), notice(`"other"`, "9"), notice(`"a1"`, "2"), notice(`"a1"`, "3")}
	case "subscribe by number":
		return []string{notice("77", "1"), notice("78", "9"), result(c, "77"), notice("77", "2")}
	case "subscribe and hang up":
		return []string{result(c, `"b"`), notice(`"b"`, "1"), "hang up"}
	case "subscribe flood":
		replies := []string{result(c, `"f"`)}
		for range 10 {
			replies = append(replies, notice(`"f"`, "1"))
		}
		return replies
	case "subscribe late":
		return []string{"wait", "wait", result(c, `"late"`)}
	case "subscribe refused":
		return []string{fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32001,"message":"too many"}}`, c.ID)}
	case "subscribe nonsense":
		return []string{result(c, `{"not":"an id"}`)}
	}
	return []string{fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"Method not found"}}`, c.ID)}
}

// brokenReplies are not JSON-RPC; ID stands for the number of the call.
var brokenReplies = map[string]string{
	"not json":        `<html>bad gateway</html>`,
	"cut":             `{"jsonrpc":"2.0","id":ID,"resu`,
	"no version":      `{"id":ID,"result":1}`,
	"version 1":       `{"jsonrpc":"1.0","id":ID,"result":1}`,
	"empty":           `{"jsonrpc":"2.0","id":ID}`,
	"no id":           `{"jsonrpc":"2.0","result":1}`,
	"text id":         `{"jsonrpc":"2.0","id":"ID","result":1}`,
	"huge id":         `{"jsonrpc":"2.0","id":99999999999999999999999,"result":1}`,
	"other id":        `{"jsonrpc":"2.0","id":4000000,"result":1}`,
	"zero id":         `{"jsonrpc":"2.0","id":0,"result":1}`,
	"error is text":   `{"jsonrpc":"2.0","id":ID,"error":"no"}`,
	"array":           `[{"jsonrpc":"2.0","id":ID,"result":1}]`,
	"two values":      `{"jsonrpc":"2.0","id":ID,"result":1} {}`,
	"deep":            strings.Repeat("[", 100000),
	"bad notice":      `{"jsonrpc":"2.0","method":"n","params":[1]}`,
	"keyless notice":  `{"jsonrpc":"2.0","method":"n","params":{"result":1}}`,
	"nothing at all":  ``,
	"only whitespace": ` `,
}

func dial(t *testing.T, url string, options Options) *Client {
	t.Helper()
	client, err := Dial(context.Background(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// eachTransport runs a test over HTTP and over WebSocket.
func eachTransport(t *testing.T, test func(t *testing.T, dial func(Options) *Client)) {
	n := newNode(t)
	for name, url := range map[string]string{"http": n.httpURL(), "ws": n.wsURL()} {
		t.Run(name, func(t *testing.T) {
			test(t, func(options Options) *Client { return dial(t, url, options) })
		})
	}
}
