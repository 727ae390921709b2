package frame

import (
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

var phaseType = scale.VariantType("frame_system::Phase", "",
	scale.TypeVariant{Name: "ApplyExtrinsic", Index: 0, Fields: []scale.TypeField{{Type: scale.U32.Type, TypeName: "u32"}}},
	scale.TypeVariant{Name: "Finalization", Index: 1},
	scale.TypeVariant{Name: "Initialization", Index: 2})

// EventsItem describes System.Events for a runtime whose event enum is event: what
// Event.Deposit writes. It is not decoded here; clients do.
func EventsItem(event *scale.Type) metadata.StorageEntry {
	topics := scale.SequenceType(scale.HashCodec.Type)
	record := scale.CompositeType("frame_system::EventRecord", "",
		scale.TypeField{Name: "phase", Type: phaseType, TypeName: "Phase"},
		scale.TypeField{Name: "event", Type: event, TypeName: "E"},
		scale.TypeField{Name: "topics", Type: topics, TypeName: "Vec<T>"},
	).WithParams(scale.TypeParam{Name: "E", Type: event}, scale.TypeParam{Name: "T", Type: scale.HashCodec.Type})
	return metadata.StorageEntry{
		Name: "Events", Docs: "Events deposited for the current block.",
		Value: scale.SequenceType(record), Default: []byte{0},
	}
}

// ClearEvents forgets the events of the block before.
func ClearEvents(c *Context) { c.Host.Clear(eventsKey) }

// EventCount is how many events the block has so far.
func EventCount(c *Context) uint32 { return sequenceLength(c, eventsKey) }
