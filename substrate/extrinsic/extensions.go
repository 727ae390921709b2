package extrinsic

import "github.com/bitcloak/bitcloak/substrate/scale"

// Extensions is what the transaction extensions put into a signed extrinsic.
type Extensions struct {
	Era   Era
	Nonce uint32
	Tip   scale.U128
}

// Implicit is what the transaction extensions add to the signed data without
// sending it.
type Implicit struct {
	SpecVersion        uint32
	TransactionVersion uint32
	Genesis            scale.Hash
	// Mortality is the hash of the block in which the era begins; Genesis if immortal.
	Mortality scale.Hash
}

// step is one extension: the name that clients know it by and its two parts.
type step struct {
	name     string
	explicit scale.FieldOf[Extensions]
	implicit scale.FieldOf[Implicit]
}

var steps = []step{
	{"CheckNonZeroSender",
		silent("frame_system::extensions::check_non_zero_sender::CheckNonZeroSender"), nothingSigned},
	{"CheckSpecVersion",
		silent("frame_system::extensions::check_spec_version::CheckSpecVersion"),
		signed(scale.U32, func(i *Implicit) *uint32 { return &i.SpecVersion })},
	{"CheckTxVersion",
		silent("frame_system::extensions::check_tx_version::CheckTxVersion"),
		signed(scale.U32, func(i *Implicit) *uint32 { return &i.TransactionVersion })},
	{"CheckGenesis",
		silent("frame_system::extensions::check_genesis::CheckGenesis"),
		signed(scale.HashCodec, func(i *Implicit) *scale.Hash { return &i.Genesis })},
	{"CheckMortality",
		sent("frame_system::extensions::check_mortality::CheckMortality", "Era",
			EraCodec, func(x *Extensions) *Era { return &x.Era }),
		signed(scale.HashCodec, func(i *Implicit) *scale.Hash { return &i.Mortality })},
	{"CheckNonce",
		sent("frame_system::extensions::check_nonce::CheckNonce", "T::Nonce",
			scale.CompactU32, func(x *Extensions) *uint32 { return &x.Nonce }),
		nothingSigned},
	{"CheckWeight",
		silent("frame_system::extensions::check_weight::CheckWeight"), nothingSigned},
	{"ChargeTransactionPayment",
		sent("pallet_transaction_payment::ChargeTransactionPayment", "BalanceOf<T>",
			scale.CompactU128, func(x *Extensions) *scale.U128 { return &x.Tip }),
		nothingSigned},
}

// sent is the explicit part of an extension: a struct of one field.
func sent[F any](path, typeName string, c scale.Codec[F], get func(*Extensions) *F) scale.FieldOf[Extensions] {
	inner := scale.Struct(path, "", scale.Field("", c, get).TypeNamed(typeName))
	return scale.Field("", inner, func(x *Extensions) *Extensions { return x })
}

// silent is the explicit part of an extension that sends nothing.
func silent(path string) scale.FieldOf[Extensions] {
	return scale.Field("", scale.Struct[struct{}](path, ""), func(*Extensions) *struct{} { return &nothing })
}

func signed[F any](c scale.Codec[F], get func(*Implicit) *F) scale.FieldOf[Implicit] {
	return scale.Field("", c, get)
}

var nothingSigned = scale.Field("", scale.Unit, func(*Implicit) *struct{} { return &nothing })

// ExtensionsCodec encodes the explicit parts, a tuple in the order of the
// extensions; ImplicitCodec the implicit ones.
var (
	ExtensionsCodec = tuple(func(s step) scale.FieldOf[Extensions] { return s.explicit })
	ImplicitCodec   = tuple(func(s step) scale.FieldOf[Implicit] { return s.implicit })
)

// tuple joins one part of every extension under a tuple's description.
func tuple[S any](part func(step) scale.FieldOf[S]) scale.Codec[S] {
	fields := make([]scale.FieldOf[S], len(steps))
	items := make([]*scale.Type, len(steps))
	for i, s := range steps {
		fields[i] = part(s)
		items[i] = fields[i].Description.Type
	}
	c := scale.Struct("", "", fields...)
	c.Type = scale.TupleType(items...)
	return c
}
