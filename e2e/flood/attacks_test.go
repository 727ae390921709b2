package flood

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/bitcloak/bitcloak/substrate/rpc"
)

// attack runs until its context ends.
type attack struct {
	name string
	run  func(ctx context.Context, n *network)
}

// each runs f in so many goroutines of their own and waits for all.
func each(count int, f func(i int)) {
	done := make(chan struct{})
	for i := range count {
		go func() { f(i); done <- struct{}{} }()
	}
	for range count {
		<-done
	}
}

// submitAll hands in what next gives, over connections of their own, as fast as the
// node takes it. Refusals are no matter.
func submitAll(ctx context.Context, n *network, connections int, next func(connection, i int) any) {
	each(connections, func(connection int) {
		client, err := rpc.Dial(ctx, n.endpoint, rpc.Options{})
		if err != nil {
			return
		}
		defer client.Close()
		for i := 0; ctx.Err() == nil; i++ {
			_ = client.Call(ctx, "author_submitExtrinsic", []any{next(connection, i)}, nil)
		}
	})
}

const submitters = 8

// validFlood: transfers that are in order, each paying its fee, from many accounts.
func validFlood(ctx context.Context, n *network) {
	const accounts = attackers / submitters
	submitAll(ctx, n, submitters, func(connection, i int) any {
		return n.transfer(connection*accounts+i%accounts, uint32(i/accounts))
	})
}

// invalidFlood: signatures that do not verify, each of other bytes.
func invalidFlood(ctx context.Context, n *network) {
	good := n.transfer(0, 0)
	submitAll(ctx, n, submitters, func(connection, i int) any {
		bad := slices.Clone(good)
		binary.LittleEndian.PutUint64(bad[60:], uint64(connection)<<32|uint64(i)) // within the signature
		return bad
	})
}

// futureFlood: nonces that cannot come to their turn.
func futureFlood(ctx context.Context, n *network) {
	const accounts = attackers / submitters
	submitAll(ctx, n, submitters, func(connection, i int) any {
		return n.transfer(connection*accounts+i%accounts, 1_000_000+uint32(i))
	})
}

// hugeBodies: bodies of 15 MB that come in pieces, many at once, half of them without
// a word of how long they are.
func hugeBodies(ctx context.Context, n *network) {
	address := strings.TrimPrefix(n.endpoint, "ws://")
	piece := []byte(strings.Repeat(" ", 256<<10) + "\r\n")
	each(200, func(i int) {
		length := "Content-Length: 15000000"
		if i%2 == 0 {
			length = "Transfer-Encoding: chunked"
		}
		for ctx.Err() == nil {
			connection, err := net.DialTimeout("tcp", address, time.Second)
			if err != nil {
				continue
			}
			stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
			fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s\r\n\r\n", length)
			for sent := 0; sent < 14_000_000 && ctx.Err() == nil; sent += len(piece) {
				if i%2 == 0 {
					fmt.Fprintf(connection, "%x\r\n", len(piece)-2)
				}
				if _, err := connection.Write(piece); err != nil {
					break
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second): // and never ends
			}
			stop()
			_ = connection.Close()
		}
	})
}

// slowReaders: they ask for much, and subscribe to everything, and read nothing.
func slowReaders(ctx context.Context, n *network) {
	each(200, func(int) {
		for ctx.Err() == nil {
			connection, _, err := websocket.Dial(ctx, n.endpoint, nil) //nolint:bodyclose // the library closes it
			if err != nil {
				return
			}
			for i := range 40 {
				_ = connection.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"chain_subscribeNewHeads"}`, i))
			}
			for ctx.Err() == nil {
				if connection.Write(ctx, websocket.MessageText, []byte(`{"jsonrpc":"2.0","id":1,"method":"state_getMetadata"}`)) != nil {
					break // the node has had enough
				}
			}
			_ = connection.CloseNow()
		}
	})
}

// manySubscriptions: 10,000 of them, which are read.
func manySubscriptions(ctx context.Context, n *network) {
	each(50, func(int) {
		connection, _, err := websocket.Dial(ctx, n.endpoint, nil) //nolint:bodyclose // the library closes it
		if err != nil {
			return
		}
		defer func() { _ = connection.CloseNow() }()
		for i := range 200 {
			_ = connection.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"chain_subscribeNewHeads"}`, i))
		}
		for ctx.Err() == nil {
			if _, _, err := connection.Read(ctx); err != nil {
				return
			}
		}
	})
}
