package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// given is a state, its header, and the chunks that an honest node makes of it.
type given struct {
	store       *trie.MemoryStore
	root        scale.Hash
	header      []byte
	chunks      [][]byte
	description Description
	records     map[scale.Hash]int // how many places hold each
}

// some makes a state of about so many bytes, in which records repeat and some values are detached, one of them larger than
// a chunk.
func some(t testing.TB, size int) *given {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	tr := trie.Open(nil, trie.EmptyRoot, trie.Options{Layout: trie.Layout1})
	put := func(key string, value []byte) {
		t.Helper()
		if err := tr.Put([]byte(key), value); err != nil {
			t.Fatal(err)
		}
	}
	for written := 0; written < size; {
		value := make([]byte, random.IntN(400))
		for i := range value {
			value[i] = byte(random.Uint32())
		}
		put(fmt.Sprint(random.Uint64()), value)
		put(fmt.Sprintf("same/%d", written), bytes.Repeat([]byte{7}, 60))
		written += len(value) + 140
	}
	if size > ChunkSize {
		put("large", bytes.Repeat([]byte{1, 2, 3}, ChunkSize/2))
	}
	set := tr.Commit()
	g := &given{store: trie.NewMemoryStore(), root: set.NewRoot, records: map[scale.Hash]int{}}
	g.store.Insert(set)
	for _, record := range set.Inserted {
		g.records[record.Hash]++
	}
	g.header = header.Codec.Marshal(header.Header{Number: 7, StateRoot: g.root, Digest: []header.DigestItem{}})
	err := write(g.store, g.root, func(chunk []byte) error {
		g.chunks = append(g.chunks, bytes.Clone(chunk))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g.description = Description{Height: 9, Header: g.header, Hash: hashing.Blake2_256(g.header), Chunks: uint32(len(g.chunks))}
	return g
}

func (g *given) reader(t testing.TB) *Reader {
	t.Helper()
	r, err := NewReader(g.description, g.description.Hash)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is read is the state, each record as often as there are places for it.
func TestRoundTrip(t *testing.T) {
	for _, size := range []int{1, 5_000, 4 << 20} {
		g := some(t, size)
		r := g.reader(t)
		read := map[scale.Hash]int{}
		for i, chunk := range g.chunks {
			records, err := r.Apply(uint32(i), chunk)
			if err != nil {
				t.Fatal(err)
			}
			for _, record := range records {
				read[record.Hash]++
			}
			if last := i == len(g.chunks)-1; r.Done() != last {
				t.Errorf("%d bytes: done is %t after chunk %d of %d", size, r.Done(), i, len(g.chunks))
			}
			if !r.Done() && (len(chunk) < ChunkSize || len(chunk) > 5*ChunkSize) {
				t.Errorf("chunk %d has %d bytes", i, len(chunk))
			}
		}
		if fmt.Sprint(read) != fmt.Sprint(g.records) {
			t.Errorf("%d bytes: %d records read, %d there", size, len(read), len(g.records))
		}
		if r.Header().Number != 7 {
			t.Errorf("header %+v", r.Header())
		}
	}
}

// first gives the first record of a chunk, with its length, and the rest.
func first(chunk []byte) (record, rest []byte) {
	d := scale.NewDecoder(chunk)
	d.BytesView(MaxRecord)
	return chunk[:d.Offset()], chunk[d.Offset():]
}

func encoded(record []byte) []byte {
	var e scale.Encoder
	e.Bytes(record)
	return e.Encoded()
}

// A wrong chunk is refused at once, by its own fault and by name, and the right one is taken after it.
func TestWrongChunks(t *testing.T) {
	g := some(t, 4<<20)
	if len(g.chunks) < 4 {
		t.Fatalf("%d chunks are too few", len(g.chunks))
	}
	const at = 1
	good := g.chunks[at]
	one, rest := first(good)
	two, behind := first(rest)
	var last int
	for d := scale.NewDecoder(good); d.Remaining() > 0; d.BytesView(MaxRecord) {
		last = d.Offset()
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	next, _ := first(g.chunks[at+1])
	for name, test := range map[string]struct {
		chunk []byte
		want  error
	}{
		"empty":                   {nil, ErrShort},
		"a bit is flipped":        {flipped, nil},
		"of another place":        {g.chunks[at+1], ErrForged},
		"of the place before":     {g.chunks[at-1], ErrForged},
		"two records swapped":     {slices.Concat(two, one, behind), ErrForged},
		"a record is left out":    {rest, ErrForged},
		"a record twice":          {slices.Concat(one, good), ErrForged},
		"a record of its own":     {slices.Concat(encoded([]byte("money for me")), rest), ErrForged},
		"the last record is cut":  {good[:last], ErrShort},
		"cut in a record":         {good[:last+1], ErrChunk},
		"the next one's first":    {slices.Concat(good, next), ErrLong},
		"a byte behind":           {slices.Concat(good, []byte{0}), ErrLong},
		"a record of 1 GiB":       {[]byte{3, 0, 0, 0, 64}, ErrChunk},
		"no bytes, a long length": {[]byte{254, 255, 255, 255}, ErrChunk},
	} {
		r := g.reader(t)
		if _, err := r.Apply(0, g.chunks[0]); err != nil {
			t.Fatal(err)
		}
		records, err := r.Apply(at, test.chunk)
		if err == nil || records != nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := r.Apply(at, good); err != nil {
			t.Errorf("%s: the right chunk after it: %v", name, err)
		}
	}
}

func TestOrder(t *testing.T) {
	g := some(t, 4<<20)
	r := g.reader(t)
	if _, err := r.Apply(1, g.chunks[1]); !errors.Is(err, ErrOrder) {
		t.Errorf("the second chunk first: %v", err)
	}
	for i, chunk := range g.chunks {
		if _, err := r.Apply(uint32(i), chunk); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Apply(uint32(i), chunk); !errors.Is(err, ErrOrder) {
			t.Errorf("chunk %d twice: %v", i, err)
		}
	}
	if _, err := r.Apply(uint32(len(g.chunks)), nil); !errors.Is(err, ErrOrder) {
		t.Errorf("one chunk more: %v", err)
	}
}

// Who describes a snapshot can lie about the number of its chunks alone, and that shows.
func TestWrongDescriptions(t *testing.T) {
	g := some(t, 4<<20)
	for name, change := range map[string]struct {
		change func(*Description)
		want   error
	}{
		"no chunks":       {func(d *Description) { d.Chunks = 0 }, ErrChunks},
		"too many chunks": {func(d *Description) { d.Chunks = MaxChunks + 1 }, ErrChunks},
		"no height":       {func(d *Description) { d.Height = 0 }, ErrChunks},
		"another hash":    {func(d *Description) { d.Hash[0] ^= 1 }, ErrHeader},
		"another header":  {func(d *Description) { d.Header = bytes.Clone(d.Header); d.Header[40] ^= 1 }, ErrHeader},
		"a long header":   {func(d *Description) { d.Header = make([]byte, MaxHeader+1) }, ErrHeader},
	} {
		d := g.description
		change.change(&d)
		if _, err := NewReader(d, g.description.Hash); !errors.Is(err, change.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	genesis := header.Codec.Marshal(header.Header{StateRoot: g.root, Digest: []header.DigestItem{}})
	for name, encoded := range map[string][]byte{"genesis": genesis, "no header": {1, 2, 3}} {
		d := Description{Height: 1, Header: encoded, Hash: hashing.Blake2_256(encoded), Chunks: 1}
		if _, err := NewReader(d, d.Hash); !errors.Is(err, ErrHeader) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, chunks := range []int{len(g.chunks) - 1, len(g.chunks) + 1} {
		d := g.description
		d.Chunks = uint32(chunks)
		r, err := NewReader(d, d.Hash)
		for i := 0; err == nil && i < len(g.chunks); i++ {
			_, err = r.Apply(uint32(i), g.chunks[i])
		}
		if !errors.Is(err, ErrChunks) || r.Done() {
			t.Errorf("%d chunks offered of %d: %v", chunks, len(g.chunks), err)
		}
	}
}

// A damaged database is not passed on: others would take it for forgery.
func TestDamageIsNotWritten(t *testing.T) {
	g := some(t, 5_000)
	for hash := range g.records {
		damaged := damagedStore{g.store, hash}
		if err := write(damaged, g.root, func([]byte) error { return nil }); !errors.Is(err, trie.ErrCorrupt) {
			t.Fatalf("record %v is flipped: %v", hash, err)
		}
	}
}

// damagedStore flips a bit of one record.
type damagedStore struct {
	trie.NodeStore
	hash scale.Hash
}

func (d damagedStore) Get(hash scale.Hash) ([]byte, error) {
	data, err := d.NodeStore.Get(hash)
	if hash == d.hash && len(data) > 0 {
		data = bytes.Clone(data)
		data[0] ^= 1
	}
	return data, err
}

// FuzzChunk gives a reader any bytes in place of the first chunk: nothing is taken but that chunk itself.
func FuzzChunk(f *testing.F) {
	g := some(f, 40_000)
	small := some(f, 3_000)
	f.Add(small.chunks[0])
	f.Add([]byte{})
	one, rest := first(small.chunks[0])
	f.Add(one)
	f.Add(rest)
	f.Add([]byte{3, 0, 0, 0, 64})
	f.Fuzz(func(t *testing.T, chunk []byte) {
		for _, state := range []*given{small, g} {
			r := state.reader(t)
			records, err := r.Apply(0, chunk)
			if (err == nil) != bytes.Equal(chunk, state.chunks[0]) || (err == nil) != (len(records) > 0) {
				t.Errorf("%d bytes: %d records, %v", len(chunk), len(records), err)
			}
		}
	})
}

// FuzzDescription gives any header: none is taken but the one that was signed.
func FuzzDescription(f *testing.F) {
	g := some(f, 100)
	f.Add(g.header)
	f.Add([]byte{})
	f.Add(g.header[:30])
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d := Description{Height: 1, Header: encoded, Hash: g.description.Hash, Chunks: 1}
		if _, err := NewReader(d, g.description.Hash); (err == nil) != bytes.Equal(encoded, g.header) {
			t.Errorf("%x: %v", encoded, err)
		}
		d.Hash = hashing.Blake2_256(encoded) // signed, whatever it is
		if r, err := NewReader(d, d.Hash); err == nil && !bytes.Equal(header.Codec.Marshal(r.Header()), encoded) {
			t.Errorf("%x is read as %+v", encoded, r.Header())
		}
	})
}
