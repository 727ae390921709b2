package trie

// nibbles is a string of nibbles, two a byte, aligned to the end. When odd, the
// high half of the first byte does not belong to it and may hold anything. The
// rest of a key is aligned like that at any depth, as are encoded partial keys,
// so most of the work is on whole bytes and copies nothing.
type nibbles struct {
	packed []byte
	odd    bool
}

// keyNibbles is the rest of key from nibble depth on.
func keyNibbles(key []byte, depth int) nibbles {
	return nibbles{packed: key[depth/2:], odd: depth%2 == 1}
}

func (n nibbles) offset() int {
	if n.odd {
		return 1
	}
	return 0
}

func (n nibbles) len() int { return 2*len(n.packed) - n.offset() }

func (n nibbles) at(i int) byte {
	i += n.offset()
	return n.packed[i/2] >> (4 - 4*(i%2)) & 0xf
}

// from is the suffix that starts at nibble i.
func (n nibbles) from(i int) nibbles {
	i += n.offset()
	return nibbles{packed: n.packed[i/2:], odd: i%2 == 1}
}

// to is the prefix of i nibbles; it is a copy unless the alignment allows a slice.
func (n nibbles) to(i int) nibbles {
	if end := n.offset() + i; end%2 == 0 {
		return nibbles{packed: n.packed[: end/2 : end/2], odd: n.odd}
	}
	prefix := newNibbles(i)
	prefix.put(0, nibbles{packed: n.packed, odd: n.odd}, i)
	return prefix
}

// newNibbles makes a string of count zero nibbles.
func newNibbles(count int) nibbles {
	return nibbles{packed: make([]byte, (count+1)/2), odd: count%2 == 1}
}

func (n nibbles) set(i int, nibble byte) {
	i += n.offset()
	n.packed[i/2] |= nibble << (4 - 4*(i%2))
}

// put writes the first count nibbles of source at i, over zeros.
func (n nibbles) put(i int, source nibbles, count int) {
	for j := 0; j < count; j++ {
		n.set(i+j, source.at(j))
	}
}

// joinNibbles is head, middle and tail in a row.
func joinNibbles(head nibbles, middle byte, tail nibbles) nibbles {
	joined := newNibbles(head.len() + 1 + tail.len())
	joined.put(0, head, head.len())
	joined.set(head.len(), middle)
	joined.put(head.len()+1, tail, tail.len())
	return joined
}

// clone is a copy of exactly the bytes needed.
func (n nibbles) clone() nibbles {
	if len(n.packed) == 0 {
		return nibbles{}
	}
	return nibbles{packed: append(make([]byte, 0, len(n.packed)), n.packed...), odd: n.odd}
}

// commonPrefix is the number of leading nibbles in which a and b agree.
func commonPrefix(a, b nibbles) int {
	length := min(a.len(), b.len())
	i := 0
	if a.odd == b.odd {
		i = commonAligned(a, b, length)
	}
	for i < length && a.at(i) == b.at(i) {
		i++
	}
	return i
}

// commonAligned counts agreeing nibbles byte by byte and may stop one short.
func commonAligned(a, b nibbles, length int) int {
	i := 0
	if a.odd {
		if length == 0 || a.at(0) != b.at(0) {
			return 0
		}
		i = 1
	}
	offset := a.offset()
	for i+2 <= length && a.packed[(i+offset)/2] == b.packed[(i+offset)/2] {
		i += 2
	}
	return i
}

// hasPrefix reports whether n starts with prefix.
func (n nibbles) hasPrefix(prefix nibbles) bool {
	return n.len() >= prefix.len() && commonPrefix(n, prefix) == prefix.len()
}
