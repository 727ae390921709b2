package metadata

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// magic begins all metadata: "meta".
var magic = []byte{'m', 'e', 't', 'a'}

// Versions that Encode writes.
var Versions = []uint32{14, 15}

// ErrVersion refuses a version that is not written here.
var ErrVersion = errors.New("metadata: only versions 14 and 15 are written; ask for one of them")

// Encode writes RuntimeMetadataPrefixed of the version. The runtime API
// Metadata_metadata returns it as opaque metadata: encode it once more as a
// byte string there.
func (runtime *Runtime) Encode(version uint32) ([]byte, error) {
	if version != 14 && version != 15 {
		return nil, ErrVersion
	}
	if err := runtime.check(); err != nil {
		return nil, err
	}
	w := &writer{runtime: runtime, latest: version == 15, types: newRegistry(), keys: map[*StorageEntry]*scale.Type{}}
	w.eachType(w.types.visit)
	w.types.resolve()
	if w.types.err != nil {
		return nil, w.types.err
	}
	if err := runtime.checkDefaults(); err != nil {
		return nil, err
	}
	w.Raw(magic)
	w.U8(uint8(version))
	w.types.encode(&w.Encoder)
	w.body()
	if err := w.Err(); err != nil {
		return nil, err
	}
	return w.Encoded(), nil
}

// writer writes one version; latest is 15.
type writer struct {
	scale.Encoder
	runtime *Runtime
	latest  bool
	types   *registry
	keys    map[*StorageEntry]*scale.Type // of maps with several keys; never ranged over
}

func (w *writer) typeID(t *scale.Type) { w.Compact(uint64(w.types.id(t))) }

func (w *writer) optionalType(t *scale.Type) {
	w.Bool(t != nil)
	if t != nil {
		w.typeID(t)
	}
}

func (w *writer) docs(docs string) { encodeDocs(&w.Encoder, docs) }

func (w *writer) body() {
	pallets := w.runtime.Pallets
	w.Compact(uint64(len(pallets)))
	for i := range pallets {
		w.pallet(&pallets[i])
	}
	w.extrinsic(&w.runtime.Extrinsic)
	w.typeID(w.runtime.Type)
	if w.latest {
		w.apis()
		w.typeID(w.runtime.Call)
		w.typeID(w.runtime.Event)
		w.typeID(w.runtime.Error)
		w.custom()
	}
}

func (w *writer) pallet(p *Pallet) {
	w.Str(p.Name)
	w.Bool(len(p.Storage) > 0)
	if len(p.Storage) > 0 {
		w.Str(p.prefix())
		w.Compact(uint64(len(p.Storage)))
		for i := range p.Storage {
			w.storageEntry(&p.Storage[i])
		}
	}
	w.optionalType(p.Calls)
	w.optionalType(p.Events)
	w.Compact(uint64(len(p.Constants)))
	for _, c := range p.Constants {
		w.Str(c.Name)
		w.typeID(c.Type)
		w.Bytes(c.Value)
		w.docs(c.Docs)
	}
	w.optionalType(p.Errors)
	w.U8(p.Index)
	if w.latest {
		w.docs(p.Docs)
	}
}

func (p *Pallet) prefix() string {
	if p.Prefix == "" {
		return p.Name
	}
	return p.Prefix
}

func (w *writer) storageEntry(s *StorageEntry) {
	w.Str(s.Name)
	w.Bool(!s.Optional)     // StorageEntryModifier: 0 optional, 1 default
	w.Bool(len(s.Keys) > 0) // StorageEntryType: 0 plain, 1 map
	if len(s.Keys) > 0 {
		w.Compact(uint64(len(s.Keys)))
		for _, key := range s.Keys {
			w.U8(uint8(key.Hasher))
		}
		w.typeID(w.keyType(s))
	}
	w.typeID(s.Value)
	if s.Optional {
		w.Bytes([]byte{0}) // an encoded None, as FRAME writes it
	} else {
		w.Bytes(s.Default)
	}
	w.docs(s.Docs)
}

// keyType is a map's key: the key alone, or a tuple of several.
func (w *writer) keyType(s *StorageEntry) *scale.Type {
	if len(s.Keys) == 1 {
		return s.Keys[0].Type
	}
	if w.keys[s] == nil {
		items := make([]*scale.Type, len(s.Keys))
		for i, key := range s.Keys {
			items[i] = key.Type
		}
		w.keys[s] = scale.TupleType(items...)
	}
	return w.keys[s]
}

func (w *writer) extrinsic(x *Extrinsic) {
	if w.latest {
		w.U8(x.Version)
		w.typeID(x.Address)
		w.typeID(x.Call)
		w.typeID(x.Signature)
		w.typeID(x.Extra)
	} else {
		w.typeID(x.Type)
		w.U8(x.Version)
	}
	w.Compact(uint64(len(x.Extensions)))
	for _, extension := range x.Extensions {
		w.Str(extension.Name)
		w.typeID(extension.Type)
		w.typeID(extension.Implicit)
	}
}

func (w *writer) apis() {
	w.Compact(uint64(len(w.runtime.APIs)))
	for _, api := range w.runtime.APIs {
		w.Str(api.Name)
		w.Compact(uint64(len(api.Methods)))
		for _, method := range api.Methods {
			w.Str(method.Name)
			w.Compact(uint64(len(method.Inputs)))
			for _, input := range method.Inputs {
				w.Str(input.Name)
				w.typeID(input.Type)
			}
			w.typeID(method.Output)
			w.docs(method.Docs)
		}
		w.docs(api.Docs)
	}
}

// custom writes a BTreeMap; check has seen that the names ascend.
func (w *writer) custom() {
	w.Compact(uint64(len(w.runtime.Custom)))
	for _, c := range w.runtime.Custom {
		w.Str(c.Name)
		w.typeID(c.Type)
		w.Bytes(c.Value)
	}
}
