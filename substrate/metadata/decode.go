package metadata

import (
	"errors"
	"strings"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of metadata that comes from outside. Kusama's has 900 types in 400 KiB.
const (
	// MaxSize bounds metadata, in bytes.
	MaxSize   = 8 << 20
	maxTypes  = 1 << 14
	maxList   = 1 << 12 // pallets, fields, variants, parameters, lines of docs
	maxString = 1 << 16 // bytes of a name or a line
)

// Errors of Decode, beside those of package scale.
var (
	ErrNotMetadata = errors.New("metadata: not metadata of version 14; ask the node for state_getMetadata")
	ErrTypeID      = errors.New("metadata: a type has another number than its place, or refers to one that is not there")
	ErrDefinition  = errors.New("metadata: a type of a kind that is not known here")
)

// Decode reads metadata of version 14 as a client does: what Encode wrote, or
// any other chain's that has no bit sequences. Parts that only the runtime itself
// knows stay empty. The bytes may come from anyone: hand the types to Skip,
// which bounds its work, and to nothing that walks them to their leaves.
func Decode(b []byte) (*Runtime, error) {
	if len(b) > MaxSize || len(b) < 5 || string(b[:4]) != string(magic) || b[4] != 14 {
		return nil, ErrNotMetadata
	}
	r := &reader{}
	r.Reset(b[5:])
	r.registry()
	runtime := &Runtime{Pallets: list(r, (*reader).pallet)}
	runtime.Extrinsic.Type = r.typeRef()
	runtime.Extrinsic.Version = r.U8()
	runtime.Extrinsic.Extensions = list(r, func(r *reader) Extension {
		return Extension{Name: r.text(), Type: r.typeRef(), Implicit: r.typeRef()}
	})
	runtime.Type = r.typeRef()
	return runtime, r.Finish()
}

// reader reads one version; every type exists before any is read, because they
// refer to each other in both directions.
type reader struct {
	scale.Decoder
	types []scale.Type
}

func list[T any](r *reader, read func(*reader) T) []T {
	var items []T
	for range r.Length(maxList, 1) {
		if r.Err() != nil {
			return nil
		}
		items = append(items, read(r))
	}
	return items
}

func (r *reader) text() string { return r.Str(maxString) }

func (r *reader) optionalText() string {
	if !r.Bool() {
		return ""
	}
	return r.text()
}

func (r *reader) docs() string { return strings.Join(list(r, (*reader).text), "\n") }

func (r *reader) typeRef() *scale.Type {
	id := r.Compact32()
	if r.Err() == nil && uint64(id) >= uint64(len(r.types)) {
		r.Fail(ErrTypeID)
	}
	if r.Err() != nil {
		return nil
	}
	return &r.types[id]
}

func (r *reader) optionalType() *scale.Type {
	if !r.Bool() {
		return nil
	}
	return r.typeRef()
}

func (r *reader) registry() {
	r.types = make([]scale.Type, r.Length(maxTypes, 6)) // number, path, parameters, definition and docs take six bytes
	for i := range r.types {
		if id := r.Compact32(); r.Err() == nil && uint64(id) != uint64(i) {
			r.Fail(ErrTypeID)
		}
		r.readType(&r.types[i])
		if r.Err() != nil {
			return
		}
	}
}

func (r *reader) pallet() Pallet {
	p := Pallet{Name: r.text()}
	if r.Bool() {
		p.Prefix = r.text()
		p.Storage = list(r, (*reader).storageEntry)
	}
	p.Calls = r.optionalType()
	p.Events = r.optionalType()
	p.Constants = list(r, func(r *reader) Constant {
		return Constant{Name: r.text(), Type: r.typeRef(), Value: r.Bytes(MaxSize), Docs: r.docs()}
	})
	p.Errors = r.optionalType()
	p.Index = r.U8()
	return p
}

func (r *reader) storageEntry() StorageEntry {
	s := StorageEntry{Name: r.text(), Optional: !r.Bool()}
	if r.Bool() {
		hashers := list(r, func(r *reader) Hasher { return Hasher(r.U8()) })
		s.Keys = r.keysOf(hashers)
	}
	s.Value = r.typeRef()
	s.Default = r.Bytes(MaxSize)
	if s.Optional {
		s.Default = nil
	}
	s.Docs = r.docs()
	return s
}

// keysOf reads the key type of a map: the only key's, or a tuple of several. The
// tuple may come later in the registry, but not later in the metadata.
func (r *reader) keysOf(hashers []Hasher) []Key {
	key := r.typeRef()
	if r.Err() != nil {
		return nil
	}
	if len(hashers) == 1 {
		return []Key{{Hasher: hashers[0], Type: key}}
	}
	if key.Kind != scale.KindTuple || len(key.Items) != len(hashers) {
		r.Fail(ErrDefinition)
		return nil
	}
	keys := make([]Key, len(hashers))
	for i := range keys {
		keys[i] = Key{Hasher: hashers[i], Type: key.Items[i]}
	}
	return keys
}
