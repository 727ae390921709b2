package store

import (
	"encoding/binary"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Origin is where a node began that did not begin at genesis. Genesis itself is always kept.
type Origin struct {
	Number     uint32 // the oldest block: its header and state, not its body
	Checkpoint uint64 // the oldest checkpoint
	Height     uint64 // of CometBFT
}

var originCodec = scale.Struct("Origin", "",
	scale.Field("number", scale.U32, func(o *Origin) *uint32 { return &o.Number }),
	scale.Field("checkpoint", scale.U64, func(o *Origin) *uint64 { return &o.Checkpoint }),
	scale.Field("height", scale.U64, func(o *Origin) *uint64 { return &o.Height }),
)

// Origin is where the store begins; the zero value if nothing is missing.
func (s *Store) Origin() Origin {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.origin
}

func (s *Store) readOrigin() (origin Origin, err error) {
	encoded, err := s.read(keyOrigin)
	if errors.Is(err, ErrNotFound) {
		return origin, nil
	}
	if err == nil {
		origin, err = originCodec.Unmarshal(encoded)
	}
	if err != nil {
		return origin, errors.Join(damaged("where the chain begins"), err)
	}
	return origin, nil
}

// Restore brings the state of a later block into a store that holds genesis alone. The head is genesis until it is
// finished; what it has brought by then is of no effect, and is cleared away when another begins or the store is opened
// again. Nothing else may be written meanwhile.
type Restore struct{ store *Store }

// BeginRestore begins, from a store that holds nothing but its genesis, this block, or exactly what was restored.
func (s *Store) BeginRestore(genesis Block) (*Restore, error) {
	head, ok := s.Head()
	if !ok {
		return nil, ErrNoGenesis
	}
	if head.Height != s.Origin().Height { // that of a store without origin is 0
		return nil, ErrNotEmpty
	}
	if err := s.clear(genesis); err != nil {
		return nil, err
	}
	if err := s.db.Set(keyRestoring, []byte{1}, pebble.Sync); err != nil {
		return nil, err
	}
	return &Restore{store: s}, nil
}

// finishRestore clears away what a restoration has left that the end of the process broke off.
func (s *Store) finishRestore(genesis Block) error {
	if _, err := s.read(keyRestoring); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return s.clear(genesis)
}

// clear leaves genesis alone, in one step.
func (s *Store) clear(genesis Block) error {
	batch := s.db.NewBatch()
	defer batch.Close()
	w := writer{batch: batch, store: s}
	for _, kind := range []byte{kindRecord, kindHash, kindBlock, kindBody, kindHeight, kindJournal, kindCheckpoint} {
		if err := batch.DeleteRange([]byte{kind}, []byte{kind + 1}, nil); err != nil {
			return err
		}
	}
	w.delete(keyOrigin)
	w.delete(keyRestoring)
	head := w.genesis(genesis)
	s.setOrigin(Origin{})
	return s.finish(&w, head)
}

func (s *Store) setOrigin(origin Origin) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.origin = origin
}

// Add brings in state records, each once for every place that holds it. They can be read at once.
func (r *Restore) Add(records []trie.Record) error {
	batch := r.store.db.NewBatch()
	defer batch.Close()
	w := writer{batch: batch, store: r.store}
	w.records(records, nil)
	if w.err != nil {
		return w.err
	}
	return batch.Commit(pebble.NoSync) // Finish makes it durable
}

// Restored is where the chain stands when the state is whole.
type Restored struct {
	Height      uint64 // of CometBFT
	Header      header.Header
	MadeAt      uint64 // the height that made the block
	Timestamp   uint64
	Checkpoints uint64      // how many there have been before the block
	Checkpoint  *Checkpoint // that the block is; nil if it is none
}

// Finish makes the restored block the head. It returns when everything is on the disk.
func (r *Restore) Finish(to Restored) error {
	batch := r.store.db.NewBatch()
	defer batch.Close()
	w := writer{batch: batch, store: r.store}
	origin := Origin{Number: to.Header.Number, Checkpoint: to.Checkpoints, Height: to.Height}
	head := Head{Height: to.Height, Number: to.Header.Number, Hash: to.Header.Hash(), StateRoot: to.Header.StateRoot,
		MadeAt: to.MadeAt, Timestamp: to.Timestamp, OldestState: to.Header.Number, Checkpoints: to.Checkpoints, First: to.Header.Number}
	w.set(numberKey(kindHash, head.Number), head.Hash[:])
	w.set(hashKey(kindBlock, head.Hash), blockCodec.Marshal(blockRecord{Header: header.Codec.Marshal(to.Header)}))
	w.set(indexKey(kindHeight, to.MadeAt), binary.BigEndian.AppendUint32(nil, head.Number))
	if to.Checkpoint != nil {
		w.checkpoint(*to.Checkpoint, &head)
		head.Checkpoints++
	}
	w.set(keyOrigin, originCodec.Marshal(origin))
	w.set(keyHead, headCodec.Marshal(head))
	w.delete(keyRestoring)
	if err := r.store.finish(&w, head); err != nil {
		return err
	}
	r.store.setOrigin(origin)
	return nil
}
