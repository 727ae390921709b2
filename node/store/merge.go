package store

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// A state record's value is its count, a signed varint, and its bytes. To bring one in, a commit need not know whether it
// is there already: it merges in a change of the count with the bytes, and the database adds up. Only where a count falls
// it is read, and at zero the record is deleted. (Pebble could drop a sum of zero by itself, by DeletableValueMerger, but
// a compaction of v2.1.4 that does so panics; the tests of this package, written that way, showed it.)

// countMerger is how the database adds up. Its name is part of the format.
var countMerger = &pebble.Merger{
	Name: "bitcloak.count.1",
	Merge: func(_, value []byte) (pebble.ValueMerger, error) {
		m := &recordMerge{}
		return m, m.add(value)
	},
}

// recordMerge is one record being added up. The order of changes does not matter.
type recordMerge struct {
	count int64
	data  []byte
}

func (m *recordMerge) add(value []byte) error {
	count, data, err := splitRecord(value)
	if err != nil {
		return err
	}
	if count > 0 && m.count > math.MaxInt64-count || count < 0 && m.count < math.MinInt64-count {
		return damaged("a state record's count overflows")
	}
	m.count += count
	if m.data == nil && len(data) > 0 {
		m.data = append([]byte(nil), data...)
	}
	return nil
}

// MergeNewer adds a change.
func (m *recordMerge) MergeNewer(value []byte) error { return m.add(value) }

// MergeOlder adds a change.
func (m *recordMerge) MergeOlder(value []byte) error { return m.add(value) }

// Finish gives the sum.
func (m *recordMerge) Finish(bool) ([]byte, io.Closer, error) {
	return joinRecord(m.count, m.data), nil, nil
}

func joinRecord(count int64, data []byte) []byte {
	value := make([]byte, 0, binary.MaxVarintLen64+len(data))
	return append(binary.AppendVarint(value, count), data...)
}

func splitRecord(value []byte) (count int64, data []byte, err error) {
	count, size := binary.Varint(value)
	if size <= 0 {
		return 0, nil, damaged("a state record's count")
	}
	return count, value[size:], nil
}

// bringIn raises the count of a record.
func (w *writer) bringIn(hash scale.Hash, by int64, data []byte) {
	if w.err == nil {
		w.err = w.batch.Merge(hashKey(kindRecord, hash), joinRecord(by, data), nil)
	}
}

// takeOut lowers the count of a record, and deletes it at zero.
func (w *writer) takeOut(hash scale.Hash, by int64) {
	if w.err != nil {
		return
	}
	value, err := w.store.read(hashKey(kindRecord, hash))
	if err != nil {
		w.err = errors.Join(damaged("state record %v is missing", hash), err)
		return
	}
	count, _, err := splitRecord(value)
	switch {
	case err != nil:
		w.err = err
	case count < by:
		w.err = damaged("state record %v is counted %d times but taken out %d times", hash, count, by)
	case count == by:
		w.delete(hashKey(kindRecord, hash))
	default:
		w.err = w.batch.Merge(hashKey(kindRecord, hash), joinRecord(-by, nil), nil)
	}
}
