package frame

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Module collects what a pallet declares, in the order it is declared: storage,
// events, errors and constants. It is complete once its package is initialised,
// and never changes after that.
type Module struct {
	Name      string // as clients show it, e.g. "Balances"
	Index     uint8
	Crate     string // first part of its types' paths, e.g. "pallet_balances"
	Storage   []metadata.StorageEntry
	Events    []scale.TypeVariant
	Errors    []scale.TypeVariant
	Constants []metadata.Constant
}

// NewModule starts a pallet's declaration.
func NewModule(name string, index uint8, crate string) *Module {
	return &Module{Name: name, Index: index, Crate: crate}
}

// NewConstant declares a constant and returns its value.
func NewConstant[T any](m *Module, name string, codec scale.Codec[T], value T, docs string) T {
	m.Constants = append(m.Constants, metadata.ConstantOf(name, docs, codec, value))
	return value
}

// Pallet is a module with its calls and hooks, as the runtime composes it. Hooks
// may be nil. They run in the order of the runtime's list of pallets.
type Pallet struct {
	*Module
	Calls []Call

	// OnRuntimeUpgrade runs once, before the first block's OnInitialize, when another runtime
	// than the one with spec version from takes over: it brings the pallet's storage into the
	// form that this runtime reads, and says what it cost.
	OnRuntimeUpgrade func(c *Context, from uint32) Weight
	// OnInitialize runs before a block's extrinsics and says what it cost.
	OnInitialize func(*Context) Weight
	// OnFinalize runs after a block's extrinsics.
	OnFinalize func(*Context)
	// TryState checks the pallet's invariants; it may read all of its state.
	TryState func(*Context) error
}

func (m *Module) prefix(item string) []byte {
	prefix := hashing.StoragePrefix(m.Name, item)
	return prefix[:]
}

// Metadata describes the pallet.
func (p *Pallet) Metadata() metadata.Pallet {
	described := metadata.Pallet{
		Name: p.Name, Index: p.Index, Storage: p.Storage, Constants: p.Constants,
		Events: p.enum("Event", p.Events), Errors: p.enum("Error", p.Errors),
	}
	var calls []scale.TypeVariant
	for _, call := range p.Calls {
		d := call.Declaration()
		calls = append(calls, scale.TypeVariant{Name: d.Name, Index: d.Index, Fields: d.Fields, Docs: d.Docs})
	}
	described.Calls = p.enum("Call", calls)
	return described
}

// declareVariant adds to events or errors. Declaring an index twice is a mistake in the
// program.
func declareVariant(list []scale.TypeVariant, v scale.TypeVariant) []scale.TypeVariant {
	for i := range list {
		if list[i].Index == v.Index {
			panic("frame: " + list[i].Name + " and " + v.Name + " have the same index")
		}
	}
	return append(list, v)
}

// enum is the pallet's enum of this name; nil without variants.
func (m *Module) enum(name string, variants []scale.TypeVariant) *scale.Type {
	if len(variants) == 0 {
		return nil
	}
	return scale.VariantType(m.Crate+"::pallet::"+name, "", variants...)
}
