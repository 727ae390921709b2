package frame

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Module collects what a pallet declares, in the order it is declared: storage,
// events, errors and constants. It is complete once its package is initialised,
// and never changes after that.
type Module struct {
	Name      string // as clients show it, e.g. "Balances"
	Index     uint8
	Crate     string // first part of its types' paths, e.g. "pallet_balances"
	Storage   []StorageItem
	Events    []scale.TypeVariant
	Errors    []scale.TypeVariant
	Constants []Constant
}

// NewModule starts a pallet's declaration.
func NewModule(name string, index uint8, crate string) *Module {
	return &Module{Name: name, Index: index, Crate: crate}
}

// Constant is a value fixed in the code that clients read from metadata.
type Constant struct {
	Name  string
	Type  *scale.Type
	Value []byte // encoded
	Docs  string
}

// NewConstant declares a constant and returns its value.
func NewConstant[T any](m *Module, name string, codec scale.Codec[T], value T, docs string) T {
	m.Constants = append(m.Constants, Constant{Name: name, Type: codec.Type, Value: codec.Marshal(value), Docs: docs})
	return value
}

// Pallet is a module with its calls and hooks, as the runtime composes it. Hooks
// may be nil. They run in the order of the runtime's list of pallets.
type Pallet struct {
	*Module
	Calls []Call

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

// EventType is the pallet's Event enum.
func (m *Module) EventType() *scale.Type {
	return scale.VariantType(m.Crate+"::pallet::Event", "", m.Events...)
}

// ErrorType is the pallet's Error enum.
func (m *Module) ErrorType() *scale.Type {
	return scale.VariantType(m.Crate+"::pallet::Error", "", m.Errors...)
}

// CallType is the pallet's Call enum.
func (p *Pallet) CallType() *scale.Type {
	variants := make([]scale.TypeVariant, len(p.Calls))
	for i, c := range p.Calls {
		d := c.Declaration()
		variants[i] = scale.TypeVariant{Name: d.Name, Index: d.Index, Fields: d.Fields, Docs: d.Docs}
	}
	return scale.VariantType(p.Crate+"::pallet::Call", "", variants...)
}
