package store

import (
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
	for i := range inserted {
		hash := inserted[i].Hash
		if delta := change[hash]; delta > 0 {
			w.bringIn(hash, delta, inserted[i].Data)
			delete(change, hash)
		}
	}
	for hash, delta := range change { // the order within a batch does not matter
		if delta < 0 {
			w.takeOut(hash, -delta)
		}
	}
}
