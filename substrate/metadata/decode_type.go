package metadata

import (
	"strings"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// readType reads scale-info's Type, as encodeType writes it.
func (r *reader) readType(t *scale.Type) {
	t.Path = strings.Join(list(r, (*reader).text), "::")
	t.Params = list(r, func(r *reader) scale.TypeParam {
		return scale.TypeParam{Name: r.text(), Type: r.optionalType()}
	})
	r.definition(t)
	t.Docs = r.docs()
}

func (r *reader) definition(t *scale.Type) {
	switch kind := r.U8(); kind {
	case definitions[scale.KindComposite]:
		t.Kind, t.Fields = scale.KindComposite, list(r, (*reader).field)
	case definitions[scale.KindVariant]:
		t.Kind, t.Variants = scale.KindVariant, list(r, func(r *reader) scale.TypeVariant {
			return scale.TypeVariant{Name: r.text(), Fields: list(r, (*reader).field), Index: r.U8(), Docs: r.docs()}
		})
	case definitions[scale.KindSequence]:
		t.Kind, t.Elem = scale.KindSequence, r.typeRef()
	case definitions[scale.KindArray]:
		t.Kind, t.Len, t.Elem = scale.KindArray, r.U32(), r.typeRef()
	case definitions[scale.KindTuple]:
		t.Kind, t.Items = scale.KindTuple, list(r, (*reader).typeRef)
	case definitions[scale.KindPrimitive]:
		t.Kind, t.Prim = scale.KindPrimitive, scale.Primitive(r.U8())
	case definitions[scale.KindCompact]:
		t.Kind, t.Elem = scale.KindCompact, r.typeRef()
	default:
		r.Fail(ErrDefinition)
	}
}

func (r *reader) field() scale.TypeField {
	return scale.TypeField{Name: r.optionalText(), Type: r.typeRef(), TypeName: r.optionalText(), Docs: r.docs()}
}
