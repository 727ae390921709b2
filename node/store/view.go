package store

import (
	"bytes"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// View is the store as it stands after one height, whatever is committed and pruned later. Until it is closed the
// database keeps what it shows.
type View struct {
	snapshot *pebble.Snapshot
	head     Head
}

// View is the store as it stands now.
func (s *Store) View() (*View, error) {
	v := &View{snapshot: s.db.NewSnapshot()}
	encoded, err := readFrom(v.snapshot, keyHead)
	if err == nil {
		v.head, err = headCodec.Unmarshal(encoded)
	}
	if err != nil {
		return nil, errors.Join(damaged("head"), err, v.Close())
	}
	return v, nil
}

// Head is where the chain stood.
func (v *View) Head() Head { return v.head }

// EncodedHeader is the header of the head.
func (v *View) EncodedHeader() ([]byte, error) {
	record, err := blockFrom(v.snapshot, v.head.Hash)
	return record.Header, err
}

// Get returns a state record; see [Store.Get].
func (v *View) Get(hash scale.Hash) ([]byte, error) { return recordFrom(v.snapshot, hash) }

// Close gives the view up.
func (v *View) Close() error { return v.snapshot.Close() }

var _ trie.NodeStore = (*View)(nil)

// readFrom returns a copy of the value of key.
func readFrom(database pebble.Reader, key []byte) ([]byte, error) {
	value, closer, err := database.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		if pebble.IsCorruptionError(err) {
			return nil, errors.Join(ErrDamaged, err)
		}
		return nil, err
	}
	out := bytes.Clone(value)
	if out == nil {
		out = []byte{}
	}
	return out, closer.Close()
}
