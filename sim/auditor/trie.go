package auditor

import (
	"fmt"
	"math/bits"
)

// Source gives the bytes that a hash names; they are checked.
type Source func(hash [32]byte) ([]byte, error)

// trie reads Substrate's state trie from its root. Records are content-addressed, so those seen once are not asked for
// again.
type trie struct{ seen map[[32]byte][]byte }

func (t *trie) record(hash [32]byte, source Source) ([]byte, error) {
	if known, is := t.seen[hash]; is {
		return known, nil
	}
	record, err := source(hash)
	if err != nil {
		return nil, fmt.Errorf("auditor: the state record %x: %w", hash, err)
	}
	if blake(record) != hash {
		return nil, fmt.Errorf("auditor: the state record %x is forged", hash)
	}
	t.seen[hash] = record
	return record, nil
}

// all gives every entry below a root.
func (t *trie) all(root [32]byte, source Source) (map[string][]byte, error) {
	entries := map[string][]byte{}
	record, err := t.record(root, source)
	if err == nil {
		err = t.walk(record, nil, source, entries)
	}
	return entries, err
}

// walk visits a node: header, key part, then bitmap, value and children (polkadot-sdk, sp-trie's node_codec).
func (t *trie) walk(node, path []byte, source Source, entries map[string][]byte) error {
	r := &reader{rest: node}
	first := r.u8()
	branch, hashed, valued, sizeBits := false, false, false, 6
	switch {
	case first == 0:
		return nil // the empty trie
	case first>>6 == 1:
		valued = true
	case first>>6 == 2:
		branch = true
	case first>>6 == 3:
		branch, valued = true, true
	case first>>5 == 1:
		hashed, sizeBits = true, 5
	case first>>4 == 1:
		branch, hashed, sizeBits = true, true, 4
	default:
		return fmt.Errorf("auditor: a trie node of an unknown kind %#x", first)
	}
	path = append(path[:len(path):len(path)], r.nibbles(r.size(first, sizeBits))...)
	var bitmap uint16
	if branch {
		bitmap = uint16(r.u8()) | uint16(r.u8())<<8
	}
	var value []byte
	var err error
	if hashed {
		value, err = t.record(r.hash(), source)
	} else if valued {
		value = r.bytes()
	}
	if err != nil {
		return err
	}
	if hashed || valued {
		entries[key(path)] = value
	}
	for rest := bitmap; rest != 0; rest &= rest - 1 {
		child := r.bytes()
		if len(child) == 32 {
			if child, err = t.record([32]byte(child), source); err != nil {
				return err
			}
		}
		below := append(path[:len(path):len(path)], byte(bits.TrailingZeros16(rest)))
		if err := t.walk(child, below, source, entries); err != nil {
			return err
		}
	}
	return r.err
}

// size is the number of nibbles of a node's key part: what does not fit the header goes on in bytes.
func (r *reader) size(first byte, sizeBits int) int {
	most := 1<<sizeBits - 1
	size := int(first) & most
	if size < most {
		return size
	}
	for {
		next := int(r.u8())
		size += next
		if next < 255 || r.err != nil {
			return size
		}
	}
}

// nibbles reads a key part; the first half byte of an odd one is padding.
func (r *reader) nibbles(count int) []byte {
	packed := r.take((count + 1) / 2)
	var out []byte
	for _, b := range packed {
		out = append(out, b>>4, b&15)
	}
	return out[len(out)-min(count, len(out)):]
}

func key(path []byte) string {
	out := make([]byte, len(path)/2)
	for i := range out {
		out[i] = path[2*i]<<4 | path[2*i+1]
	}
	return string(out)
}
