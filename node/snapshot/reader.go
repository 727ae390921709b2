package snapshot

import (
	"fmt"
	"slices"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Reader checks the chunks of one snapshot.
type Reader struct {
	header header.Header
	chunks uint32
	next   uint32
	walk   walk
}

// NewReader reads the snapshot of a description, whose header must have the hash that the validators signed.
func NewReader(described Description, trusted scale.Hash) (*Reader, error) {
	decoded, err := described.decodeHeader(trusted)
	if err != nil {
		return nil, err
	}
	return &Reader{header: decoded, chunks: described.Chunks, walk: newWalk(decoded.StateRoot)}, nil
}

// Header is the header of the block whose state it is.
func (r *Reader) Header() header.Header { return r.header }

// Done reports that the whole state has been read.
func (r *Reader) Done() bool { return r.next == r.chunks }

// Apply checks a chunk and gives its records, each as often as the state has places for it. After a refusal the reader is
// as before: another peer's chunk may be applied. [ErrChunks] alone is no fault of the chunk but of the description.
func (r *Reader) Apply(index uint32, chunk []byte) ([]trie.Record, error) {
	if index != r.next || r.Done() {
		return nil, fmt.Errorf("%w (chunk %d, expected is %d of %d)", ErrOrder, index, r.next, r.chunks)
	}
	after := walk{pending: slices.Clone(r.walk.pending)}
	records, err := after.read(chunk)
	if err != nil {
		return nil, fmt.Errorf("%w (chunk %d)", err, index)
	}
	if last := index == r.chunks-1; last != after.done() {
		return nil, fmt.Errorf("%w (offered were %d, and the state ends with chunk %d: %t)", ErrChunks, r.chunks, index, after.done())
	}
	r.walk, r.next = after, r.next+1
	return records, nil
}

// read checks that a chunk holds the records that come next and ends where a chunk ends.
func (w *walk) read(chunk []byte) (records []trie.Record, err error) {
	d := scale.NewDecoder(chunk)
	for d.Remaining() > 0 {
		if w.done() || d.Offset() >= ChunkSize {
			return nil, ErrLong
		}
		data := d.BytesView(MaxRecord)
		if d.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrChunk, d.Err())
		}
		hash := scale.Hash(hashing.Blake2_256(data))
		if want := w.next().Hash; hash != want {
			return nil, fmt.Errorf("%w (%v instead of %v)", ErrForged, hash, want)
		}
		if err := w.step(data); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForged, err)
		}
		records = append(records, trie.Record{Hash: hash, Data: data})
	}
	if len(chunk) < ChunkSize && !w.done() {
		return nil, fmt.Errorf("%w (%d bytes)", ErrShort, len(chunk))
	}
	return records, nil
}
