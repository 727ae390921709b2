package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// OpenOrder is an order in its book, as its owner sees it.
type OpenOrder struct {
	Order       uint64 // the client's own number
	Market      uint32
	Side        uint8
	Price       uint64 // ticks
	Quantity    uint64 // lots, as placed
	Remaining   uint64 // lots
	TimeInForce uint8
	ExpiresAt   uint64 // ms since 1970, 0: none
	Checkpoint  uint64 // that placed it
	Timestamp   uint64 // of that checkpoint, ms
}

// OpenOrderCodec is the codec of OpenOrder.
var OpenOrderCodec = scale.Struct("bitcloak_wire::OpenOrder", "An order in its book, as its owner sees it.",
	scale.Field("order", scale.U64, func(v *OpenOrder) *uint64 { return &v.Order }),
	scale.Field("market", scale.U32, func(v *OpenOrder) *uint32 { return &v.Market }),
	scale.Field("side", scale.U8, func(v *OpenOrder) *uint8 { return &v.Side }),
	scale.Field("price", scale.U64, func(v *OpenOrder) *uint64 { return &v.Price }),
	scale.Field("quantity", scale.U64, func(v *OpenOrder) *uint64 { return &v.Quantity }),
	scale.Field("remaining", scale.U64, func(v *OpenOrder) *uint64 { return &v.Remaining }),
	scale.Field("time_in_force", scale.U8, func(v *OpenOrder) *uint8 { return &v.TimeInForce }),
	scale.Field("expires_at", scale.U64, func(v *OpenOrder) *uint64 { return &v.ExpiresAt }),
	scale.Field("checkpoint", scale.U64, func(v *OpenOrder) *uint64 { return &v.Checkpoint }),
	scale.Field("timestamp", scale.U64, func(v *OpenOrder) *uint64 { return &v.Timestamp }),
)

// Fill is one trade as one of its two parties sees it. The other is never named.
type Fill struct {
	Index      uint64 // of the account, from 1
	Trade      uint64 // of the contract, from 1
	Order      uint64 // the client's own number
	Market     uint32
	Side       uint8
	Maker      bool
	Price      uint64 // ticks
	Quantity   uint64 // lots
	Base       U128
	Quote      U128
	Fee        U128 // quote units
	Checkpoint uint64
	Number     uint32 // of the block
	Timestamp  uint64 // of the block, ms
}

// FillCodec is the codec of Fill.
var FillCodec = scale.Struct("bitcloak_wire::Fill", "One trade as one of its two parties sees it.",
	scale.Field("index", scale.U64, func(v *Fill) *uint64 { return &v.Index }),
	scale.Field("trade", scale.U64, func(v *Fill) *uint64 { return &v.Trade }),
	scale.Field("order", scale.U64, func(v *Fill) *uint64 { return &v.Order }),
	scale.Field("market", scale.U32, func(v *Fill) *uint32 { return &v.Market }),
	scale.Field("side", scale.U8, func(v *Fill) *uint8 { return &v.Side }),
	scale.Field("maker", scale.Bool, func(v *Fill) *bool { return &v.Maker }),
	scale.Field("price", scale.U64, func(v *Fill) *uint64 { return &v.Price }),
	scale.Field("quantity", scale.U64, func(v *Fill) *uint64 { return &v.Quantity }),
	scale.Field("base", scale.U128Codec, func(v *Fill) *U128 { return &v.Base }),
	scale.Field("quote", scale.U128Codec, func(v *Fill) *U128 { return &v.Quote }),
	scale.Field("fee", scale.U128Codec, func(v *Fill) *U128 { return &v.Fee }),
	scale.Field("checkpoint", scale.U64, func(v *Fill) *uint64 { return &v.Checkpoint }),
	scale.Field("number", scale.U32, func(v *Fill) *uint32 { return &v.Number }),
	scale.Field("timestamp", scale.U64, func(v *Fill) *uint64 { return &v.Timestamp }),
)
