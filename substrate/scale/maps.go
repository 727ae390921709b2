package scale

// Map is a BTreeMap<K, V> of at most maximum entries, kept as a slice in
// strictly ascending order of compare; both directions refuse any other order,
// so equal maps have one encoding.
func Map[K, V any](key Codec[K], value Codec[V], maximum int, compare func(a, b *K) int) Codec[[]Pair[K, V]] {
	entries := Vec(Tuple2(key, value), maximum)
	c := ordered(entries, func(a, b *Pair[K, V]) int { return compare(&a.First, &b.First) })
	c.Type = CompositeType("BTreeMap", "", TypeField{Type: entries.Type}).
		WithParams(TypeParam{Name: "K", Type: key.Type}, TypeParam{Name: "V", Type: value.Type})
	return c
}

// Set is a BTreeSet<T> of at most maximum elements, kept as Map keeps its keys.
func Set[T any](elem Codec[T], maximum int, compare func(a, b *T) int) Codec[[]T] {
	elements := Vec(elem, maximum)
	c := ordered(elements, compare)
	c.Type = CompositeType("BTreeSet", "", TypeField{Type: elements.Type}).
		WithParams(TypeParam{Name: "T", Type: elem.Type})
	return c
}

func ordered[T any](c Codec[[]T], compare func(a, b *T) int) Codec[[]T] {
	ascends := func(items []T) bool {
		for i := 1; i < len(items); i++ {
			if compare(&items[i-1], &items[i]) >= 0 {
				return false
			}
		}
		return true
	}
	return Codec[[]T]{
		Encode: func(e *Encoder, v *[]T) {
			if !ascends(*v) {
				e.Fail(ErrEncodeOrder)
				return
			}
			c.Encode(e, v)
		},
		Decode: func(d *Decoder, v *[]T) {
			start := d.offset
			c.Decode(d, v)
			if d.err == nil && !ascends(*v) {
				d.failAt(start, ErrOrder)
			}
		},
	}
}
