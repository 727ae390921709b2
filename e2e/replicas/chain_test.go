package replicas

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// follow connects the observer to the node.
func (s *site) follow() {
	s.t.Helper()
	s.rpc = light.NewRPC(s.url)
	s.t.Cleanup(func() { _ = s.rpc.Close() })
	var genesis scale.Hash
	if err := s.rpc.Call(s.whole.Context(), &genesis, "chain_getBlockHash", 0); err != nil {
		s.t.Fatal(err)
	}
	s.instance = wire.Instance{Genesis: genesis}
	var err error
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) { // until there is a first block
		if s.chain, err = light.Follow(s.whole.Context(), s.rpc, light.Config{Genesis: genesis}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatal(err)
		}
	}
	s.advance()
}

// advance proves the next head, and reads the events up to it.
func (s *site) advance() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.whole.Context(), patience)
	defer cancel()
	head, err := s.chain.Next(ctx)
	if err != nil {
		s.t.Fatalf("follow: %v", err)
	}
	s.head = head
	for s.scanned < head.Number {
		s.scanned++
		s.readEvents(s.scanned)
	}
	s.compareRoots()
}

// until proves head after head until the condition holds.
func (s *site) until(what string, condition func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited for %s in vain, at block %d; committed %+v", what, s.head.Number, s.committed())
		}
		s.advance()
	}
}

// value proves a storage value at the newest head.
func value[T any](s *site, codec scale.Codec[T], key []byte) scale.Optional[T] {
	s.t.Helper()
	values, err := s.chain.Read(s.whole.Context(), s.head, key)
	if err != nil {
		s.t.Fatal(err)
	}
	if values[0] == nil {
		return scale.None[T]()
	}
	decoded, err := codec.Unmarshal(values[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return scale.Some(decoded)
}

// Events of the Confidential pallet, as spec/interface.md numbers them.
var (
	eventCommitVoted = []byte{wire.PalletConfidential, 2}
	eventDiscrepancy = []byte{wire.PalletConfidential, 8}
)

// readEvents finds who has voted for what in a block, and whom a discrepancy names. It
// looks for the events by their fields, of which keys and hashes make mistakes impossible.
func (s *site) readEvents(number uint32) {
	s.t.Helper()
	var hash scale.Hash
	if err := s.rpc.Call(s.whole.Context(), &hash, "chain_getBlockHash", number); err != nil {
		s.t.Fatal(err)
	}
	key := hashing.StoragePrefix("System", "Events")
	var events *scale.HexBytes
	if err := s.rpc.Call(s.whole.Context(), &events, "state_getStorage", scale.HexBytes(key[:]), hash); err != nil {
		s.t.Fatal(err)
	}
	if events == nil {
		return
	}
	for rest := []byte(*events); ; {
		at := bytes.Index(rest, eventCommitVoted)
		if at < 0 || len(rest) < at+2+8+32+32 {
			break
		}
		fields := rest[at+2:]
		if worker := [32]byte(fields[8:40]); s.knows(worker) {
			checkpoint := binary.LittleEndian.Uint64(fields)
			if s.votes[checkpoint] == nil {
				s.votes[checkpoint] = map[[32]byte]wire.Hash{}
			}
			s.votes[checkpoint][worker] = wire.Hash(fields[40:72])
		}
		rest = rest[at+2:]
	}
	if at := bytes.Index(*events, eventDiscrepancy); at >= 0 {
		for _, w := range s.workers {
			if w != nil && bytes.Contains((*events)[at+2+8+1:], w.key[:]) {
				s.named[w.key] = true
			}
		}
	}
}

func (s *site) knows(key [32]byte) bool {
	for _, w := range s.workers {
		if w != nil && w.key == key {
			return true
		}
	}
	return false
}

// votedSince reports whether a worker's vote for a checkpoint after one was counted.
func (s *site) votedSince(worker int, checkpoint uint64) bool {
	for voted, votes := range s.votes {
		if _, ok := votes[s.workers[worker].key]; ok && voted > checkpoint {
			return true
		}
	}
	return false
}
