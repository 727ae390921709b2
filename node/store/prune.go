package store

import (
	"encoding/binary"
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// prune leaves behind the states that fall out of the window and returns what their successors removed.
func (w *writer) prune(head *Head, block *Block) (removed []scale.Hash) {
	if w.store.options.Archive {
		return nil
	}
	for range maxPruned {
		if uint64(head.OldestState)+uint64(w.store.options.StateWindow) > uint64(head.Number) {
			break
		}
		next := head.OldestState + 1
		if next == head.Number {
			removed = append(removed, block.State.Removed...)
		} else {
			removed = append(removed, w.journal(next)...)
		}
		w.delete(numberKey(kindJournal, next))
		head.OldestState = next
	}
	return removed
}

// journal reads what a block removed; a block that removed nothing has none.
func (w *writer) journal(number uint32) []scale.Hash {
	value, err := w.store.read(numberKey(kindJournal, number))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	const size = len(scale.Hash{})
	if err == nil && len(value)%size != 0 {
		err = damaged("journal of block %d", number)
	}
	if err != nil {
		w.err = errors.Join(w.err, err)
		return nil
	}
	hashes := make([]scale.Hash, len(value)/size)
	for i := range hashes {
		copy(hashes[i][:], value[i*size:])
	}
	return hashes
}

// records counts what comes in and what goes, and writes and deletes accordingly. Both happen in one batch, so a record
// that goes with an old state and comes with the new block stays.
func (w *writer) records(inserted []trie.Record, removed []scale.Hash) {
	change := make(map[scale.Hash]int64, len(inserted)+len(removed))
	for i := range removed {
		change[removed[i]]--
	}
	for i := range inserted {
		change[inserted[i].Hash]++
	}
	data := make(map[scale.Hash][]byte, len(inserted))
	for i := range inserted {
		data[inserted[i].Hash] = inserted[i].Data
	}
	for hash, delta := range change { // the batch's order of keys does not matter
		if delta != 0 {
			w.count(hash, delta, data[hash])
		}
	}
}

// count changes a record's count by delta. data is there if the record may be new.
func (w *writer) count(hash scale.Hash, delta int64, data []byte) {
	if w.err != nil {
		return
	}
	before, err := w.store.countOf(hash)
	if err != nil {
		w.err = err
		return
	}
	after := int64(before) + delta
	switch {
	case after < 0:
		w.err = damaged("state record %v is counted %d times but removed %d times", hash, before, -delta)
		return
	case after == 0:
		w.delete(hashKey(kindRecord, hash))
	case before == 0:
		if data == nil {
			w.err = damaged("state record %v is missing", hash)
			return
		}
		w.set(hashKey(kindRecord, hash), data)
	}
	switch {
	case after > 1:
		w.set(hashKey(kindCount, hash), binary.LittleEndian.AppendUint32(nil, uint32(after)))
	case before > 1:
		w.delete(hashKey(kindCount, hash))
	}
}

// countOf is how many places hold a record; a record without a count is held once.
func (s *Store) countOf(hash scale.Hash) (uint32, error) {
	present, err := s.has(hashKey(kindRecord, hash))
	if err != nil || !present {
		return 0, err
	}
	value, err := s.read(hashKey(kindCount, hash))
	switch {
	case errors.Is(err, ErrNotFound):
		return 1, nil
	case err != nil:
		return 0, err
	case len(value) != 4 || binary.LittleEndian.Uint32(value) < 2:
		return 0, damaged("count of state record %v", hash)
	}
	return binary.LittleEndian.Uint32(value), nil
}
