package scale

// Codec is one type's encoder, decoder and description, declared together.
// Decode overwrites the whole value; after an error of the decoder the value is
// unspecified. Neither function keeps its arguments.
type Codec[T any] struct {
	Type   *Type
	Encode func(*Encoder, *T)
	Decode func(*Decoder, *T)
}

// marshalReserve holds most values, in bytes, so that encoding one allocates once.
const marshalReserve = 64

// Marshal encodes v. It panics if v has no encoding (an enum without a kind, a
// sequence above its maximum): for values from outside use TryMarshal.
func (c Codec[T]) Marshal(v T) []byte {
	b, err := c.TryMarshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// TryMarshal encodes v, or says why it cannot be encoded.
func (c Codec[T]) TryMarshal(v T) ([]byte, error) {
	e := Encoder{buffer: make([]byte, 0, marshalReserve)}
	c.Encode(&e, &v)
	if e.err != nil {
		return nil, e.err
	}
	return e.buffer, nil
}

// Unmarshal decodes a value that must fill b exactly.
func (c Codec[T]) Unmarshal(b []byte) (T, error) {
	d := Decoder{input: b}
	var v T
	c.Decode(&d, &v)
	if err := d.Finish(); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// Documented is the codec with docs on its type.
func (c Codec[T]) Documented(docs string) Codec[T] {
	t := *c.Type
	t.Docs = docs
	c.Type = &t
	return c
}

// WithParams is the codec with generic parameters on its type.
func (c Codec[T]) WithParams(params ...TypeParam) Codec[T] {
	c.Type = c.Type.WithParams(params...)
	return c
}

// Wrap is a codec for T encoded exactly as the U inside it, under U's type.
func Wrap[T, U any](inner Codec[U], get func(*T) *U) Codec[T] {
	encode, decode := inner.Encode, inner.Decode
	return Codec[T]{
		Type:   inner.Type,
		Encode: func(e *Encoder, v *T) { encode(e, get(v)) },
		Decode: func(d *Decoder, v *T) { decode(d, get(v)) },
	}
}

// Newtype is Wrap under a type name of its own: path(inner).
func Newtype[T, U any](path, docs string, inner Codec[U], get func(*T) *U) Codec[T] {
	c := Wrap(inner, get)
	c.Type = CompositeType(path, docs, TypeField{Type: inner.Type})
	return c
}

// Lazy is a codec looked up at use: for types that contain themselves and for
// those assembled later. Decoding counts it as one level of nesting.
func Lazy[T any](t *Type, get func() *Codec[T]) Codec[T] {
	return Codec[T]{
		Type:   t,
		Encode: func(e *Encoder, v *T) { get().Encode(e, v) },
		Decode: func(d *Decoder, v *T) {
			if d.Enter() {
				get().Decode(d, v)
				d.Leave()
			}
		},
	}
}
