package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// maxPruned bounds how many states one commit leaves behind: a smaller window than before takes effect step by step.
const maxPruned = 4

// Block is what a CometBFT height made.
type Block struct {
	Header     header.Header
	Body       [][]byte
	Timestamp  uint64 // ms since 1970
	State      trie.ChangeSet
	Checkpoint *Checkpoint // nil if the block is none; its Number and Hash are filled in
}

// WriteGenesis stores block 0. Writing the same again changes nothing; another genesis is refused.
func (s *Store) WriteGenesis(block Block) error {
	hash := block.Header.Hash()
	if existing, err := s.Genesis(); err == nil {
		if existing != hash {
			return fmt.Errorf("%w: it starts from %v, the chain spec makes %v", ErrGenesis, existing, hash)
		}
		return s.finishRestore(block)
	} else if !errors.Is(err, ErrNoGenesis) {
		return err
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	w := writer{batch: batch, store: s}
	return s.finish(&w, w.genesis(block))
}

// genesis writes block 0, and gives the head that it is.
func (w *writer) genesis(block Block) Head {
	hash := block.Header.Hash()
	head := Head{Hash: hash, StateRoot: block.Header.StateRoot, Timestamp: block.Timestamp}
	w.set(keyGenesis, hash[:])
	w.block(block, hash)
	w.records(slices.Concat(block.State.Inserted, block.State.Inserted), nil) // twice: it is pinned
	w.set(keyHead, headCodec.Marshal(head))
	return head
}

// Commit stores what CometBFT height made: a block, or nothing. It returns when everything is on the disk.
func (s *Store) Commit(height uint64, block *Block) error {
	head, ok := s.Head()
	if !ok {
		return ErrNoGenesis
	}
	if height <= head.Height {
		return fmt.Errorf("%w: height %d after %d", ErrOrder, height, head.Height)
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	w := writer{batch: batch, store: s}
	head.Height = height
	if block != nil {
		if err := w.extend(&head, block); err != nil {
			return err
		}
	}
	w.set(keyHead, headCodec.Marshal(head))
	return s.finish(&w, head)
}

// finish makes the batch durable and the head visible.
func (s *Store) finish(w *writer, head Head) error {
	if w.err != nil {
		return w.err
	}
	if err := w.batch.Commit(pebble.Sync); err != nil {
		return err
	}
	s.mutex.Lock()
	s.head, s.ready = head, true
	s.mutex.Unlock()
	return nil
}

// writer fills one batch; its first error sticks.
type writer struct {
	batch *pebble.Batch
	store *Store
	err   error
}

func (w *writer) set(key, value []byte) {
	if w.err == nil {
		w.err = w.batch.Set(key, value, nil)
	}
}

func (w *writer) delete(key []byte) {
	if w.err == nil {
		w.err = w.batch.Delete(key, nil)
	}
}

// extend writes the block on top of head, which it moves, and prunes.
func (w *writer) extend(head *Head, block *Block) error {
	if block.Header.ParentHash != head.Hash || block.Header.Number != head.Number+1 || block.State.OldRoot != head.StateRoot {
		return fmt.Errorf("%w: block %d on %v does not extend block %d, %v",
			ErrOrder, block.Header.Number, block.Header.ParentHash, head.Number, head.Hash)
	}
	head.Number, head.Hash, head.StateRoot = block.Header.Number, block.Header.Hash(), block.Header.StateRoot
	head.MadeAt, head.Timestamp = head.Height, block.Timestamp
	w.block(*block, head.Hash)
	w.set(indexKey(kindHeight, head.Height), binary.BigEndian.AppendUint32(nil, head.Number))
	if block.Checkpoint != nil {
		if block.Checkpoint.Index != head.Checkpoints {
			return fmt.Errorf("%w: checkpoint %d after %d of them", ErrOrder, block.Checkpoint.Index, head.Checkpoints)
		}
		w.checkpoint(*block.Checkpoint, head)
		head.Checkpoints++
	}
	removed := w.prune(head, block)
	w.records(block.State.Inserted, removed)
	return w.err
}

// block writes header, body and the number's hash.
func (w *writer) block(block Block, hash scale.Hash) {
	body := bodyCodec.Marshal(block.Body)
	record := blockRecord{Header: header.Codec.Marshal(block.Header), BodyHash: hashing.Blake2_256(body)}
	w.set(numberKey(kindHash, block.Header.Number), hash[:])
	w.set(hashKey(kindBlock, hash), blockCodec.Marshal(record))
	w.set(hashKey(kindBody, hash), body)
	if len(block.State.Removed) == 0 {
		return
	}
	journal := make([]byte, 0, len(block.State.Removed)*len(scale.Hash{}))
	for i := range block.State.Removed {
		journal = append(journal, block.State.Removed[i][:]...)
	}
	w.set(numberKey(kindJournal, block.Header.Number), journal)
}

func (w *writer) checkpoint(checkpoint Checkpoint, head *Head) {
	checkpoint.Number, checkpoint.Hash = head.Number, head.Hash
	encoded := checkpointCodec.Marshal(checkpoint)
	sum := hashing.Blake2_256(encoded)
	w.set(indexKey(kindCheckpoint, checkpoint.Index), append(encoded, sum[:]...))
}
