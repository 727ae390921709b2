package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// invalidTransactions are the variants of InvalidTransaction, docs being the texts
// that Substrate nodes give; Custom carries a number.
var invalidTransactions = []scale.Case{
	{Index: 0, Name: "Call", Docs: "Transaction call is not expected"},
	{Index: 1, Name: "Payment", Docs: "Inability to pay some fees (e.g. account balance too low)"},
	{Index: 2, Name: "Future", Docs: "Transaction will be valid in the future"},
	{Index: 3, Name: "Stale", Docs: "Transaction is outdated"},
	{Index: 4, Name: "BadProof", Docs: "Transaction has a bad signature"},
	{Index: 5, Name: "AncientBirthBlock", Docs: "Transaction has an ancient birth block"},
	{Index: 6, Name: "ExhaustsResources", Docs: "Transaction would exhaust the block limits"},
	{Index: invalidCustom, Name: "Custom", Docs: "InvalidTransaction custom error"},
	{Index: 8, Name: "BadMandatory", Docs: "A call was labelled as mandatory, but resulted in an Error."},
	{Index: 9, Name: "MandatoryValidation", Docs: "Transaction dispatch is mandatory; transactions must not be validated."},
	{Index: 10, Name: "BadSigner", Docs: "Invalid signing address"},
}

var unknownTransactions = []scale.Case{
	{Index: 0, Name: "CannotLookup", Docs: "Could not lookup information required to validate the transaction"},
	{Index: 1, Name: "NoUnsignedValidator", Docs: "Could not find an unsigned validator for the unsigned transaction"},
}

var invalidTransactionCodec = scale.Enum("sp_runtime::transaction_validity::InvalidTransaction",
	func(e *TransactionValidityError) *uint8 { return &e.code }, invalidVariants()...)

func invalidVariants() []scale.VariantOf[TransactionValidityError] {
	variants := make([]scale.VariantOf[TransactionValidityError], len(invalidTransactions))
	for i, c := range invalidTransactions {
		variants[i] = scale.Variant[TransactionValidityError](c.Index, c.Name, "")
		if c.Index == invalidCustom {
			variants[i].Fields = append(variants[i].Fields,
				scale.Field("", scale.U8, func(e *TransactionValidityError) *uint8 { return &e.custom }))
		}
	}
	return variants
}

var unknownTransactionCodec = scale.Choice[uint8]("sp_runtime::transaction_validity::UnknownTransaction", "", unknownTransactions...)

// TransactionValidityErrorCodec is sp_runtime's TransactionValidityError.
var TransactionValidityErrorCodec = scale.Enum("sp_runtime::transaction_validity::TransactionValidityError",
	func(e *TransactionValidityError) *uint8 { return &e.unknown },
	scale.Variant(0, "Invalid", "", scale.Field("", invalidTransactionCodec,
		func(e *TransactionValidityError) *TransactionValidityError { return e })),
	scale.Variant(1, "Unknown", "", scale.Field("", unknownTransactionCodec,
		func(e *TransactionValidityError) *uint8 { return &e.code })),
)

// Bounds of a ValidTransaction, for clients that decode one.
const (
	maxTags     = 64
	maxTagBytes = 256
)

var tagsCodec = scale.Vec(scale.Bytes(maxTagBytes), maxTags)

// ValidTransactionCodec is sp_runtime's ValidTransaction.
var ValidTransactionCodec = scale.Struct("sp_runtime::transaction_validity::ValidTransaction", "",
	scale.Field("priority", scale.U64, func(v *ValidTransaction) *uint64 { return &v.Priority }),
	scale.Field("requires", tagsCodec, func(v *ValidTransaction) *[][]byte { return &v.Requires }),
	scale.Field("provides", tagsCodec, func(v *ValidTransaction) *[][]byte { return &v.Provides }),
	scale.Field("longevity", scale.U64, func(v *ValidTransaction) *uint64 { return &v.Longevity }),
	scale.Field("propagate", scale.Bool, func(v *ValidTransaction) *bool { return &v.Propagate }),
)
