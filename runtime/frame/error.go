package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// ModuleError is a declared error of a pallet, the usual thing to return from a handler.
type ModuleError struct {
	Pallet string
	Name   string
	Docs   string // cause and remedy
	module uint8
	index  uint8
}

// NewError declares an error; docs name the cause and the remedy.
func NewError(m *Module, index uint8, name, docs string) *ModuleError {
	m.Errors = declareVariant(m.Errors, scale.TypeVariant{Name: name, Index: index, Docs: docs})
	return &ModuleError{Pallet: m.Name, Name: name, Docs: docs, module: m.Index, index: index}
}

func (e *ModuleError) Error() string { return e.Pallet + "." + e.Name + ": " + e.Docs }

// AsDispatchError is how err goes on chain. A handler returns a *ModuleError or a
// DispatchError; anything else becomes Other.
func AsDispatchError(err error) DispatchError {
	switch err := err.(type) {
	case *ModuleError:
		return DispatchError{kind: dispatchModule, module: moduleError{index: err.module, code: [4]byte{err.index}}}
	case DispatchError:
		return err
	default:
		return DispatchError{}
	}
}
