package scale

// FieldOf is one field of the Go struct S: its description and how to reach it.
type FieldOf[S any] struct {
	Description TypeField
	encode      func(*Encoder, *S)
	decode      func(*Decoder, *S)
}

// Field declares a field named name, which is where get points. An empty name
// makes a positional field, as in a Rust tuple struct.
func Field[S, F any](name string, c Codec[F], get func(*S) *F) FieldOf[S] {
	encode, decode := c.Encode, c.Decode
	return FieldOf[S]{
		Description: TypeField{Name: name, Type: c.Type},
		encode:      func(e *Encoder, s *S) { encode(e, get(s)) },
		decode:      func(d *Decoder, s *S) { decode(d, get(s)) },
	}
}

// Documented is the field with docs.
func (f FieldOf[S]) Documented(docs string) FieldOf[S] {
	f.Description.Docs = docs
	return f
}

// TypeNamed is the field with the name that the source gives to its type.
func (f FieldOf[S]) TypeNamed(name string) FieldOf[S] {
	f.Description.TypeName = name
	return f
}

// Struct is the codec of S: its fields in the order declared.
func Struct[S any](path, docs string, fields ...FieldOf[S]) Codec[S] {
	return Codec[S]{
		Type: CompositeType(path, docs, descriptions(fields)...),
		Encode: func(e *Encoder, s *S) {
			for i := range fields {
				fields[i].encode(e, s)
			}
		},
		Decode: func(d *Decoder, s *S) {
			for i := range fields {
				fields[i].decode(d, s)
			}
		},
	}
}

func descriptions[S any](fields []FieldOf[S]) []TypeField {
	list := make([]TypeField, len(fields))
	for i := range fields {
		list[i] = fields[i].Description
	}
	return list
}
