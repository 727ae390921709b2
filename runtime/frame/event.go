package frame

import (
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Phase says which part of a block an event comes from. The zero value is
// genesis, where events are not kept.
type Phase struct {
	kind  phaseKind
	index uint32
}

type phaseKind uint8

const (
	phaseGenesis phaseKind = iota
	phaseExtrinsic
	phaseFinalization
	phaseInitialization
)

// InExtrinsic is the phase of the extrinsic with this index in its block.
func InExtrinsic(index uint32) Phase { return Phase{kind: phaseExtrinsic, index: index} }

// InFinalization is the phase after a block's extrinsics.
func InFinalization() Phase { return Phase{kind: phaseFinalization} }

// InInitialization is the phase before a block's extrinsics.
func InInitialization() Phase { return Phase{kind: phaseInitialization} }

// eventsKey is where System.Events lies. The list belongs to frame, because every
// pallet's events go there; pallet system declares it.
var eventsKey = func() []byte { key := hashing.StoragePrefix("System", "Events"); return key[:] }()

// Event is a declared event with fields E.
type Event[E any] struct {
	pallet, index uint8
	codec         scale.Codec[E]
}

// NewEvent declares an event; fields is a scale.Struct whose fields become the event's.
func NewEvent[E any](m *Module, index uint8, name, docs string, fields scale.Codec[E]) *Event[E] {
	m.Events = declareVariant(m.Events, scale.TypeVariant{Name: name, Index: index, Fields: fields.Type.Fields, Docs: docs})
	return &Event[E]{pallet: m.Index, index: index, codec: fields}
}

// Deposit records the event, with its phase and without topics.
func (ev *Event[E]) Deposit(c *Context, event E) {
	if c.phase.kind == phaseGenesis {
		return
	}
	e := &c.encoder
	e.Reset()
	e.U8(uint8(c.phase.kind - phaseExtrinsic))
	if c.phase.kind == phaseExtrinsic {
		e.U32(c.phase.index)
	}
	e.U8(ev.pallet)
	e.U8(ev.index)
	ev.codec.Encode(e, &event)
	e.Compact(0) // topics
	if err := e.Err(); err != nil {
		panic("frame: an event has no encoding: " + err.Error())
	}
	c.Host.Append(eventsKey, e.Encoded())
}
