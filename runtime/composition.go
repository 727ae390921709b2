package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/confidential"
	"github.com/bitcloak/bitcloak/runtime/consensus"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/governance"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/runtime/privateassets"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// crate is the first part of the paths of the runtime's own types.
const crate = "bitcloak_runtime"

// Versions. A change of the state transition raises specVersion, a change of
// extrinsics' format or of existing calls' indices and arguments transactionVersion.
const (
	specName           = "bitcloak"
	firstSpecVersion   = 1
	transactionVersion = 1
	stateVersion       = 1 // layout of the state trie
)

// composition is the pallets and runtime APIs joined: declarations alone, never
// changed.
type composition struct {
	version    frame.RuntimeVersion
	pallets    []frame.Pallet // in the order in which their hooks run
	dispatcher *frame.Dispatcher
	apis       []api
	declared   metadata.Runtime
}

var composed = compose()

func compose() *composition {
	dispatcher := frame.NewDispatcher()
	call, event := dispatcher.CallType(), scale.NewType()
	r := &composition{dispatcher: dispatcher, apis: declareAPIs(call)}
	r.version = frame.RuntimeVersion{
		SpecName: specName, ImplName: "bitcloak-go", AuthoringVersion: 1, SpecVersion: specVersion, ImplVersion: 1,
		Apis: apiVersions(r.apis), TransactionVersion: transactionVersion, StateVersion: stateVersion,
	}
	r.pallets = []frame.Pallet{
		system.Pallet(r.version, event),
		timestamp.Pallet(),
		consensus.Pallet(),
		balances.Pallet(),
		payment.Pallet(),
		assets.Pallet(),
		privateassets.Pallet(confidential.Inbox{}),
		confidential.Pallet(),
		governance.Pallet(dispatcher),
	}
	dispatcher.Register(r.pallets)
	r.declared = r.declare(call, event)
	return r
}

// declare describes the runtime, and fills the enums that join its pallets.
func (r *composition) declare(call, event *scale.Type) metadata.Runtime {
	declared := metadata.Runtime{
		Extrinsic: extrinsic.Metadata(call), Type: scale.CompositeType(crate+"::Runtime", ""), Call: call, Event: event,
	}
	for i := range r.pallets {
		declared.Pallets = append(declared.Pallets, r.pallets[i].Metadata())
	}
	for i := range r.apis {
		declared.APIs = append(declared.APIs, r.apis[i].describe())
	}
	outer := func(name string, part func(*metadata.Pallet) *scale.Type) *scale.Type {
		return metadata.OuterEnum(crate+"::"+name, declared.Pallets, part)
	}
	*call = *outer("RuntimeCall", func(p *metadata.Pallet) *scale.Type { return p.Calls })
	*event = *outer("RuntimeEvent", func(p *metadata.Pallet) *scale.Type { return p.Events })
	declared.Error = outer("RuntimeError", func(p *metadata.Pallet) *scale.Type { return p.Errors })
	return declared
}
