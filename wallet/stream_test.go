package wallet_test

import (
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

func TestStreams(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	stream, err := alice.Subscribe(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 200)); err != nil {
		t.Fatal(err)
	}
	if _, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2500, 200)); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		frame, err := stream.Next(soon(t))
		if err != nil || !frame.Changed || len(frame.Fills) != i {
			t.Fatalf("frame %d: %+v, %v", i, frame, err)
		}
		if confirmed, err := stream.Confirm(soon(t), frame); err != nil || !confirmed {
			t.Errorf("frame %d: confirmed %v, %v", i, confirmed, err)
		}
	}
}

func TestForgedFramesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(*network)
		want error
	}{
		"a frame left out":     {func(n *network) { n.keepFrames = func(number int) bool { return number != 1 } }, wallet.ErrFrame},
		"another state":        {func(n *network) { n.bendFrame = func(f *wire.Frame) { f.StateRoot[0] ^= 1 } }, wallet.ErrFrame},
		"another block":        {func(n *network) { n.bendFrame = func(f *wire.Frame) { f.BlockHash[0] ^= 1 } }, wallet.ErrFrame},
		"a checkpoint skipped": {func(n *network) { n.bendFrame = func(f *wire.Frame) { f.Checkpoint *= 2 } }, wallet.ErrFrame},
	} {
		n := newNetwork(t)
		alice := n.funded("Alice")
		stream, err := alice.Subscribe(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		c.lie(n)
		for range 3 {
			if err := alice.Dummy(soon(t)); err != nil {
				t.Fatal(err)
			}
		}
		if err := readFrames(t, stream, 3); !errors.Is(err, c.want) {
			t.Errorf("%s: %v instead of %v", name, err, c.want)
		}
	}
}

// readFrames takes and confirms some frames.
func readFrames(t *testing.T, stream *wallet.Stream, count int) error {
	t.Helper()
	for range count {
		frame, err := stream.Next(soon(t))
		if err != nil {
			return err
		}
		confirming := soon(t)
		if _, err := stream.Confirm(confirming, frame); err != nil {
			return err
		}
	}
	return nil
}

func TestStreamsNeedASession(t *testing.T) {
	n := newNetwork(t)
	alice := n.client("Alice")
	if _, err := alice.CloseSession(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Subscribe(soon(t)); err == nil {
		t.Error("a stream without a session")
	}
}

func TestLive(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	maker, err := alice.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer maker.Close()
	taker, err := bob.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer taker.Close()
	for i := range 40 { // more than one reservation of sequences
		resting, err := maker.Place(soon(t), n.order(alice, wire.Sell, 2500, 10))
		if err != nil {
			t.Fatal(err)
		}
		if err := resting.Placed(soon(t)); err != nil {
			t.Fatal(err)
		}
		order, err := taker.Place(soon(t), n.order(bob, wire.Buy, 2500, 10))
		if err != nil {
			t.Fatal(err)
		}
		for _, ticket := range []*wallet.Ticket{order, resting} {
			answer, err := ticket.Fill(soon(t))
			if err != nil || answer.Body.Fill.Order != ticket.Order || answer.Body.Fill.Quantity != 10 {
				t.Fatalf("round %d: %v", i, err)
			}
		}
	}
	tooMuch, err := taker.Place(soon(t), n.order(bob, wire.Sell, 2500, 1_000_000))
	if err != nil {
		t.Fatal(err)
	}
	var rejected *wallet.Rejected
	if _, err := tooMuch.Fill(soon(t)); !errors.As(err, &rejected) || rejected.Reason != wire.ReasonBalance {
		t.Errorf("an order beyond the balance: %v", err)
	}
	tags := map[wire.Tag]bool{}
	if err := errors.Join(maker.Close(), taker.Close()); err != nil {
		t.Error(err)
	}
	if _, err := taker.Place(soon(t), n.order(bob, wire.Buy, 2500, 10)); err == nil {
		t.Error("a closed live session took an order")
	}
	session, err := alice.Session(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := alice.Dummy(soon(t)); err != nil { // goes on where the live session ended
		t.Error(err)
	}
	if next, err := alice.Session(soon(t)); err != nil || next.NextSequence != session.NextSequence+1 {
		t.Errorf("sequence %d after %d, %v", next.NextSequence, session.NextSequence, err)
	}
	commands := 0
	for _, envelope := range n.envelopes {
		if envelope[0] == wire.ClassCommand {
			commands++
			tags[wire.EnvelopeTag(envelope)] = true
		}
	}
	if commands != len(tags) {
		t.Errorf("%d commands have %d tags", commands, len(tags))
	}
}

// TestLiveWithManyFills: a frame has room for six fills, the rest is asked for.
func TestLiveWithManyFills(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	maker, err := alice.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer maker.Close()
	var tickets []*wallet.Ticket
	for range 10 {
		ticket, err := maker.Place(soon(t), n.order(alice, wire.Sell, 2500, 10))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	if _, err := bob.Place(soon(t), n.order(bob, wire.Buy, 2500, 100)); err != nil {
		t.Fatal(err)
	}
	for i, ticket := range tickets {
		if _, err := ticket.Fill(soon(t)); err != nil {
			t.Errorf("order %d: %v", i, err)
		}
	}
}

func TestLiveEndsWithItsStream(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	live, err := alice.GoLive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	n.mutex.Lock()
	n.streams[0].frames <- make([]byte, wire.FrameSize)
	n.mutex.Unlock()
	ticket, err := live.Place(soon(t), n.order(alice, wire.Sell, 2500, 10))
	if err == nil {
		err = ticket.Placed(soon(t))
	}
	if !errors.Is(err, wallet.ErrFrame) || !errors.Is(err, seal.ErrSealed) {
		t.Errorf("a forged frame: %v", err)
	}
}
