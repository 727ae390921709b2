package runtime

import "github.com/bitcloak/bitcloak/substrate/scale"

// EventFields is the declaration of an event, for tests that decode them.
func EventFields(pallet, index uint8) (name string, fields []scale.TypeField, found bool) {
	for _, p := range composed.pallets {
		for _, v := range p.Events {
			if p.Index == pallet && v.Index == index {
				return p.Name + "." + v.Name, v.Fields, true
			}
		}
	}
	return "", nil, false
}
