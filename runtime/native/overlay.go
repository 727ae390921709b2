package native

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// spareEntries is how many entries are made at a time.
const spareEntries = 1 << 6

// Overlay is the state as a block's execution sees it: the backend's, and over it
// what has been read and changed. Storage transactions keep a journal of what each
// changed key held before, so begin, commit and each change take constant time.
type Overlay struct {
	backend Backend
	entries map[string]*entry
	spare   []entry // made together: a block touches tens of thousands
	journal []undo
	marks   []int // where in the journal each open transaction begins
	index   keyIndex
}

// NewOverlay is an overlay without changes.
func NewOverlay(backend Backend) *Overlay {
	return &Overlay{backend: backend, entries: make(map[string]*entry)}
}

// entryOf finds or makes the entry of a key, known or not.
func (o *Overlay) entryOf(key []byte) *entry {
	e := o.entries[string(key)]
	if e == nil {
		if len(o.spare) == 0 {
			o.spare = make([]entry, spareEntries)
		}
		e, o.spare = &o.spare[0], o.spare[1:]
		e.key = string(key)
		o.entries[e.key] = e
	}
	return e
}

// knownEntry is entryOf with the backend asked.
func (o *Overlay) knownEntry(key []byte) *entry {
	e := o.entryOf(key)
	if !e.known {
		e.value, e.exists = o.backend.Get(key)
		e.known = true
	}
	return e
}

// change notes what the entry of a key holds before it is changed. The present value
// need not be known: a rollback makes it unknown again.
func (o *Overlay) change(e *entry) {
	if depth := len(o.marks); e.depth < depth {
		o.journal = append(o.journal, undo{entry: e, depth: e.depth, content: e.content})
		e.depth = depth
	}
	e.dirty = true
	e.encoded = nil
	if !e.indexed {
		e.indexed = true
		o.index.add(e)
	}
}

// Get reads a value.
func (o *Overlay) Get(key []byte) (value []byte, exists bool) { return o.knownEntry(key).read() }

// Exists reports whether a key has a value.
func (o *Overlay) Exists(key []byte) bool { return o.knownEntry(key).exists }

// Set writes a value.
func (o *Overlay) Set(key, value []byte) {
	e := o.entryOf(key)
	o.change(e)
	e.content = content{known: true, dirty: true, exists: true, value: append(make([]byte, 0, len(value)), value...)}
}

// Clear removes a value.
func (o *Overlay) Clear(key []byte) {
	e := o.entryOf(key)
	o.change(e)
	e.content = content{known: true, dirty: true}
}

// Append adds an element to a sequence. The memory after a list's end belongs to
// nobody: a rollback shortens the list, and what was appended is overwritten.
func (o *Overlay) Append(key, element []byte) {
	e := o.knownEntry(key)
	o.change(e)
	e.makeList()
	e.value = append(e.value, element...)
	e.count++
}

// Begin opens a storage transaction.
func (o *Overlay) Begin() { o.marks = append(o.marks, len(o.journal)) }

// Commit keeps the changes of the innermost transaction: they become part of the
// one around it.
func (o *Overlay) Commit() {
	mark := o.end()
	outer := len(o.marks)
	if outer == 0 {
		for i := range o.journal {
			o.journal[i].entry.depth = 0
		}
		clear(o.journal)
		o.journal = o.journal[:0]
		return
	}
	kept := o.journal[:mark]
	for _, u := range o.journal[mark:] {
		u.entry.depth = outer
		if u.depth < outer { // the outer one had not noted this key itself
			kept = append(kept, u)
		}
	}
	clear(o.journal[len(kept):])
	o.journal = kept
}

// Rollback undoes the changes of the innermost transaction.
func (o *Overlay) Rollback() {
	mark := o.end()
	for i := len(o.journal) - 1; i >= mark; i-- {
		u := &o.journal[i]
		u.entry.content, u.entry.depth, u.entry.encoded = u.content, u.depth, nil
	}
	clear(o.journal[mark:])
	o.journal = o.journal[:mark]
}

// end closes the innermost transaction and gives its mark.
func (o *Overlay) end() int {
	last := len(o.marks) - 1
	if last < 0 {
		panic("native: no storage transaction is open")
	}
	mark := o.marks[last]
	o.marks = o.marks[:last]
	return mark
}

// Changes are the changed keys in order, with what they hold now. They alias the
// overlay: use them before it changes again.
func (o *Overlay) Changes() []trie.Change {
	entries := o.index.sorted()
	size := 0
	for _, e := range entries {
		size += len(e.key)
	}
	keys := make([]byte, 0, size) // one piece of memory for all
	changes := make([]trie.Change, 0, len(entries))
	for _, e := range entries {
		if !e.dirty {
			continue // rolled back
		}
		start := len(keys)
		keys = append(keys, e.key...)
		value, exists := e.read()
		changes = append(changes, trie.Change{Key: keys[start:len(keys):len(keys)], Value: value, Delete: !exists})
	}
	return changes
}

// StorageRoot is the root of the state with all changes.
func (o *Overlay) StorageRoot() scale.Hash { return o.backend.Root(o.Changes()) }
