package metadata

import "github.com/bitcloak/bitcloak/substrate/scale"

// eachType calls visit for every type that the version refers to directly, with
// the place that does. Its order decides the numbers of the types.
func (w *writer) eachType(visit func(where string, t *scale.Type)) {
	for i := range w.runtime.Pallets {
		w.eachPalletType(&w.runtime.Pallets[i], visit)
	}
	w.eachExtrinsicType(&w.runtime.Extrinsic, visit)
	visit("the runtime's type", w.runtime.Type)
	if !w.latest {
		return
	}
	for _, api := range w.runtime.APIs {
		for _, method := range api.Methods {
			where := "runtime API " + api.Name + "." + method.Name
			for _, input := range method.Inputs {
				visit(where+"("+input.Name+")", input.Type)
			}
			visit(where+" output", method.Output)
		}
	}
	visit("outer enum RuntimeCall", w.runtime.Call)
	visit("outer enum RuntimeEvent", w.runtime.Event)
	visit("outer enum RuntimeError", w.runtime.Error)
	for _, c := range w.runtime.Custom {
		visit("custom value "+c.Name, c.Type)
	}
}

func (w *writer) eachPalletType(p *Pallet, visit func(where string, t *scale.Type)) {
	for i := range p.Storage {
		s := &p.Storage[i]
		where := "storage " + p.Name + "." + s.Name
		if len(s.Keys) > 0 {
			visit(where+" key", w.keyType(s))
		}
		visit(where, s.Value)
	}
	if p.Calls != nil {
		visit("calls of "+p.Name, p.Calls)
	}
	if p.Events != nil {
		visit("events of "+p.Name, p.Events)
	}
	for _, c := range p.Constants {
		visit("constant "+p.Name+"."+c.Name, c.Type)
	}
	if p.Errors != nil {
		visit("errors of "+p.Name, p.Errors)
	}
}

func (w *writer) eachExtrinsicType(x *Extrinsic, visit func(where string, t *scale.Type)) {
	visit("extrinsic", x.Type) // version 15 does not refer to it, yet clients look it up by path
	if w.latest {
		visit("extrinsic address", x.Address)
		visit("extrinsic call", x.Call)
		visit("extrinsic signature", x.Signature)
		visit("extrinsic extra", x.Extra)
	}
	for _, extension := range x.Extensions {
		visit("transaction extension "+extension.Name, extension.Type)
		visit("transaction extension "+extension.Name+" implicit", extension.Implicit)
	}
}
