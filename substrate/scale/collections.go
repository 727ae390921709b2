package scale

import "unsafe"

// firstReserve bounds the memory reserved for a sequence before its elements
// have been seen: 64 KiB; the rest grows as they arrive.
const firstReserve = 64 << 10

// Vec is a sequence of at most maximum elements. Choose maximum by the memory
// that so many decoded elements take.
func Vec[T any](elem Codec[T], maximum int) Codec[[]T] {
	encode, decode := elem.Encode, elem.Decode
	elementSize := elem.Type.MinSize()
	var zero T
	reserve := firstReserve / max(1, int(unsafe.Sizeof(zero)))
	return Codec[[]T]{
		Type: SequenceType(elem.Type),
		Encode: func(e *Encoder, v *[]T) {
			if len(*v) > maximum {
				e.Fail(ErrEncodeTooLong)
				return
			}
			e.Compact(uint64(len(*v)))
			for i := range *v {
				encode(e, &(*v)[i])
			}
		},
		Decode: func(d *Decoder, v *[]T) {
			n := d.Length(maximum, elementSize)
			*v = nil
			if n == 0 {
				return
			}
			items := make([]T, 0, min(n, reserve))
			for i := 0; i < n && d.err == nil; i++ {
				items = append(items, zero)
				decode(d, &items[i])
			}
			*v = items
		},
	}
}

// Optional is a value that may be absent; Value is zero if it is.
type Optional[T any] struct {
	Some  bool
	Value T
}

// Some is a present value.
func Some[T any](v T) Optional[T] { return Optional[T]{Some: true, Value: v} }

// None is an absent value.
func None[T any]() Optional[T] { return Optional[T]{} }

// OptionType describes Option<t>.
func OptionType(t *Type) *Type {
	return VariantType("Option", "",
		TypeVariant{Name: "None", Index: 0},
		TypeVariant{Name: "Some", Index: 1, Fields: []TypeField{{Type: t}}},
	).WithParams(TypeParam{Name: "T", Type: t})
}

// Option is Option<T>: 0, or 1 and the value.
func Option[T any](inner Codec[T]) Codec[Optional[T]] {
	encode, decode := inner.Encode, inner.Decode
	return Codec[Optional[T]]{
		Type: OptionType(inner.Type),
		Encode: func(e *Encoder, v *Optional[T]) {
			e.Bool(v.Some)
			if v.Some {
				encode(e, &v.Value)
			}
		},
		Decode: func(d *Decoder, v *Optional[T]) {
			start := d.offset
			*v = Optional[T]{}
			switch d.U8() {
			case 0:
			case 1:
				v.Some = true
				decode(d, &v.Value)
			default:
				d.failAt(start, ErrOption)
			}
		},
	}
}

// Pair is a tuple of two.
type Pair[A, B any] struct {
	First  A
	Second B
}

// Tuple2 is the codec of (A, B).
func Tuple2[A, B any](a Codec[A], b Codec[B]) Codec[Pair[A, B]] {
	return Codec[Pair[A, B]]{
		Type: TupleType(a.Type, b.Type),
		Encode: func(e *Encoder, v *Pair[A, B]) {
			a.Encode(e, &v.First)
			b.Encode(e, &v.Second)
		},
		Decode: func(d *Decoder, v *Pair[A, B]) {
			a.Decode(d, &v.First)
			b.Decode(d, &v.Second)
		},
	}
}

// Triple is a tuple of three.
type Triple[A, B, C any] struct {
	First  A
	Second B
	Third  C
}

// Tuple3 is the codec of (A, B, C).
func Tuple3[A, B, C any](a Codec[A], b Codec[B], c Codec[C]) Codec[Triple[A, B, C]] {
	return Codec[Triple[A, B, C]]{
		Type: TupleType(a.Type, b.Type, c.Type),
		Encode: func(e *Encoder, v *Triple[A, B, C]) {
			a.Encode(e, &v.First)
			b.Encode(e, &v.Second)
			c.Encode(e, &v.Third)
		},
		Decode: func(d *Decoder, v *Triple[A, B, C]) {
			a.Decode(d, &v.First)
			b.Decode(d, &v.Second)
			c.Decode(d, &v.Third)
		},
	}
}
