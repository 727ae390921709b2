package trie

import "bytes"

// Visit is called with keys in ascending order and decides whether to go on. It
// owns what it is given; value is nil unless values are asked for.
type Visit func(key, value []byte) (more bool)

// Walk visits the keys that start with prefix and come after the key after (nil:
// from the first one).
func (t *Trie) Walk(prefix, after []byte, visit Visit) error {
	return t.walk(prefix, after, false, visit)
}

// WalkValues is Walk with values.
func (t *Trie) WalkValues(prefix, after []byte, visit Visit) error {
	return t.walk(prefix, after, true, visit)
}

// NextKey returns the first key after key, which need not exist.
func (t *Trie) NextKey(key []byte) (next []byte, found bool, err error) {
	after := append(make([]byte, 0, len(key)), key...) // not nil
	err = t.Walk(nil, after, func(key, _ []byte) bool {
		next, found = key, true
		return false
	})
	return next, found, err
}

// Keys returns at most limit keys that start with prefix and come after the key
// after (nil: from the first one): a page, the next one starting after its last.
func (t *Trie) Keys(prefix, after []byte, limit int) (keys [][]byte, err error) {
	if limit <= 0 {
		return nil, nil
	}
	err = t.Walk(prefix, after, func(key, _ []byte) bool {
		keys = append(keys, key)
		return len(keys) < limit
	})
	return keys, err
}

// ClearPrefix deletes at most limit keys that start with prefix, in order (limit
// below zero: all of them). It reports how many it deleted and whether more are
// left.
func (t *Trie) ClearPrefix(prefix []byte, limit int) (deleted int, more bool, err error) {
	var deletions []Change
	err = t.Walk(prefix, nil, func(key, _ []byte) bool {
		if more = len(deletions) == limit; more {
			return false
		}
		deletions = append(deletions, Change{Key: key, Delete: true})
		return true
	})
	if err != nil {
		return 0, false, err
	}
	if err := t.Apply(deletions); err != nil {
		return 0, false, err
	}
	return len(deletions), more, nil
}

// walker goes through a trie in order. Paths are nibbles, one a byte.
type walker struct {
	trie   *Trie
	prefix []byte
	after  []byte // nil: everything from here on comes after
	path   []byte
	values bool
	visit  Visit
}

func (t *Trie) walk(prefix, after []byte, values bool, visit Visit) error {
	if t.empty {
		return nil
	}
	w := walker{trie: t, prefix: expand(prefix), values: values, visit: visit}
	if after != nil {
		w.after = expand(after)
	}
	_, err := w.subtree(&t.root)
	return err
}

// subtree visits what is below c, whose path is w.path.
func (w *walker) subtree(c *child) (more bool, err error) {
	n, err := w.trie.load(c)
	if err != nil {
		return false, err
	}
	length := len(w.path)
	defer func() { w.path = w.path[:length] }()
	for i := 0; i < n.partial.len(); i++ {
		w.path = append(w.path, n.partial.at(i))
	}
	shared := min(len(w.path), len(w.prefix))
	if !bytes.Equal(w.path[:shared], w.prefix[:shared]) {
		return true, nil
	}
	if w.after != nil {
		shared = min(len(w.path), len(w.after))
		switch order := bytes.Compare(w.path[:shared], w.after[:shared]); {
		case order < 0:
			return true, nil
		case order > 0 || len(w.path) > len(w.after):
			w.after = nil
		}
	}
	if w.after == nil && n.kind != valueNone && len(w.path) >= len(w.prefix) {
		if more, err := w.key(n); err != nil || !more {
			return false, err
		}
	}
	return w.children(n)
}

// children visits the children of n, whose path is w.path. If w.after is not
// nil, it starts with that path.
func (w *walker) children(n *node) (more bool, err error) {
	length := len(w.path)
	if w.after != nil && len(w.after) == length {
		w.after = nil
	}
	next := 0
	for nibble := byte(0); nibble < 16; nibble++ {
		if _, exists := n.index(nibble); !exists {
			continue
		}
		c := &n.children[next]
		next++
		if length < len(w.prefix) && nibble != w.prefix[length] {
			continue
		}
		if w.after != nil && nibble < w.after[length] {
			continue
		}
		w.path = append(w.path[:length], nibble)
		if more, err := w.subtree(c); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// key visits the key that ends at n.
func (w *walker) key(n *node) (more bool, err error) {
	if len(w.path)%2 != 0 {
		return false, ErrNode
	}
	key := make([]byte, len(w.path)/2)
	for i := range key {
		key[i] = w.path[2*i]<<4 | w.path[2*i+1]
	}
	if !w.values {
		return w.visit(key, nil), nil
	}
	data, err := w.trie.bytes(n)
	if err != nil {
		return false, err
	}
	return w.visit(key, bytes.Clone(data)), nil
}

func expand(key []byte) []byte {
	path := make([]byte, 0, 2*len(key))
	for _, b := range key {
		path = append(path, b>>4, b&0xf)
	}
	return path
}
