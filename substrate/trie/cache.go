package trie

import (
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// cacheShards spreads the lock of a Cache; a hash's first byte picks the shard.
const cacheShards = 16

// Estimated bytes that an entry costs beyond its data: in the cache and in a
// node, and in a node for each child.
const (
	entryOverhead = 120
	nodeOverhead  = 96
	childOverhead = 40
)

// Cache keeps decoded nodes and detached values of any roots in memory, up to a
// number of bytes. It may be used concurrently and by many tries.
type Cache struct {
	nodes  [cacheShards]shard[*node]
	values [cacheShards]shard[[]byte]
}

// NewCache makes a cache of about size bytes.
func NewCache(size int) *Cache {
	c := &Cache{}
	for i := range c.nodes {
		// A value is seldom read without its node, and is often the larger.
		c.nodes[i].init(size / 2 / cacheShards)
		c.values[i].init(size / 2 / cacheShards)
	}
	return c
}

func (c *Cache) node(hash scale.Hash) *node {
	if c == nil {
		return nil
	}
	return c.nodes[hash[0]%cacheShards].get(hash)
}

func (c *Cache) putNode(hash scale.Hash, n *node) {
	if c != nil {
		size := entryOverhead + nodeOverhead + len(n.partial.packed) + len(n.data) + childOverhead*len(n.children)
		c.nodes[hash[0]%cacheShards].put(hash, n, size)
	}
}

func (c *Cache) value(hash scale.Hash) []byte {
	if c == nil {
		return nil
	}
	return c.values[hash[0]%cacheShards].get(hash)
}

func (c *Cache) putValue(hash scale.Hash, data []byte) {
	if c != nil {
		c.values[hash[0]%cacheShards].put(hash, data, entryOverhead+len(data))
	}
}

// drop forgets a record that the newest state no longer holds. Should another
// state want it, it is loaded again.
func (c *Cache) drop(hash scale.Hash) {
	if c != nil {
		c.nodes[hash[0]%cacheShards].drop(hash)
		c.values[hash[0]%cacheShards].drop(hash)
	}
}

// shard is one part of a cache: a table of slots around which a clock hand goes
// and evicts what was not read since its last visit.
type shard[T any] struct {
	lock     sync.Mutex
	index    map[scale.Hash]int32
	slots    []slot[T]
	free     []int32
	hand     int
	size     int
	capacity int
}

type slot[T any] struct {
	hash  scale.Hash
	entry T
	size  int32
	used  bool // the slot holds an entry
	read  bool // since the hand passed
}

func (s *shard[T]) init(capacity int) {
	s.index = make(map[scale.Hash]int32)
	s.capacity = capacity
}

func (s *shard[T]) get(hash scale.Hash) (entry T) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if i, ok := s.index[hash]; ok {
		s.slots[i].read = true
		entry = s.slots[i].entry
	}
	return entry
}

func (s *shard[T]) put(hash scale.Hash, entry T, size int) {
	if size > s.capacity/4 {
		return // it would push out too much else
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, ok := s.index[hash]; ok {
		return // one hash, one content
	}
	for s.size+size > s.capacity {
		s.evict()
	}
	filled := slot[T]{hash: hash, entry: entry, size: int32(size), used: true}
	if last := len(s.free) - 1; last >= 0 {
		s.slots[s.free[last]] = filled
		s.index[hash] = s.free[last]
		s.free = s.free[:last]
	} else {
		s.index[hash] = int32(len(s.slots))
		s.slots = append(s.slots, filled)
	}
	s.size += size
}

// evict moves the hand to the next entry that was not read lately and frees it.
// There is an entry: size is above zero. It ends within two rounds.
func (s *shard[T]) evict() {
	for {
		s.hand = (s.hand + 1) % len(s.slots)
		current := &s.slots[s.hand]
		if current.used && !current.read {
			s.remove(int32(s.hand))
			return
		}
		current.read = false
	}
}

func (s *shard[T]) drop(hash scale.Hash) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if i, ok := s.index[hash]; ok {
		s.remove(i)
	}
}

func (s *shard[T]) remove(i int32) {
	delete(s.index, s.slots[i].hash)
	s.size -= int(s.slots[i].size)
	s.slots[i] = slot[T]{}
	s.free = append(s.free, i)
}
