package store

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestMissingBlocksAreNoticed: what a database has lost below its head is not passed over in silence.
func TestMissingBlocksAreNoticed(t *testing.T) {
	for name, number := range map[string]uint32{"the first": 0, "one in the middle": 3, "the last": 5} {
		s := openMemory(t, vfs.NewMem(), nil)
		c := newChain(t, s, 31)
		for range 5 {
			c.next(nil)
		}
		if err := s.load(); err != nil {
			t.Fatal(err)
		}
		if err := s.db.Delete(numberKey(kindHash, number), nil); err != nil {
			t.Fatal(err)
		}
		if err := s.load(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := openMemory(t, vfs.NewMem(), nil)
	c := newChain(t, s, 32)
	block := c.next(nil)
	if err := s.db.Delete(hashKey(kindRecord, block.Header.StateRoot), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.load(); !errors.Is(err, ErrDamaged) {
		t.Errorf("the head's state: %v", err)
	}
}
