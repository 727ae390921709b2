package relay

import (
	"context"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/wire"
)

// TestNodesRestartUnderARelay: what the relay has taken reaches the chain once, though the node goes down with it in its pool, or before.
func TestNodesRestartUnderARelay(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, time.Hour)
	ferdie := n.relay("Ferdie", 20*time.Millisecond)
	bob := n.insider("Bob")
	first := n.seen.View().Head.Number
	var envelopes [][]byte
	var tickets []api.TicketID
	take := func(count int) {
		t.Helper()
		for range count {
			envelope := bob.seal(ferdie.Account(), wire.Command{Kind: wire.CommandDummy})
			for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
				taken, err := ferdie.Take([][]byte{envelope})
				if err == nil {
					tickets = append(tickets, taken[0].Ticket)
					break
				}
				if time.Now().After(deadline) {
					t.Fatal(err)
				}
			}
			envelopes = append(envelopes, envelope)
			time.Sleep(10 * time.Millisecond)
		}
	}
	for range 3 {
		take(5)
		if err := n.node.Close(); err != nil {
			t.Fatal(err)
		}
		n.startNode()
	}
	take(5)
	for i, id := range tickets {
		ticket, ended, err := ferdie.Ticket(id)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		select {
		case <-ended:
		case <-ctx.Done():
			t.Fatalf("envelope %d is %s", i, ticket.State)
		}
		cancel()
		if ticket, _, _ = ferdie.Ticket(id); ticket.State != api.Included {
			t.Errorf("envelope %d: %+v", i, ticket)
		}
	}
	n.covered()
	counts := map[string]int{}
	blocks := n.blocks(first, n.seen.View().Head.Number)
	for i := range blocks {
		for j := range blocks[i].messages {
			counts[string(blocks[i].messages[j].Envelope.Bytes)]++
		}
	}
	for i, envelope := range envelopes {
		if counts[string(envelope)] != 1 {
			t.Errorf("envelope %d was paid for %d times", i, counts[string(envelope)])
		}
	}
}
