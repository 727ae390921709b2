package metadata

import (
	"errors"
	"strings"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Errors of a declaration's types; each is wrapped with where it was found.
var (
	ErrUnset    = errors.New("the type is missing or was never filled; assign the declared type before writing metadata")
	ErrSamePath = errors.New("two different types share this path; give one of them another path")
)

// registry numbers types. It is built in three steps: visit from every root,
// resolve once, then id and encode.
type registry struct {
	nodes []*scale.Type       // in the order of discovery
	at    map[*scale.Type]int // a pointer's place in nodes; never ranged over
	class []uint32            // of each node: its type's number
	kinds []*scale.Type       // of each number: one node that stands for it
	err   error
}

func newRegistry() *registry { return &registry{at: map[*scale.Type]int{}} }

func (r *registry) fail(where string, cause error) {
	if r.err == nil {
		r.err = &declarationError{where: where, cause: cause}
	}
}

// visit discovers t and what it contains; where names the place that uses it.
func (r *registry) visit(where string, t *scale.Type) {
	if t == nil || t.Kind == scale.KindUnset {
		r.fail(where, ErrUnset)
		return
	}
	if _, known := r.at[t]; known {
		return
	}
	r.at[t] = len(r.nodes)
	r.nodes = append(r.nodes, t)
	if t.Path != "" {
		where += " > " + t.Path
	}
	eachChild(t, func(child *scale.Type) { r.visit(where, child) })
}

// eachChild calls f for each type that t refers to, in the order of encoding.
func eachChild(t *scale.Type, f func(*scale.Type)) {
	for i := range t.Params {
		if t.Params[i].Type != nil {
			f(t.Params[i].Type)
		}
	}
	switch t.Kind {
	case scale.KindComposite:
		eachField(t.Fields, f)
	case scale.KindVariant:
		for i := range t.Variants {
			eachField(t.Variants[i].Fields, f)
		}
	case scale.KindSequence, scale.KindArray, scale.KindCompact:
		f(t.Elem)
	case scale.KindTuple:
		for _, item := range t.Items {
			f(item)
		}
	}
}

func eachField(fields []scale.TypeField, f func(*scale.Type)) {
	for i := range fields {
		f(fields[i].Type)
	}
}

// resolve finds which nodes are equal types, recursive ones included: it starts
// from classes of equal shape and splits each by the classes of its members'
// children until nothing splits (the minimisation of automata, Moore 1956).
func (r *registry) resolve() {
	if r.err != nil {
		return
	}
	r.class = make([]uint32, len(r.nodes))
	count := r.classify(func(e *scale.Encoder, t *scale.Type) {
		encodeType(e, t, func(*scale.Type) uint32 { return 0 })
	})
	for {
		previous := r.class
		r.class = make([]uint32, len(r.nodes))
		id := func(t *scale.Type) uint32 { return previous[r.at[t]] }
		next := r.classify(func(e *scale.Encoder, t *scale.Type) {
			e.U32(id(t))
			eachChild(t, func(child *scale.Type) { e.U32(id(child)) })
		})
		if next == count {
			break
		}
		count = next
	}
	r.represent(count)
}

// classify numbers the nodes by the bytes that key writes, in the order of
// discovery, and returns how many classes there are.
func (r *registry) classify(key func(*scale.Encoder, *scale.Type)) int {
	numbers := map[string]uint32{} // never ranged over
	var e scale.Encoder
	for i, t := range r.nodes {
		e.Reset()
		key(&e, t)
		if err := e.Err(); err != nil {
			r.fail(t.Path, err)
		}
		number, known := numbers[string(e.Encoded())]
		if !known {
			number = uint32(len(numbers))
			numbers[string(e.Encoded())] = number
		}
		r.class[i] = number
	}
	return len(numbers)
}

// represent picks a node for each class and refuses two classes of one path:
// only generic types may share theirs.
func (r *registry) represent(count int) {
	r.kinds = make([]*scale.Type, count)
	paths := map[string]uint32{} // never ranged over
	for i, t := range r.nodes {
		number := r.class[i]
		if r.kinds[number] != nil {
			continue
		}
		r.kinds[number] = t
		if t.Path == "" || len(t.Params) > 0 {
			continue
		}
		if _, taken := paths[t.Path]; taken {
			r.fail(t.Path, ErrSamePath)
		}
		paths[t.Path] = number
	}
}

func (r *registry) id(t *scale.Type) uint32 { return r.class[r.at[t]] }

// encode writes the PortableRegistry.
func (r *registry) encode(e *scale.Encoder) {
	e.Compact(uint64(len(r.kinds)))
	for number, t := range r.kinds {
		e.Compact(uint64(number))
		encodeType(e, t, r.id)
	}
}

// declarationError says where in a declaration something is wrong.
type declarationError struct {
	where string
	cause error
}

func (e *declarationError) Error() string {
	return "metadata: " + strings.TrimPrefix(e.where, " > ") + ": " + e.cause.Error()
}

func (e *declarationError) Unwrap() error { return e.cause }
