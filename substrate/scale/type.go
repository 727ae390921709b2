package scale

// Kind says which fields of a Type apply.
type Kind uint8

// The kinds of scale-info's TypeDef (BitSequence is not used), and Unset for a
// Type that a later declaration will fill.
const (
	KindUnset Kind = iota
	KindComposite
	KindVariant
	KindSequence
	KindArray
	KindTuple
	KindPrimitive
	KindCompact
)

// Primitive numbers the primitives as scale-info's TypeDefPrimitive does.
type Primitive uint8

// The primitives.
const (
	PrimitiveBool Primitive = 0
	PrimitiveStr  Primitive = 2
	PrimitiveU8   Primitive = 3
	PrimitiveU16  Primitive = 4
	PrimitiveU32  Primitive = 5
	PrimitiveU64  Primitive = 6
	PrimitiveU128 Primitive = 7
)

// Type describes a SCALE type as data, enough for the portable registry of
// metadata. Types of equal content are one type, whatever their pointers. A
// Type may be handed out while still unset and filled later: that is how an
// outer enum collects its pallets, and how a type contains itself.
type Type struct {
	Kind     Kind
	Path     string // "crate::module::Name"; empty for types without a name
	Params   []TypeParam
	Docs     string        // lines
	Fields   []TypeField   // composite
	Variants []TypeVariant // variant
	Elem     *Type         // sequence, array, compact
	Len      uint32        // array
	Items    []*Type       // tuple
	Prim     Primitive     // primitive
}

// TypeParam is a generic parameter; Type is nil where the parameter does not
// show in the encoding.
type TypeParam struct {
	Name string
	Type *Type
}

// TypeField is a field of a composite or of a variant; Name is empty in tuples.
type TypeField struct {
	Name     string
	Type     *Type
	TypeName string // how the source calls the type, e.g. "BalanceOf<T>"; may be empty
	Docs     string
}

// TypeVariant is one alternative of a variant type.
type TypeVariant struct {
	Name   string
	Index  uint8
	Fields []TypeField
	Docs   string
}

// NewType is an unset type, to be filled later by assigning to what it points at.
func NewType() *Type { return &Type{} }

// SequenceType describes Vec<elem>.
func SequenceType(elem *Type) *Type { return &Type{Kind: KindSequence, Elem: elem} }

// ArrayType describes [elem; n].
func ArrayType(elem *Type, n uint32) *Type { return &Type{Kind: KindArray, Elem: elem, Len: n} }

// CompactType describes Compact<elem>.
func CompactType(elem *Type) *Type { return &Type{Kind: KindCompact, Elem: elem} }

// TupleType describes (items...); without items, the unit type.
func TupleType(items ...*Type) *Type { return &Type{Kind: KindTuple, Items: items} }

// CompositeType describes a struct.
func CompositeType(path, docs string, fields ...TypeField) *Type {
	return &Type{Kind: KindComposite, Path: path, Docs: docs, Fields: fields}
}

// VariantType describes an enum.
func VariantType(path, docs string, variants ...TypeVariant) *Type {
	return &Type{Kind: KindVariant, Path: path, Docs: docs, Variants: variants}
}

// WithParams is a copy of t with generic parameters.
func (t *Type) WithParams(params ...TypeParam) *Type {
	c := *t
	c.Params = params
	return &c
}

// maxSizeDepth ends MinSize on types that contain themselves.
const maxSizeDepth = 16

// MinSize is a lower bound, in bytes, of any encoding of t; 1 for a type that is unset.
func (t *Type) MinSize() int { return t.minSize(maxSizeDepth) }

func (t *Type) minSize(depth int) int {
	if depth == 0 {
		return 0
	}
	switch t.Kind {
	case KindPrimitive:
		return [...]int{PrimitiveBool: 1, 1: 4, PrimitiveStr: 1, PrimitiveU8: 1, PrimitiveU16: 2,
			PrimitiveU32: 4, PrimitiveU64: 8, PrimitiveU128: 16}[t.Prim]
	case KindArray:
		return int(t.Len) * t.Elem.minSize(depth-1)
	case KindTuple:
		size := 0
		for _, item := range t.Items {
			size += item.minSize(depth - 1)
		}
		return size
	case KindComposite:
		return fieldsMinSize(t.Fields, depth-1)
	case KindVariant:
		return 1 + variantsMinSize(t.Variants, depth-1)
	case KindCompact:
		if t.Elem.Kind == KindTuple && len(t.Elem.Items) == 0 {
			return 0 // Compact<()> is empty
		}
		return 1
	default: // a sequence has its count; an unset type is taken for an enum
		return 1
	}
}

func fieldsMinSize(fields []TypeField, depth int) int {
	size := 0
	for i := range fields {
		size += fields[i].Type.minSize(depth)
	}
	return size
}

func variantsMinSize(variants []TypeVariant, depth int) int {
	smallest := -1
	for i := range variants {
		size := fieldsMinSize(variants[i].Fields, depth)
		if smallest < 0 || size < smallest {
			smallest = size
		}
	}
	return max(smallest, 0)
}
