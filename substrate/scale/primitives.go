package scale

func primitive[T any](p Primitive, encode func(*Encoder, *T), decode func(*Decoder, *T)) Codec[T] {
	return Codec[T]{Type: &Type{Kind: KindPrimitive, Prim: p}, Encode: encode, Decode: decode}
}

func compact[T any](of Codec[T], encode func(*Encoder, *T), decode func(*Decoder, *T)) Codec[T] {
	return Codec[T]{Type: CompactType(of.Type), Encode: encode, Decode: decode}
}

// Codecs of the primitives.
var (
	Bool = primitive(PrimitiveBool,
		func(e *Encoder, v *bool) { e.Bool(*v) }, func(d *Decoder, v *bool) { *v = d.Bool() })
	U8 = primitive(PrimitiveU8,
		func(e *Encoder, v *uint8) { e.U8(*v) }, func(d *Decoder, v *uint8) { *v = d.U8() })
	U16 = primitive(PrimitiveU16,
		func(e *Encoder, v *uint16) { e.U16(*v) }, func(d *Decoder, v *uint16) { *v = d.U16() })
	U32 = primitive(PrimitiveU32,
		func(e *Encoder, v *uint32) { e.U32(*v) }, func(d *Decoder, v *uint32) { *v = d.U32() })
	U64 = primitive(PrimitiveU64,
		func(e *Encoder, v *uint64) { e.U64(*v) }, func(d *Decoder, v *uint64) { *v = d.U64() })
	U128Codec = primitive(PrimitiveU128,
		func(e *Encoder, v *U128) { e.U128(*v) }, func(d *Decoder, v *U128) { *v = d.U128() })
)

// Codecs of the compact integers.
var (
	CompactU32 = compact(U32,
		func(e *Encoder, v *uint32) { e.Compact(uint64(*v)) }, func(d *Decoder, v *uint32) { *v = d.Compact32() })
	CompactU64 = compact(U64,
		func(e *Encoder, v *uint64) { e.Compact(*v) }, func(d *Decoder, v *uint64) { *v = d.Compact64() })
	CompactU128 = compact(U128Codec,
		func(e *Encoder, v *U128) { e.Compact128(*v) }, func(d *Decoder, v *U128) { *v = d.Compact128() })
)

// Unit is the codec of (), which has no bytes.
var Unit = Codec[struct{}]{
	Type:   TupleType(),
	Encode: func(*Encoder, *struct{}) {},
	Decode: func(*Decoder, *struct{}) {},
}

// Str is a UTF-8 string of at most maximum bytes.
func Str(maximum int) Codec[string] {
	return primitive(PrimitiveStr,
		func(e *Encoder, v *string) {
			if len(*v) > maximum {
				e.Fail(ErrEncodeTooLong)
				return
			}
			e.Str(*v)
		},
		func(d *Decoder, v *string) { *v = d.Str(maximum) })
}

// Bytes is Vec<u8> of at most maximum bytes. Decoding copies them.
func Bytes(maximum int) Codec[[]byte] {
	return Codec[[]byte]{
		Type: SequenceType(U8.Type),
		Encode: func(e *Encoder, v *[]byte) {
			if len(*v) > maximum {
				e.Fail(ErrEncodeTooLong)
				return
			}
			e.Bytes(*v)
		},
		Decode: func(d *Decoder, v *[]byte) { *v = d.Bytes(maximum) },
	}
}
