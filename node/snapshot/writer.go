package snapshot

import (
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// ErrTooLarge is a state that this format cannot carry.
var ErrTooLarge = errors.New("snapshot: the state is too large for state sync; new nodes must sync from the first block")

// write cuts the state at root into chunks. The bytes given to each are good only until it returns.
func write(source trie.NodeStore, root scale.Hash, each func(chunk []byte) error) error {
	w := newWalk(root)
	var e scale.Encoder
	for chunks := 0; !w.done(); {
		data, err := source.Get(w.next().Hash)
		if err != nil {
			return fmt.Errorf("read state record %v: %w", w.next().Hash, err)
		}
		if scale.Hash(hashing.Blake2_256(data)) != w.next().Hash {
			return &trie.RecordError{Hash: w.next().Hash, Cause: trie.ErrCorrupt} // others would convict this node of forgery
		}
		if len(data) > MaxRecord {
			return fmt.Errorf("%w (a value of %d bytes)", ErrTooLarge, len(data))
		}
		e.Bytes(data)
		if err := w.step(data); err != nil {
			return err
		}
		if e.Len() < ChunkSize && !w.done() {
			continue
		}
		if chunks++; chunks > MaxChunks {
			return fmt.Errorf("%w (more than %d chunks)", ErrTooLarge, MaxChunks)
		}
		if err := each(e.Encoded()); err != nil {
			return err
		}
		e.Reset()
	}
	return nil
}
