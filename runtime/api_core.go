package runtime

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// block is a whole block; its extrinsics keep their length prefixes.
type block struct {
	Header     header.Header
	Extrinsics [][]byte
}

// extrinsicCodec is an extrinsic as bytes, length prefix included: the executive
// decodes it.
func extrinsicCodec(call *scale.Type) scale.Codec[[]byte] {
	return scale.Codec[[]byte]{
		Type:   extrinsic.Type(call),
		Encode: func(e *scale.Encoder, v *[]byte) { e.Raw(*v) },
		Decode: func(d *scale.Decoder, v *[]byte) {
			start, rest := d.Offset(), d.Rest()
			d.BytesView(extrinsic.MaxSize)
			if d.Err() == nil {
				*v = rest[:d.Offset()-start]
			}
		},
	}
}

func blockCodec(call *scale.Type) scale.Codec[block] {
	xt := extrinsicCodec(call)
	return scale.Struct("sp_runtime::generic::block::Block", "",
		scale.Field("header", header.Codec, func(b *block) *header.Header { return &b.Header }),
		scale.Field("extrinsics", scale.Vec(xt, system.MaxExtrinsics), func(b *block) *[][]byte { return &b.Extrinsics }),
	).WithParams(scale.TypeParam{Name: "Header", Type: header.Codec.Type}, scale.TypeParam{Name: "Extrinsic", Type: xt.Type})
}

// inclusionMode is sp_runtime's ExtrinsicInclusionMode; here it is always the first.
var inclusionModeCodec = scale.Choice[uint8]("sp_runtime::ExtrinsicInclusionMode", "",
	scale.Case{Index: 0, Name: "AllExtrinsics"}, scale.Case{Index: 1, Name: "OnlyInherents"})

func headerArg() scale.Codec[header.Header] {
	return scale.Struct("", "", scale.Field("header", header.Codec, func(h *header.Header) *header.Header { return h }))
}

func coreAPI(call *scale.Type) api {
	blockArg := scale.Struct("", "", scale.Field("block", blockCodec(call), func(b *block) *block { return b }))
	return api{
		name: "Core", version: 5, docs: "The API that every runtime has.",
		methods: []method{
			newMethod("version", "The version of the runtime.", noArgs, frame.RuntimeVersionCodec,
				func(r *Runtime, _ *struct{}) (frame.RuntimeVersion, error) { return r.version, nil }),
			newMethod("execute_block", "Execute the given block.", blockArg, scale.Unit,
				func(r *Runtime, b *block) (struct{}, error) { return struct{}{}, r.executeBlock(b) }),
			newMethod("initialize_block", "Initialize a block with the given header.", headerArg(), inclusionModeCodec,
				func(r *Runtime, h *header.Header) (uint8, error) { return 0, r.initialize(h) }),
		},
	}
}

// Errors of executing a whole block.
var (
	ErrInvalidExtrinsic = errors.New("runtime: the block holds an invalid extrinsic; refuse it")
	ErrHeaderMismatch   = errors.New("runtime: executing the block gives another header than it has; refuse it")
)

// executeBlock runs a block that somebody else built and compares what comes out.
func (r *Runtime) executeBlock(b *block) error {
	if err := r.initialize(&b.Header); err != nil {
		return err
	}
	for _, xt := range b.Extrinsics {
		if result := r.ApplyExtrinsic(xt); !result.Applied() {
			return errors.Join(ErrInvalidExtrinsic, result.Invalid)
		}
	}
	built, err := r.finalize()
	if err != nil {
		return err
	}
	if built.Hash() != b.Header.Hash() {
		return ErrHeaderMismatch
	}
	return nil
}
