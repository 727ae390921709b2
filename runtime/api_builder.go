package runtime

import (
	"bytes"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/timestamp"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Bounds of inherent data: one value for each kind of inherent.
const (
	maxInherents     = 64
	maxInherentBytes = 1 << 20
)

// timestampInherent identifies the timestamp's data, a u64 of milliseconds.
var timestampInherent = [8]byte{'t', 'i', 'm', 's', 't', 'a', 'p', '0'}

// maxTimestampDrift is how far ahead of this node's clock, in milliseconds, the
// author of a block may be.
const maxTimestampDrift = 30_000

type inherentData = []scale.Pair[[8]byte, []byte]

var inherentDataCodec = scale.Newtype("sp_inherents::InherentData", "",
	scale.Map(scale.Bytes8, scale.Bytes(maxInherentBytes), maxInherents,
		func(a, b *[8]byte) int { return bytes.Compare(a[:], b[:]) }),
	func(v *inherentData) *inherentData { return v })

// checkResult is sp_inherents' CheckInherentsResult.
type checkResult struct {
	Okay, Fatal bool
	Errors      inherentData
}

var checkResultCodec = scale.Struct("sp_inherents::CheckInherentsResult", "",
	scale.Field("okay", scale.Bool, func(c *checkResult) *bool { return &c.Okay }),
	scale.Field("fatal_error", scale.Bool, func(c *checkResult) *bool { return &c.Fatal }),
	scale.Field("errors", inherentDataCodec, func(c *checkResult) *inherentData { return &c.Errors }),
)

// check is the arguments of check_inherents.
type check struct {
	Block block
	Data  inherentData
}

var applyResultCodec = frame.ResultCodec(frame.DispatchResultCodec, frame.TransactionValidityErrorCodec)

func blockBuilderAPI(call *scale.Type) api {
	xt := extrinsicCodec(call)
	extrinsicArg := scale.Struct("", "", scale.Field("extrinsic", xt, func(x *[]byte) *[]byte { return x }))
	dataArg := scale.Struct("", "", scale.Field("inherent", inherentDataCodec, func(d *inherentData) *inherentData { return d }))
	checkArgs := scale.Struct("", "",
		scale.Field("block", blockCodec(call), func(c *check) *block { return &c.Block }),
		scale.Field("data", inherentDataCodec, func(c *check) *inherentData { return &c.Data }))
	return api{
		name: "BlockBuilder", version: 6, docs: "The API that a block's author builds it with.",
		methods: []method{
			newMethod("apply_extrinsic", "Apply the given extrinsic.", extrinsicArg, applyResultCodec, applyEncoded),
			newMethod("finalize_block", "Finish the current block.", noArgs, header.Codec,
				func(r *Runtime, _ *struct{}) (header.Header, error) { return r.finalize() }),
			newMethod("inherent_extrinsics", "Generate inherent extrinsics.", dataArg, scale.Vec(xt, maxInherents), inherentExtrinsics),
			newMethod("check_inherents", "Check that the inherents of a block are acceptable.", checkArgs, checkResultCodec, checkInherents),
		},
	}
}

func applyEncoded(r *Runtime, encoded *[]byte) (frame.Result[frame.DispatchResult, frame.TransactionValidityError], error) {
	applied := r.ApplyExtrinsic(*encoded)
	if !applied.Applied() {
		return frame.Err[frame.DispatchResult](*applied.Invalid), nil
	}
	return frame.Ok[frame.DispatchResult, frame.TransactionValidityError](applied.Result), nil
}

// TimestampInherent is the extrinsic that a block begins with.
func TimestampInherent(milliseconds uint64) []byte {
	x := extrinsic.Bare(timestamp.EncodeSet(milliseconds))
	encoded, err := x.Encode()
	if err != nil {
		panic(err) // only for calls of megabytes
	}
	return encoded
}

// timeIn is the timestamp in inherent data.
func timeIn(data inherentData) (milliseconds uint64, found bool) {
	for i := range data {
		if data[i].First == timestampInherent {
			milliseconds, err := scale.U64.Unmarshal(data[i].Second)
			return milliseconds, err == nil
		}
	}
	return 0, false
}

func inherentExtrinsics(_ *Runtime, data *inherentData) ([][]byte, error) {
	milliseconds, found := timeIn(*data)
	if !found {
		return nil, nil
	}
	return [][]byte{TimestampInherent(milliseconds)}, nil
}

// Errors of the timestamp's check, numbered as sp_timestamp's InherentError.
const (
	timestampTooEarly = 0
	timestampTooFar   = 1
)

func checkInherents(r *Runtime, args *check) (checkResult, error) {
	local, known := timeIn(args.Data)
	proposed, found := uint64(0), false
	if len(args.Block.Extrinsics) > 0 {
		if x, err := extrinsic.Decode(args.Block.Extrinsics[0]); err == nil && !x.Signed {
			proposed, found = timestamp.DecodeSet(x.Call)
		}
	}
	var reason []byte
	switch {
	case !found || proposed <= timestamp.Now(r.context):
		reason = []byte{timestampTooEarly}
	case known && proposed > local && proposed-local > maxTimestampDrift:
		reason = []byte{timestampTooFar}
	default:
		return checkResult{Okay: true}, nil
	}
	return checkResult{Fatal: true, Errors: inherentData{{First: timestampInherent, Second: reason}}}, nil
}
