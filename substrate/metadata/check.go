package metadata

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Errors of a declaration; each is wrapped with where it was found.
var (
	ErrName    = errors.New("the name is empty or taken; give it a name of its own")
	ErrIndex   = errors.New("the pallet index is taken; give each pallet its own")
	ErrHasher  = errors.New("the hasher is unknown; use one of the declared hashers")
	ErrEnum    = errors.New("calls, events and errors must be variant types; declare an enum")
	ErrDefault = errors.New("the default is shorter than any value of its type; encode one with the item's codec")
	ErrCustom  = errors.New("the names of custom values must ascend; sort them")
)

// check refuses declarations that clients would misread.
func (runtime *Runtime) check() error {
	var indices [256]bool
	names := map[string]bool{} // never ranged over
	for i := range runtime.Pallets {
		p := &runtime.Pallets[i]
		if p.Name == "" || names[p.Name] {
			return &declarationError{where: "pallet " + p.Name, cause: ErrName}
		}
		if indices[p.Index] {
			return &declarationError{where: "pallet " + p.Name, cause: ErrIndex}
		}
		names[p.Name], indices[p.Index] = true, true
		if err := p.check(); err != nil {
			return err
		}
	}
	for i := range runtime.Custom {
		if runtime.Custom[i].Name == "" || i > 0 && runtime.Custom[i-1].Name >= runtime.Custom[i].Name {
			return &declarationError{where: "custom value " + runtime.Custom[i].Name, cause: ErrCustom}
		}
	}
	return nil
}

func (p *Pallet) check() error {
	names := map[string]bool{} // never ranged over
	for i := range p.Storage {
		s := &p.Storage[i]
		where := "storage " + p.Name + "." + s.Name
		if s.Name == "" || names[s.Name] {
			return &declarationError{where: where, cause: ErrName}
		}
		names[s.Name] = true
		for _, key := range s.Keys {
			if key.Hasher > Identity {
				return &declarationError{where: where, cause: ErrHasher}
			}
		}
	}
	for _, t := range []*scale.Type{p.Calls, p.Events, p.Errors} {
		if isSet(t) && t.Kind != scale.KindVariant {
			return &declarationError{where: "pallet " + p.Name, cause: ErrEnum}
		}
	}
	return nil
}

// checkDefaults comes after the types have been found complete.
func (runtime *Runtime) checkDefaults() error {
	for _, p := range runtime.Pallets {
		for _, s := range p.Storage {
			if !s.Optional && len(s.Default) < s.Value.MinSize() {
				return &declarationError{where: "storage " + p.Name + "." + s.Name, cause: ErrDefault}
			}
		}
	}
	return nil
}

// isSet reports whether t is declared; the registry refuses types that never are.
func isSet(t *scale.Type) bool { return t != nil && t.Kind != scale.KindUnset }
