package metadata

import (
	"errors"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// ErrSteps says that a value has more parts than bytes could explain: types that
// nest without taking room.
var ErrSteps = errors.New("metadata: a value of this type has too many parts without bytes; the metadata is wrong")

// freeSteps is how many parts of a value may take no bytes, beside one a byte.
const freeSteps = 1 << 16

// primitiveSizes are the sizes of scale-info's primitives by their number; 0 is a string.
var primitiveSizes = [...]int{1, 4, 0, 1, 2, 4, 8, 16, 32, 1, 2, 4, 8, 16, 32}

// Skip reads past one value of type t, which Decode may have read from anyone's
// metadata: work and depth are bounded by the value's bytes.
func Skip(d *scale.Decoder, t *scale.Type) error {
	s := skipper{Decoder: d, steps: freeSteps + d.Remaining()}
	s.skip(t)
	return d.Err()
}

type skipper struct {
	*scale.Decoder
	steps int
}

func (s *skipper) skip(t *scale.Type) {
	if s.steps--; s.steps < 0 {
		s.Fail(ErrSteps)
	}
	if !s.Enter() {
		return
	}
	defer s.Leave()
	switch t.Kind {
	case scale.KindComposite:
		s.fields(t.Fields)
	case scale.KindVariant:
		s.variant(t)
	case scale.KindSequence:
		s.elements(t.Elem, s.Length(MaxSize, 0))
	case scale.KindArray:
		s.elements(t.Elem, int(t.Len))
	case scale.KindTuple:
		for _, item := range t.Items {
			s.skip(item)
		}
	case scale.KindPrimitive:
		s.primitive(t.Prim)
	case scale.KindCompact:
		s.compact(t.Elem)
	default:
		s.Fail(ErrDefinition)
	}
}

func (s *skipper) elements(t *scale.Type, count int) {
	if t.Kind == scale.KindPrimitive && int(t.Prim) < len(primitiveSizes) && primitiveSizes[t.Prim] > 0 {
		size := primitiveSizes[t.Prim]
		if count > s.Remaining()/size {
			s.Fail(scale.ErrShort)
			return
		}
		s.View(count * size)
		return
	}
	for i := 0; i < count && s.Err() == nil; i++ {
		s.skip(t)
	}
}

func (s *skipper) fields(fields []scale.TypeField) {
	for i := range fields {
		s.skip(fields[i].Type)
	}
}

func (s *skipper) variant(t *scale.Type) {
	index := s.U8()
	if s.Err() != nil {
		return
	}
	for i := range t.Variants {
		if t.Variants[i].Index == index {
			s.fields(t.Variants[i].Fields)
			return
		}
	}
	s.Fail(scale.ErrVariant)
}

func (s *skipper) primitive(p scale.Primitive) {
	switch {
	case p == scale.PrimitiveBool:
		s.Bool()
	case p == scale.PrimitiveStr:
		s.Str(MaxSize)
	case int(p) < len(primitiveSizes):
		s.View(primitiveSizes[p])
	default:
		s.Fail(ErrDefinition)
	}
}

// compact reads a compact integer; Compact<()> has no bytes, and a struct of one
// field is compact as the field is.
func (s *skipper) compact(t *scale.Type) {
	for range scale.MaxDepth {
		switch {
		case t.Kind == scale.KindTuple && len(t.Items) == 0:
			return
		case t.Kind == scale.KindComposite && len(t.Fields) == 1:
			t = t.Fields[0].Type
		case t.Kind == scale.KindPrimitive:
			s.Compact128()
			return
		default:
			s.Fail(ErrDefinition)
			return
		}
	}
	s.Fail(ErrDefinition)
}
