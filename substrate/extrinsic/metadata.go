package extrinsic

import (
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Metadata declares this format of extrinsics over a runtime's call type.
func Metadata(call *scale.Type) metadata.Extrinsic {
	x := metadata.Extrinsic{
		Version: 4, Type: Type(call), Address: AddressCodec.Type, Call: call,
		Signature: SignatureCodec.Type, Extra: ExtensionsCodec.Type,
	}
	for _, s := range steps {
		x.Extensions = append(x.Extensions, metadata.Extension{
			Name: s.name, Type: s.explicit.Description.Type, Implicit: s.implicit.Description.Type,
		})
	}
	return x
}

// Type describes an extrinsic over a runtime's call type; clients find the
// address, call, signature and extension types among its parameters.
func Type(call *scale.Type) *scale.Type {
	bytes := scale.SequenceType(scale.U8.Type)
	return scale.CompositeType("sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic", "",
		scale.TypeField{Type: bytes},
	).WithParams(
		scale.TypeParam{Name: "Address", Type: AddressCodec.Type},
		scale.TypeParam{Name: "Call", Type: call},
		scale.TypeParam{Name: "Signature", Type: SignatureCodec.Type},
		scale.TypeParam{Name: "Extra", Type: ExtensionsCodec.Type})
}
