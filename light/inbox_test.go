package light_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// envelope is a command envelope that shows its number.
func envelope(number uint32) wire.InboxMessage {
	b := make([]byte, wire.CommandEnvelopeSize)
	b[0] = wire.ClassCommand
	binary.LittleEndian.PutUint32(b[1:], number)
	return wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: b}}
}

// busy makes a chain with checkpoints of different sizes and blocks between.
func busy(checkpoints int) *memory.Chain {
	chain := memory.New(memory.Options{})
	number := uint32(0)
	for i := range checkpoints {
		var messages []wire.InboxMessage
		for range i % 4 {
			messages = append(messages, envelope(number))
			number++
		}
		chain.Checkpoint(messages...)
		for range i % 3 {
			chain.Block()
		}
	}
	return chain
}

// read gives all checkpoints that reader delivers up to the newest head.
func read(t *testing.T, c light.Chain, reader *light.InboxReader) ([]light.Checkpoint, error) {
	t.Helper()
	var got []light.Checkpoint
	err := reader.Read(t.Context(), next(t, c), func(checkpoint *light.Checkpoint) error {
		got = append(got, *checkpoint)
		return nil
	})
	return got, err
}

func TestInboxReader(t *testing.T) {
	chain := busy(600) // more than two answers
	c := follow(t, chain, chain, nil)
	reader := light.NewInboxReader(c, chain, light.Start(c))
	got, err := read(t, c, reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 600 {
		t.Fatalf("%d checkpoints", len(got))
	}
	var inbox wire.Inbox
	number := uint32(0)
	for i, checkpoint := range got {
		if checkpoint.Index != uint64(i) || len(checkpoint.Messages) != 1+i%4 || checkpoint.Messages[0].Kind != wire.MessageBlock {
			t.Fatalf("checkpoint %d: %+v", i, checkpoint.Checkpoint)
		}
		for j, message := range checkpoint.Messages {
			inbox = inbox.Fold(wire.InboxMessageCodec.Marshal(message))
			if j > 0 {
				if !bytes.Equal(message.Envelope.Bytes, envelope(number).Envelope.Bytes) {
					t.Fatalf("message %d of checkpoint %d is not number %d", j, i, number)
				}
				number++
			}
		}
		if checkpoint.Inbox != inbox {
			t.Fatalf("checkpoint %d ends at %+v, want %+v", i, checkpoint.Inbox, inbox)
		}
		header, _ := chain.Headers(t.Context(), checkpoint.Number, checkpoint.Number)
		if checkpoint.BlockHash != blockHash(header[0]) {
			t.Fatalf("checkpoint %d has block %s", i, checkpoint.BlockHash)
		}
	}
	chain.Block(envelope(number))
	if got, err = read(t, c, reader); err != nil || len(got) != 1 || got[0].Index != 600 {
		t.Errorf("later: %d checkpoints, %v", len(got), err)
	}
	chain.Block()
	if got, err = read(t, c, reader); err != nil || len(got) != 0 {
		t.Errorf("a block without messages: %d checkpoints, %v", len(got), err)
	}
}

func blockHash(encoded []byte) scale.Hash {
	h, err := headerOf(encoded)
	if err != nil {
		panic(err)
	}
	return h.Hash()
}

// TestInboxReaderResumes reads on from a position, and refuses one of another chain.
func TestInboxReaderResumes(t *testing.T) {
	chain := busy(20)
	c := follow(t, chain, chain, nil)
	head := next(t, c)
	first := light.NewInboxReader(c, chain, light.Start(c))
	stop := errors.New("stop")
	err := first.Read(t.Context(), head, func(checkpoint *light.Checkpoint) error {
		if checkpoint.Index == 7 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || first.Position().Next != 7 {
		t.Fatalf("stopped at %d: %v", first.Position().Next, err)
	}
	second := light.NewInboxReader(c, chain, first.Position())
	var indices []uint64
	if err := second.Read(t.Context(), head, func(checkpoint *light.Checkpoint) error {
		indices = append(indices, checkpoint.Index)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(indices) != 13 || indices[0] != 7 || !slices.IsSorted(indices) {
		t.Errorf("resumed with %v", indices)
	}
	for _, position := range []struct {
		name   string
		want   error
		change func(*light.Position)
	}{
		{"another inbox hash", light.ErrInboxHash, func(p *light.Position) { p.Inbox.Hash[0] ^= 1 }},
		{"another block", light.ErrForgedHeader, func(p *light.Position) { p.Block.Hash[0] ^= 1 }},
		{"more messages than the chain has", light.ErrInboxRollback, func(p *light.Position) { p.Inbox.Count = 1000 }},
		{"fewer messages", light.ErrInboxCount, func(p *light.Position) { p.Inbox.Count-- }},
		{"another index", light.ErrInboxCount, func(p *light.Position) { p.Next++ }},
	} {
		p := first.Position()
		position.change(&p)
		err := light.NewInboxReader(c, chain, p).Read(t.Context(), head, func(*light.Checkpoint) error {
			t.Errorf("%s: a checkpoint was delivered", position.name)
			return nil
		})
		if !errors.Is(err, position.want) {
			t.Errorf("%s: %v, want %v", position.name, err, position.want)
		}
	}
}

// inboxLies are what a dishonest node may make of checkpoints 2 to 9 of busy.
var inboxLies = []struct {
	name string
	want error
	make func(bodies []light.Body) []light.Body
}{
	{"an altered message", light.ErrInboxHash, func(b []light.Body) []light.Body {
		b[3].Messages[1] = wire.InboxMessageCodec.Marshal(envelope(99))
		return b
	}},
	{"a dropped message", light.ErrInboxCount, func(b []light.Body) []light.Body {
		b[3].Messages = b[3].Messages[:len(b[3].Messages)-1]
		return b
	}},
	{"a repeated message", light.ErrInboxCount, func(b []light.Body) []light.Body {
		last := &b[len(b)-1]
		last.Messages = append(last.Messages, last.Messages[len(last.Messages)-1])
		return b
	}},
	{"a message repeated for a dropped one", light.ErrInboxHash, func(b []light.Body) []light.Body {
		b[3].Messages[2] = b[3].Messages[1]
		return b
	}},
	{"reordered messages", light.ErrInboxHash, func(b []light.Body) []light.Body {
		m := b[3].Messages
		m[1], m[2] = m[2], m[1]
		return b
	}},
	{"a message moved to the next checkpoint", light.ErrInboxHash, func(b []light.Body) []light.Body {
		m := b[2].Messages
		b[2].Messages = m[:len(m)-1]
		b[3].Messages = slices.Insert(b[3].Messages, 1, m[len(m)-1])
		return b
	}},
	{"a dropped checkpoint", light.ErrCheckpoint, func(b []light.Body) []light.Body { return slices.Delete(b, 3, 4) }},
	{"a hidden last checkpoint", light.ErrInboxCount, func(b []light.Body) []light.Body { return b[:len(b)-1] }},
	{"reordered checkpoints", light.ErrCheckpoint, func(b []light.Body) []light.Body {
		b[3], b[4] = b[4], b[3]
		return b
	}},
	{"a repeated checkpoint", light.ErrCheckpoint, func(b []light.Body) []light.Body { return slices.Insert(b, 4, b[3]) }},
	{"two checkpoints in one", light.ErrCheckpoint, func(b []light.Body) []light.Body {
		b[3].Messages = append(b[3].Messages, b[4].Messages...)
		return slices.Delete(b, 4, 5)
	}},
	{"another block hash", light.ErrCheckpoint, func(b []light.Body) []light.Body { b[3].Hash[0] ^= 1; return b }},
	{"another block number", light.ErrCheckpoint, func(b []light.Body) []light.Body { b[3].Number++; return b }},
	{"a Block message of another block", light.ErrCheckpoint, func(b []light.Body) []light.Body {
		message, _ := wire.InboxMessageCodec.Unmarshal(b[3].Messages[0])
		message.Block.Parent[0] ^= 1
		b[3].Messages[0] = wire.InboxMessageCodec.Marshal(message)
		return b
	}},
	{"another time in a Block message", light.ErrInboxHash, func(b []light.Body) []light.Body {
		message, _ := wire.InboxMessageCodec.Unmarshal(b[3].Messages[0])
		message.Block.Timestamp++
		b[3].Messages[0] = wire.InboxMessageCodec.Marshal(message)
		return b
	}},
	{"no Block message", light.ErrCheckpoint, func(b []light.Body) []light.Body { b[3].Messages = b[3].Messages[1:]; return b }},
	{"an empty checkpoint", light.ErrCheckpoint, func(b []light.Body) []light.Body { b[3].Messages = nil; return b }},
	{"a message that does not decode", light.ErrMalformed, func(b []light.Body) []light.Body { b[3].Messages[1] = []byte{9}; return b }},
	{"more than was asked for", light.ErrMalformed, func(b []light.Body) []light.Body { return make([]light.Body, light.MaxBodies+1) }},
	{"oversized messages", light.ErrMalformed, func(b []light.Body) []light.Body {
		b[3].Messages[1] = make([]byte, light.MaxBodiesSize)
		return b
	}},
	{"too many messages", light.ErrMalformed, func(b []light.Body) []light.Body {
		b[3].Messages = make([][]byte, wire.MaxBlockMessages+1)
		return b
	}},
	{"a far future block", light.ErrCheckpoint, func(b []light.Body) []light.Body {
		message, _ := wire.InboxMessageCodec.Unmarshal(b[3].Messages[0])
		b[3].Number, message.Block.Number = 1<<31, 1<<31
		b[3].Messages[0] = wire.InboxMessageCodec.Marshal(message)
		return b
	}},
}

// TestInboxLies: nothing of a lie is delivered, and the truth is read afterwards.
func TestInboxLies(t *testing.T) {
	for _, lie := range inboxLies {
		chain := busy(8)
		node := &liar{Chain: chain}
		c := follow(t, chain, node, nil)
		reader := light.NewInboxReader(c, node, light.Start(c))
		head := next(t, c)
		node.checkpoints = func(from uint64, honest []light.Body) []light.Body {
			if from != 0 || len(honest) == 0 {
				return honest
			}
			for i := range honest {
				honest[i].Messages = slices.Clone(honest[i].Messages)
			}
			return lie.make(honest)
		}
		delivered := 0
		deliver := func(*light.Checkpoint) error { delivered++; return nil }
		if lie.name == "a hidden last checkpoint" {
			node.checkpoints = func(_ uint64, honest []light.Body) []light.Body { return honest[:max(0, len(honest)-1)] }
		}
		if err := reader.Read(t.Context(), head, deliver); !errors.Is(err, lie.want) || !light.Refused(err) {
			t.Errorf("%s: %v, want %v", lie.name, err, lie.want)
		}
		if delivered != 0 {
			t.Errorf("%s: %d checkpoints were delivered", lie.name, delivered)
		}
		node.checkpoints = nil
		if err := reader.Read(t.Context(), head, deliver); err != nil || delivered != 8 {
			t.Errorf("%s: afterwards %d checkpoints, %v", lie.name, delivered, err)
		}
	}
}

// TestInboxReaderInLittleMemory reads what was surveyed a second time, in other
// portions, and refuses a node that then tells something else.
func TestInboxReaderInLittleMemory(t *testing.T) {
	chain := busy(600)
	portions := func(from uint64, honest []light.Body) []light.Body { return honest[:min(len(honest), 1+int(from%100))] }
	node := &liar{Chain: chain, checkpoints: portions}
	c := follow(t, chain, node, nil)
	reader := light.NewInboxReader(c, node, light.Start(c))
	reader.SetRetained(20_000)
	got, err := read(t, c, reader)
	if err != nil || len(got) != 600 {
		t.Fatalf("%d checkpoints, %v", len(got), err)
	}
	for i := range got {
		if got[i].Index != uint64(i) || len(got[i].Messages) != 1+i%4 {
			t.Fatalf("checkpoint %d: %+v", i, got[i].Checkpoint)
		}
	}

	asked := 0
	node.checkpoints = func(_ uint64, honest []light.Body) []light.Body {
		if asked++; asked%5 == 0 && len(honest) > 3 { // a survey takes three answers
			honest[3].Messages = slices.Clone(honest[3].Messages)
			honest[3].Messages[0] = bytes.Clone(honest[3].Messages[0])
			honest[3].Messages[0][40] ^= 1
		}
		return honest
	}
	reader = light.NewInboxReader(c, node, light.Start(c))
	reader.SetRetained(0)
	delivered := 0
	chain.Block(envelope(1))
	head := next(t, c)
	refused := 0
	for reader.Position().Next < 601 {
		err := reader.Read(t.Context(), head, func(checkpoint *light.Checkpoint) error {
			if checkpoint.Index != uint64(delivered) {
				t.Fatalf("checkpoint %d after %d", checkpoint.Index, delivered)
			}
			delivered++
			return nil
		})
		if errors.Is(err, light.ErrInboxHash) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if delivered != 601 || refused == 0 {
		t.Errorf("%d delivered after %d refusals", delivered, refused)
	}
}
