package metadata

import (
	"strings"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// definitions numbers the kinds as scale-info's TypeDef does.
var definitions = [...]uint8{
	scale.KindComposite: 0, scale.KindVariant: 1, scale.KindSequence: 2, scale.KindArray: 3,
	scale.KindTuple: 4, scale.KindPrimitive: 5, scale.KindCompact: 6,
}

// encodeType writes scale-info's Type: path, parameters, definition, docs.
func encodeType(e *scale.Encoder, t *scale.Type, id func(*scale.Type) uint32) {
	var path []string
	if t.Path != "" {
		path = strings.Split(t.Path, "::")
	}
	encodeTexts(e, path)
	e.Compact(uint64(len(t.Params)))
	for _, p := range t.Params {
		e.Str(p.Name)
		e.Bool(p.Type != nil)
		if p.Type != nil {
			e.Compact(uint64(id(p.Type)))
		}
	}
	e.U8(definitions[t.Kind])
	encodeDefinition(e, t, id)
	encodeDocs(e, t.Docs)
}

func encodeDefinition(e *scale.Encoder, t *scale.Type, id func(*scale.Type) uint32) {
	switch t.Kind {
	case scale.KindComposite:
		encodeFields(e, t.Fields, id)
	case scale.KindVariant:
		e.Compact(uint64(len(t.Variants)))
		for i := range t.Variants {
			v := &t.Variants[i]
			e.Str(v.Name)
			encodeFields(e, v.Fields, id)
			e.U8(v.Index)
			encodeDocs(e, v.Docs)
		}
	case scale.KindSequence, scale.KindCompact:
		e.Compact(uint64(id(t.Elem)))
	case scale.KindArray:
		e.U32(t.Len)
		e.Compact(uint64(id(t.Elem)))
	case scale.KindTuple:
		e.Compact(uint64(len(t.Items)))
		for _, item := range t.Items {
			e.Compact(uint64(id(item)))
		}
	case scale.KindPrimitive:
		e.U8(uint8(t.Prim))
	}
}

func encodeFields(e *scale.Encoder, fields []scale.TypeField, id func(*scale.Type) uint32) {
	e.Compact(uint64(len(fields)))
	for i := range fields {
		f := &fields[i]
		encodeOptionalText(e, f.Name)
		e.Compact(uint64(id(f.Type)))
		encodeOptionalText(e, f.TypeName)
		encodeDocs(e, f.Docs)
	}
}

func encodeOptionalText(e *scale.Encoder, text string) {
	e.Bool(text != "")
	if text != "" {
		e.Str(text)
	}
}

func encodeTexts(e *scale.Encoder, texts []string) {
	e.Compact(uint64(len(texts)))
	for _, text := range texts {
		e.Str(text)
	}
}

// encodeDocs writes docs line by line.
func encodeDocs(e *scale.Encoder, docs string) {
	var lines []string
	if docs != "" {
		lines = strings.Split(docs, "\n")
	}
	encodeTexts(e, lines)
}
