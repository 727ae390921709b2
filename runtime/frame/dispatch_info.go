package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// Class says from which part of a block's room a call takes its weight.
type Class uint8

// Classes, numbered as frame_support's DispatchClass.
const (
	Normal      Class = 0
	Operational Class = 1 // may use the room that normal calls must leave
	Mandatory   Class = 2 // inherents: always fits
)

// Pays says whether the signer pays the fee.
type Pays uint8

// Fee payment, numbered as frame_support's Pays.
const (
	PaysYes Pays = 0
	PaysNo  Pays = 1
)

// DispatchInfo is what a call declares about itself before it runs.
type DispatchInfo struct {
	Weight Weight
	Class  Class
	Pays   Pays
}

// Codecs of a call's declaration.
var (
	ClassCodec = scale.Choice[Class]("frame_support::dispatch::DispatchClass", "",
		scale.Case{Index: 0, Name: "Normal"}, scale.Case{Index: 1, Name: "Operational"}, scale.Case{Index: 2, Name: "Mandatory"})
	PaysCodec = scale.Choice[Pays]("frame_support::dispatch::Pays", "",
		scale.Case{Index: 0, Name: "Yes"}, scale.Case{Index: 1, Name: "No"})
	DispatchInfoCodec = scale.Struct("frame_support::dispatch::DispatchInfo", "",
		scale.Field("weight", WeightCodec, func(i *DispatchInfo) *Weight { return &i.Weight }),
		scale.Field("class", ClassCodec, func(i *DispatchInfo) *Class { return &i.Class }),
		scale.Field("pays_fee", PaysCodec, func(i *DispatchInfo) *Pays { return &i.Pays }),
	)
)
