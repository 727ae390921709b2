package store

import (
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// checkedBlocks is how many of the latest blocks a start looks at: more than fit into the logs that the database has not made
// tables of yet. It takes a tenth of a second.
const checkedBlocks = 1 << 18

// checkGapless looks for blocks that are missing below the head. The database takes a damaged end of its manifest for one that a
// crash left unfinished, and then does not know its latest tables any more; what came after them is in its logs, and is there.
func (s *Store) checkGapless(head Head) error {
	next := s.origin.Number
	if head.Number > checkedBlocks {
		next = max(next, head.Number-checkedBlocks)
	}
	iterator, err := s.db.NewIter(&pebble.IterOptions{LowerBound: numberKey(kindHash, next), UpperBound: []byte{kindHash + 1}})
	if err != nil {
		return err
	}
	defer iterator.Close()
	var last []byte
	for ok := iterator.First(); ok; ok = iterator.Next() {
		if number := binary.BigEndian.Uint32(iterator.Key()[1:]); number != next {
			return damaged("block %d is missing below block %d", next, number)
		}
		if last, err = iterator.ValueAndErr(); err != nil {
			return openError(err)
		}
		next++
	}
	if err := iterator.Error(); err != nil {
		return openError(err)
	}
	if next != head.Number+1 {
		return damaged("the blocks end at %d, the head is block %d", int64(next)-1, head.Number)
	}
	if len(last) > 0 && scale.Hash(last) != head.Hash {
		return damaged("block %d is not the head", head.Number)
	}
	if head.StateRoot == trie.EmptyRoot {
		return nil
	}
	if _, err := s.Get(head.StateRoot); err != nil {
		return damaged("the state of block %d is missing: %v", head.Number, err)
	}
	return nil
}
