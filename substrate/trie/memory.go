package trie

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// MemoryStore is a NodeStore in memory that counts references as the package's
// documentation says. It may be used concurrently.
type MemoryStore struct {
	lock    sync.RWMutex
	records map[scale.Hash]counted
}

type counted struct {
	data  []byte
	count int
}

// NewMemoryStore makes an empty store: one that holds the empty trie.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{records: make(map[scale.Hash]counted)}
}

// Get returns a record.
func (s *MemoryStore) Get(hash scale.Hash) ([]byte, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	record, ok := s.records[hash]
	if !ok {
		return nil, ErrNotFound
	}
	return record.data, nil
}

// Len is the number of different records.
func (s *MemoryStore) Len() int {
	s.lock.RLock()
	defer s.lock.RUnlock()
	return len(s.records)
}

// Insert adds what a commit inserted.
func (s *MemoryStore) Insert(set ChangeSet) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, record := range set.Inserted {
		kept := s.records[record.Hash]
		if kept.count++; kept.data == nil {
			kept.data = record.Data
		}
		s.records[record.Hash] = kept
	}
}

// Prune leaves the commit's old root behind: what only its trie held is deleted.
// Roots are left behind in the order in which they were committed.
func (s *MemoryStore) Prune(set ChangeSet) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, hash := range set.Removed {
		s.release(hash)
	}
}

// Discard undoes Insert for a commit on whose root nothing was committed.
func (s *MemoryStore) Discard(set ChangeSet) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, record := range set.Inserted {
		s.release(record.Hash)
	}
}

func (s *MemoryStore) release(hash scale.Hash) {
	kept, ok := s.records[hash]
	if !ok {
		panic("trie: a reference to record " + hash.String() + " is released more often than it was taken: prune each commit once, the oldest first")
	}
	if kept.count--; kept.count == 0 {
		delete(s.records, hash)
	} else {
		s.records[hash] = kept
	}
}
