package scale

import "strconv"

// VariantOf is one alternative of the Go struct S that stands for an enum.
type VariantOf[S any] struct {
	Index  uint8
	Name   string
	Docs   string
	Fields []FieldOf[S]
}

// Variant declares an alternative.
func Variant[S any](index uint8, name, docs string, fields ...FieldOf[S]) VariantOf[S] {
	return VariantOf[S]{Index: index, Name: name, Docs: docs, Fields: fields}
}

// Enum is the codec of S as a Rust enum: kind points at the field holding the
// variant's index; a variant uses the fields it declares. Decoding zeroes the
// others, so equal values are equal structs; it refuses unknown indices.
func Enum[S any](path string, kind func(*S) *uint8, variants ...VariantOf[S]) Codec[S] {
	described := make([]TypeVariant, len(variants))
	for i, v := range variants {
		described[i] = TypeVariant{Name: v.Name, Index: v.Index, Fields: descriptions(v.Fields), Docs: v.Docs}
	}
	at := positions(path, described)
	return Codec[S]{
		Type: VariantType(path, "", described...),
		Encode: func(e *Encoder, s *S) {
			index := *kind(s)
			if at[index] == 0 {
				e.Fail(ErrEncodeVariant)
				return
			}
			e.U8(index)
			fields := variants[at[index]-1].Fields
			for i := range fields {
				fields[i].encode(e, s)
			}
		},
		Decode: func(d *Decoder, s *S) {
			var zero S
			*s = zero
			index := readIndex(d, at)
			if index < 0 {
				return
			}
			*kind(s) = uint8(index)
			fields := variants[at[index]-1].Fields
			for i := range fields {
				fields[i].decode(d, s)
			}
		},
	}
}

// Case names one value of a Choice.
type Case struct {
	Index uint8
	Name  string
	Docs  string
}

// Choice is the codec of an enum whose variants carry nothing.
func Choice[T ~uint8](path, docs string, cases ...Case) Codec[T] {
	described := make([]TypeVariant, len(cases))
	for i, c := range cases {
		described[i] = TypeVariant{Name: c.Name, Index: c.Index, Docs: c.Docs}
	}
	at := positions(path, described)
	return Codec[T]{
		Type: VariantType(path, docs, described...),
		Encode: func(e *Encoder, v *T) {
			if at[uint8(*v)] == 0 {
				e.Fail(ErrEncodeVariant)
				return
			}
			e.U8(uint8(*v))
		},
		Decode: func(d *Decoder, v *T) { *v = T(max(readIndex(d, at), 0)) },
	}
}

// positions maps a variant's index to its place in the declaration plus one; 0
// is none. Declaring an index twice is a mistake in the program.
func positions(path string, variants []TypeVariant) *[256]uint16 {
	at := new([256]uint16)
	for i, v := range variants {
		if at[v.Index] != 0 {
			panic("scale: " + path + " declares variant index " + strconv.Itoa(int(v.Index)) + " twice")
		}
		at[v.Index] = uint16(i + 1)
	}
	return at
}

// readIndex reads a declared variant's index, or -1 after recording an error.
func readIndex(d *Decoder, at *[256]uint16) int {
	start := d.offset
	index := d.U8()
	if d.err != nil {
		return -1
	}
	if at[index] == 0 {
		d.failAt(start, ErrVariant)
		return -1
	}
	return int(index)
}
