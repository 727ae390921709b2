package native

import "github.com/bitcloak/bitcloak/substrate/scale"

// content is what the overlay knows of a key.
type content struct {
	known  bool   // what follows is known; else the backend has to be asked
	value  []byte // of a list: the elements alone
	count  uint32 // of a list: how many elements
	list   bool   // value grows at its end; see Overlay.Append
	exists bool
	dirty  bool // set or cleared since the backend's state
}

// entry is a key in the overlay.
type entry struct {
	content
	key     string
	depth   int    // of the transaction that has noted the content before it
	encoded []byte // of a list: prefix and elements, made when it is read
	indexed bool   // in the overlay's index of changed keys
}

// read is the value as others see it.
func (e *entry) read() ([]byte, bool) {
	if e.list && e.encoded == nil {
		encoder := scale.NewEncoder(make([]byte, 0, scale.CompactSize(uint64(e.count))+len(e.value)))
		encoder.Compact(uint64(e.count))
		encoder.Raw(e.value)
		e.encoded = encoder.Encoded()
	}
	if e.list {
		return e.encoded, true
	}
	return e.value, e.exists
}

// makeList splits a stored sequence into its count and its elements.
func (e *entry) makeList() {
	if e.list {
		return
	}
	e.list = true
	if !e.exists {
		e.exists, e.value, e.count = true, nil, 0
		return
	}
	d := scale.NewDecoder(e.value)
	e.count = d.Compact32()
	if d.Err() != nil {
		panic("native: the value at " + scale.HexString([]byte(e.key)) + " is not a sequence; append to sequences only")
	}
	e.value = append([]byte(nil), d.Rest()...)
}

// undo is what a rollback restores.
type undo struct {
	entry *entry
	depth int
	content
}
