package native

import (
	"bytes"
	"slices"
	"strings"
)

// keyIndex keeps the entries that were ever changed, for walking them in the order of
// their keys. New ones wait until somebody asks for the order.
type keyIndex struct {
	ordered []*entry
	waiting []*entry
}

func (x *keyIndex) add(e *entry) { x.waiting = append(x.waiting, e) }

// sorted is all entries in order.
func (x *keyIndex) sorted() []*entry {
	if len(x.waiting) == 0 {
		return x.ordered
	}
	slices.SortFunc(x.waiting, func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	merged := make([]*entry, 0, len(x.ordered)+len(x.waiting))
	a, b := x.ordered, x.waiting
	for len(a) > 0 && len(b) > 0 {
		if a[0].key < b[0].key {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	x.ordered = append(append(merged, a...), b...)
	x.waiting = x.waiting[:0]
	return x.ordered
}

// NextKey is the first key after key that has a value.
func (o *Overlay) NextKey(key []byte) (next []byte, exists bool) {
	inBackend, found := o.nextInBackend(key)
	changed, written := o.nextWritten(string(key))
	if written && (!found || changed <= string(inBackend)) {
		return []byte(changed), true
	}
	return inBackend, found
}

// nextInBackend skips what has been removed since.
func (o *Overlay) nextInBackend(key []byte) (next []byte, found bool) {
	for {
		key, found = o.backend.NextKey(key)
		if !found {
			return nil, false
		}
		if e := o.entries[string(key)]; e == nil || !e.dirty || e.exists {
			return key, true
		}
	}
}

// nextWritten is the first key after key that was set and not removed again.
func (o *Overlay) nextWritten(key string) (next string, found bool) {
	entries := o.index.sorted()
	at, exact := slices.BinarySearchFunc(entries, key, func(e *entry, key string) int { return strings.Compare(e.key, key) })
	if exact {
		at++
	}
	for _, e := range entries[at:] {
		if e.dirty && e.exists {
			return e.key, true
		}
	}
	return "", false
}

// ClearPrefix removes at most limit keys that begin with prefix, in order.
func (o *Overlay) ClearPrefix(prefix []byte, limit uint32) (removed uint32, all bool) {
	key := prefix
	if o.Exists(prefix) { // NextKey gives what comes after it
		if limit == 0 {
			return 0, false
		}
		o.Clear(prefix)
		removed = 1
	}
	for {
		next, exists := o.NextKey(key)
		if !exists || !bytes.HasPrefix(next, prefix) {
			return removed, true
		}
		if removed == limit {
			return removed, false
		}
		o.Clear(next)
		removed++
		key = next
	}
}
