package light_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// rpcNode serves a chain in memory by the methods of spec/blocks.md.
type rpcNode struct {
	chain *memory.Chain

	mutex       sync.Mutex
	connections []*websocket.Conn
}

type rpcRequest struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

func (n *rpcNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var request rpcRequest
		if json.NewDecoder(r.Body).Decode(&request) == nil {
			_ = json.NewEncoder(w).Encode(n.answer(r.Context(), request))
		}
		return
	}
	connection, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	n.mutex.Lock()
	n.connections = append(n.connections, connection)
	n.mutex.Unlock()
	for {
		var request rpcRequest
		if wsjson.Read(r.Context(), connection, &request) != nil {
			return
		}
		if wsjson.Write(r.Context(), connection, n.answer(r.Context(), request)) != nil {
			return
		}
	}
}

// notify tells every connection of a finalised head, or cuts it.
func (n *rpcNode) notify(cut bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	best := n.chain.Best()
	for _, connection := range n.connections {
		if cut {
			_ = connection.CloseNow()
			continue
		}
		_ = wsjson.Write(context.Background(), connection, map[string]any{"jsonrpc": "2.0", "method": "chain_finalizedHead",
			"params": map[string]any{"subscription": "heads", "result": best.JSON()}})
	}
	if cut {
		n.connections = nil
	}
}

func (n *rpcNode) answer(ctx context.Context, request rpcRequest) map[string]any {
	result, err := n.result(ctx, request)
	if err != nil {
		return map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": map[string]any{"code": -32000, "message": err.Error()}}
	}
	return map[string]any{"jsonrpc": "2.0", "id": request.ID, "result": result}
}

func (n *rpcNode) result(ctx context.Context, request rpcRequest) (any, error) {
	param := func(i int, v any) {
		if err := json.Unmarshal(request.Params[i], v); err != nil {
			panic(err)
		}
	}
	switch request.Method {
	case "chain_subscribeFinalizedHeads":
		return "heads", nil
	case "cometbft_lightBlock":
		var height *int64
		if param(0, &height); height == nil {
			height = new(int64)
		}
		b, err := n.chain.LightBlock(ctx, *height)
		return map[string]any{"height": *height, "lightBlock": scale.HexBytes(b)}, err
	case "chain_getHeader":
		var hash scale.Hash
		param(0, &hash)
		encoded, err := n.chain.Header(ctx, hash)
		if errors.Is(err, memory.ErrUnknown) {
			return nil, nil // Substrate answers null
		}
		decoded, err := header.Codec.Unmarshal(encoded)
		return decoded.JSON(), err
	case "bitcloak_headers":
		var from, to uint32
		param(0, &from)
		param(1, &to)
		encoded, err := n.chain.Headers(ctx, from, to)
		return hexes(encoded), err
	case "state_getReadProof":
		var keys []scale.HexBytes
		var at scale.Hash
		param(0, &keys)
		param(1, &at)
		raw := make([][]byte, len(keys))
		for i := range keys {
			raw[i] = keys[i]
		}
		proof, err := n.chain.ReadProof(ctx, at, raw)
		return map[string]any{"at": at, "proof": hexes(proof)}, err
	case "bitcloak_checkpoints":
		var from uint64
		var limit uint32
		param(0, &from)
		param(1, &limit)
		bodies, err := n.chain.Checkpoints(ctx, from, limit)
		var out []any
		for _, b := range bodies {
			out = append(out, map[string]any{"index": b.Index, "number": b.Number, "hash": b.Hash, "messages": hexes(b.Messages)})
		}
		return out, err
	}
	return nil, errors.New("no such method")
}

func hexes(in [][]byte) []scale.HexBytes {
	out := make([]scale.HexBytes, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

func TestRPC(t *testing.T) {
	for _, scheme := range []string{"ws", "http"} {
		chain := busy(20)
		node := &rpcNode{chain: chain}
		server := httptest.NewServer(node)
		transport := light.NewRPC(scheme + strings.TrimPrefix(server.URL, "http"))
		c := follow(t, chain, transport, nil)
		head := next(t, c)
		if best := chain.Best(); head.Hash != best.Hash() {
			t.Errorf("%s: head %v", scheme, head.BlockID)
		}
		var delivered int
		reader := light.NewInboxReader(c, transport, light.Start(c))
		if err := reader.Read(t.Context(), head, func(*light.Checkpoint) error { delivered++; return nil }); err != nil || delivered != 20 {
			t.Errorf("%s: %d checkpoints, %v", scheme, delivered, err)
		}
		if _, err := transport.Header(t.Context(), scale.Hash{1}); err == nil || light.Refused(err) {
			t.Errorf("%s: an unknown header: %v", scheme, err)
		}
		go func() {
			time.Sleep(5 * time.Millisecond)
			chain.Block()
			node.notify(false)
		}()
		started := time.Now()
		if next(t, c); scheme == "ws" && time.Since(started) > 500*time.Millisecond {
			t.Errorf("a notified head took %v", time.Since(started))
		}
		if err := transport.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.Next(t.Context()); err == nil {
			t.Errorf("%s: a closed transport answers", scheme)
		}
		server.Close()
	}
}

// TestRPCConnectsAgain: a lost connection is an error once, then made anew.
func TestRPCConnectsAgain(t *testing.T) {
	chain := busy(3)
	node := &rpcNode{chain: chain}
	server := httptest.NewServer(node)
	defer server.Close()
	transport := light.NewRPC("ws" + strings.TrimPrefix(server.URL, "http"))
	defer transport.Close()
	c := follow(t, chain, transport, nil)
	next(t, c)
	node.notify(true)
	chain.Block()
	for range 200 {
		head, err := c.Next(t.Context())
		if err == nil {
			if best := chain.Best(); head.Hash != best.Hash() {
				t.Errorf("head %v", head.BlockID)
			}
			return
		}
		if light.Refused(err) {
			t.Fatalf("a lost connection is a refusal: %v", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("the connection was not made again")
}

// TestRPCNonsense: what is no JSON of the right shape is refused as malformed.
func TestRPCNonsense(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request rpcRequest
		_ = json.NewDecoder(r.Body).Decode(&request)
		_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": request.ID, "result": "nonsense"})
	}))
	defer server.Close()
	transport := light.NewRPC(server.URL)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"light block": func() error { _, err := transport.LightBlock(ctx, 0); return err },
		"header":      func() error { _, err := transport.Header(ctx, scale.Hash{}); return err },
		"headers":     func() error { _, err := transport.Headers(ctx, 0, 1); return err },
		"proof":       func() error { _, err := transport.ReadProof(ctx, scale.Hash{}, nil); return err },
		"checkpoints": func() error { _, err := transport.Checkpoints(ctx, 0, 1); return err },
	} {
		if err := call(); !errors.Is(err, light.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
