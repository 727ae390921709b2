package trie

import "bytes"

// Change sets the value of a key, or deletes the key. Nothing of it is kept:
// the caller may reuse the memory.
type Change struct {
	Key    []byte
	Value  []byte // may be empty
	Delete bool
}

// Put sets the value of key.
func (t *Trie) Put(key, data []byte) error {
	return t.Apply([]Change{{Key: key, Value: data}})
}

// Delete removes key; removing what is not there changes nothing.
func (t *Trie) Delete(key []byte) error {
	return t.Apply([]Change{{Key: key, Delete: true}})
}

// Apply makes changes that are sorted by key, one a key. Each node on their
// paths is visited once, so one large batch is much faster than many small
// ones. After an error the trie is as it was before.
func (t *Trie) Apply(changes []Change) error {
	if err := checkChanges(changes); err != nil {
		return err
	}
	b := newBatch(t)
	var root child
	var result outcome
	var err error
	if t.empty {
		root, result, err = b.build(0, changes)
	} else {
		root, result, err = b.update(t.root, 0, changes)
	}
	if err != nil || result == unchanged {
		return err
	}
	t.removed = append(t.removed, b.removed...)
	t.replaced = append(t.replaced, b.replaced...)
	t.root, t.empty = root, result == vanished
	return nil
}

func checkChanges(changes []Change) error {
	for i := range changes {
		if len(changes[i].Key) > MaxKeySize {
			return ErrKeySize
		}
		if len(changes[i].Value) > MaxValueSize {
			return ErrValueSize
		}
		if i > 0 && bytes.Compare(changes[i-1].Key, changes[i].Key) >= 0 {
			return ErrUnsorted
		}
	}
	return nil
}
