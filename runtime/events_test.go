package runtime_test

import (
	"testing"

	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// eventNames reads the names of the head's events by the runtime's own declarations.
func eventNames(t *testing.T, c *chain) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, event := range events(t, c) {
		names[event.name] = true
	}
	return names
}

type event struct {
	phase     uint8
	extrinsic uint32
	name      string
	fields    []byte
}

// events decodes System.Events with the types that metadata declares.
func events(t *testing.T, c *chain) []event {
	t.Helper()
	return eventList(c)
}

func eventList(c *chain) (list []event) {
	t := c.t
	t.Helper()
	key := hashing.StoragePrefix("System", "Events")
	raw, _ := c.context().Host.Get(key[:])
	d := scale.NewDecoder(raw)
	for n := d.Compact32(); n > 0; n-- {
		e := event{phase: d.U8()}
		if e.phase == 0 {
			e.extrinsic = d.U32()
		}
		pallet, index := d.U8(), d.U8()
		name, fields, found := runtime.EventFields(pallet, index)
		if !found {
			t.Fatalf("no event %d of pallet %d is declared", index, pallet)
		}
		start := d.Rest()
		for _, field := range fields {
			skip(t, d, field.Type)
		}
		e.name, e.fields = name, start[:len(start)-len(d.Rest())]
		if topics := d.Compact32(); topics != 0 {
			t.Fatalf("%s has %d topics", name, topics)
		}
		list = append(list, e)
	}
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	return list
}

// skip reads over a value by its description alone.
func skip(t testing.TB, d *scale.Decoder, kind *scale.Type) {
	t.Helper()
	all := func(fields []scale.TypeField) {
		for _, field := range fields {
			skip(t, d, field.Type)
		}
	}
	switch kind.Kind {
	case scale.KindComposite:
		all(kind.Fields)
	case scale.KindVariant:
		index := d.U8()
		for _, v := range kind.Variants {
			if v.Index == index {
				all(v.Fields)
				return
			}
		}
		t.Fatalf("%s has no variant %d", kind.Path, index)
	case scale.KindSequence:
		for n := d.Compact32(); n > 0; n-- {
			skip(t, d, kind.Elem)
		}
	case scale.KindArray:
		for range kind.Len {
			skip(t, d, kind.Elem)
		}
	case scale.KindTuple:
		for _, item := range kind.Items {
			skip(t, d, item)
		}
	case scale.KindCompact:
		d.Compact128()
	case scale.KindPrimitive:
		if kind.Prim == scale.PrimitiveStr {
			d.BytesView(1 << 20)
		} else {
			d.View(kind.MinSize())
		}
	default:
		t.Fatal("an unset type")
	}
}
