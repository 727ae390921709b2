package light_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/header"
)

func headerOf(encoded []byte) (header.Header, error) { return header.Codec.Unmarshal(encoded) }

// FuzzLightBlock serves any bytes as the latest light block: nothing is accepted
// but what the validators signed.
func FuzzLightBlock(f *testing.F) {
	chain := memory.New(memory.Options{Validators: four()})
	for range 3 {
		chain.Block()
	}
	honest := latest(chain)
	f.Add(honest)
	f.Add(at(chain, 2))
	f.Add([]byte{})
	for _, lie := range lightBlockLies {
		f.Add(lie.make(chain, honest)[:min(2000, len(lie.make(chain, honest)))])
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		node := &liar{Chain: chain}
		c, err := light.Follow(context.Background(), node, light.Config{Genesis: chain.Genesis(), Now: chain.Now})
		if err != nil {
			t.Fatal(err)
		}
		node.lightBlock = func(height int64, honest []byte) []byte {
			if height == 0 {
				return encoded
			}
			return honest
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // never wait
		if head, err := c.Next(ctx); err == nil && head.Number != 3 && head.Number != 2 && head.Number != 1 && head.Number != 0 {
			t.Fatalf("block %d was accepted", head.Number)
		} else if err == nil {
			encodedHeader, err := chain.Header(context.Background(), head.Hash)
			if err != nil || !bytes.Equal(encodedHeader, header.Codec.Marshal(head.Header)) {
				t.Fatalf("an unknown head was accepted: %v", err)
			}
		}
	})
}

// FuzzBodies serves any bytes as the messages of three checkpoints.
func FuzzBodies(f *testing.F) {
	chain := busy(4)
	honest, _ := chain.Checkpoints(context.Background(), 0, 4)
	f.Add(bytes.Join(honest[3].Messages, nil), uint64(3), honest[3].Number)
	f.Add([]byte{0, 1, 2}, uint64(0), uint32(1))
	f.Add(binary.LittleEndian.AppendUint64(nil, 7), uint64(3), uint32(4))
	c, err := light.Follow(context.Background(), chain, light.Config{Genesis: chain.Genesis(), Now: chain.Now})
	if err != nil {
		f.Fatal(err)
	}
	head, err := c.Next(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, messages []byte, index uint64, number uint32) {
		node := &liar{Chain: chain, checkpoints: func(_ uint64, honest []light.Body) []light.Body {
			if len(honest) == 4 {
				honest[3] = light.Body{Index: index, Number: number, Hash: honest[3].Hash, Messages: split(messages)}
			}
			return honest
		}}
		reader := light.NewInboxReader(c, node, light.Start(c))
		err := reader.Read(context.Background(), head, func(*light.Checkpoint) error { return nil })
		if err == nil && !bytes.Equal(messages, bytes.Join(honest[3].Messages, nil)) {
			t.Fatalf("messages %x were accepted", messages)
		}
		if err != nil && !light.Refused(err) {
			t.Fatalf("the error has no name: %v", err)
		}
	})
}

// split cuts bytes into messages as busy's fourth checkpoint has them.
func split(b []byte) [][]byte {
	sizes := []int{49, 292, 292, 292}
	var parts [][]byte
	for _, size := range sizes {
		if len(b) == 0 {
			break
		}
		n := min(size, len(b))
		parts, b = append(parts, b[:n]), b[n:]
	}
	if len(b) > 0 {
		parts = append(parts, b)
	}
	return parts
}
