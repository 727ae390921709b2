package snapshot

import (
	"errors"
	"fmt"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

const (
	// Format is the number of this form, as CometBFT's peers tell each other.
	Format = 1
	// ChunkSize is the size, in bytes, that a chunk has reached when it ends: with the record that takes it there.
	ChunkSize = 1 << 20
	// MaxRecord bounds a record, in bytes. A chunk is then shorter than 15 MiB; CometBFT carries 16,000,000 bytes.
	MaxRecord = 14 << 20
	// MaxChunks bounds a snapshot: some 16 GiB.
	MaxChunks = 16_384
	// MaxHeader bounds the header in a description, in bytes.
	MaxHeader = 64 << 10
)

// Refusals of what a peer sent; test with errors.Is.
var (
	ErrFormat = errors.New("snapshot: of a format that this version does not read")
	ErrHeader = errors.New("snapshot: its header is not the block that the validators signed for its height")
	ErrForged = errors.New("snapshot: a record is not the one that the state root commits to at its place")
	ErrChunk  = errors.New("snapshot: a chunk is malformed")
	ErrShort  = errors.New("snapshot: a chunk ends too early")
	ErrLong   = errors.New("snapshot: a chunk goes on behind its end")
	ErrOrder  = errors.New("snapshot: chunks must be applied in their order")
	ErrChunks = errors.New("snapshot: it has another number of chunks than was offered")
)

// Description is what a node offers.
type Description struct {
	Height uint64     // CometBFT's, after which the state is
	Header []byte     // of the latest Substrate block then, as encoded
	Hash   scale.Hash // of the header: the AppHash after the height, and the snapshot's name
	Chunks uint32
}

// decodeHeader checks a description against the AppHash that the validators signed.
func (d *Description) decodeHeader(trusted scale.Hash) (header.Header, error) {
	switch {
	case d.Height == 0 || d.Chunks == 0 || d.Chunks > MaxChunks:
		return header.Header{}, fmt.Errorf("%w (height %d, %d chunks)", ErrChunks, d.Height, d.Chunks)
	case len(d.Header) > MaxHeader:
		return header.Header{}, fmt.Errorf("%w (%d bytes)", ErrHeader, len(d.Header))
	case d.Hash != trusted || scale.Hash(hashing.Blake2_256(d.Header)) != trusted:
		return header.Header{}, fmt.Errorf("%w (it describes %v, signed is %v)", ErrHeader, d.Hash, trusted)
	}
	decoded, err := header.Codec.Unmarshal(d.Header)
	if err != nil || decoded.Number == 0 {
		return header.Header{}, fmt.Errorf("%w (block %d: %w)", ErrHeader, decoded.Number, err)
	}
	return decoded, nil
}

// walk goes through a trie, of which it knows nothing but the records it is shown.
type walk struct {
	pending []trie.Reference // the last is next
}

func newWalk(root scale.Hash) walk { return walk{pending: []trie.Reference{{Hash: root}}} }

func (w *walk) done() bool { return len(w.pending) == 0 }

// next is the record that must come; only if the walk is not done.
func (w *walk) next() trie.Reference { return w.pending[len(w.pending)-1] }

// step goes on behind the record that was next, whose bytes these are.
func (w *walk) step(data []byte) error {
	at := w.next()
	w.pending = w.pending[:len(w.pending)-1]
	if at.Value {
		return nil
	}
	below, err := trie.References(data)
	if err != nil {
		return err
	}
	for i := len(below) - 1; i >= 0; i-- {
		w.pending = append(w.pending, below[i])
	}
	return nil
}
