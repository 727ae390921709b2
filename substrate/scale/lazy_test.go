package scale

import (
	"errors"
	"testing"
)

type tree struct {
	Kind     uint8
	Leaf     uint8
	Children []tree
}

var treeType = NewType()

var treeCodec = declareTree()

func declareTree() Codec[tree] {
	var c Codec[tree]
	self := Lazy(treeType, func() *Codec[tree] { return &c })
	c = Enum("test::Tree", func(t *tree) *uint8 { return &t.Kind },
		Variant(0, "Leaf", "", Field("", U8, func(t *tree) *uint8 { return &t.Leaf })),
		Variant(1, "Node", "", Field("", Vec(self, 1000), func(t *tree) *[]tree { return &t.Children })))
	*treeType = *c.Type
	return c
}

func nested(levels int) []byte {
	var e Encoder
	for range levels {
		e.U8(1)
		e.Compact(1)
	}
	e.Raw([]byte{0, 42})
	return e.Encoded()
}

func TestLazyRecursionIsBounded(t *testing.T) {
	v, err := treeCodec.Unmarshal(nested(MaxDepth))
	if err != nil {
		t.Fatal(err)
	}
	if again := treeCodec.Marshal(v); string(again) != string(nested(MaxDepth)) {
		t.Errorf("encoded differently: %x", again)
	}
	if _, err := treeCodec.Unmarshal(nested(MaxDepth + 1)); !errors.Is(err, ErrDepth) {
		t.Errorf("one level too many: %v", err)
	}
	if _, err := treeCodec.Unmarshal(nested(100_000)); !errors.Is(err, ErrDepth) {
		t.Errorf("a deep bomb: %v", err)
	}
	// Depth counts nesting, not how often: siblings do not add up.
	wide := append([]byte{1}, CompactU32.Marshal(500)...)
	for range 500 {
		wide = append(wide, 0, 1)
	}
	if _, err := treeCodec.Unmarshal(wide); err != nil {
		t.Errorf("wide: %v", err)
	}
}

func TestMinSizeOfRecursiveType(t *testing.T) {
	if size := treeType.MinSize(); size != 2 {
		t.Errorf("MinSize = %d, want 2: an index and a leaf or a count", size)
	}
	if size := NewType().MinSize(); size != 1 {
		t.Errorf("MinSize of an unset type = %d, want 1", size)
	}
}
