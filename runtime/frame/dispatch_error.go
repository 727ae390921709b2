package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

// DispatchError is sp_runtime's DispatchError: why a call failed, as it goes on
// chain. Equal errors are equal values.
type DispatchError struct {
	kind   uint8
	module moduleError // kind Module
	reason uint8       // kinds Token, Arithmetic, Transactional and Trie
}

type moduleError struct {
	index uint8
	code  [4]byte
}

// Variants of DispatchError.
const (
	dispatchCannotLookup  = 1
	dispatchBadOrigin     = 2
	dispatchModule        = 3
	dispatchToken         = 7
	dispatchArithmetic    = 8
	dispatchTransactional = 9
	dispatchCorruption    = 11
)

// Errors that belong to no pallet.
var (
	ErrCannotLookup = DispatchError{kind: dispatchCannotLookup} // write the account as MultiAddress::Id
	ErrBadOrigin    = DispatchError{kind: dispatchBadOrigin}    // the call needs another origin
	ErrCorruption   = DispatchError{kind: dispatchCorruption}   // the state contradicts itself

	ErrFundsUnavailable = DispatchError{kind: dispatchToken, reason: 0} // the account has less than this to spend
	ErrBelowMinimum     = DispatchError{kind: dispatchToken, reason: 2} // the account could not exist with so little
	ErrUnknownAsset     = DispatchError{kind: dispatchToken, reason: 4} // there is no such asset
	ErrUnsupported      = DispatchError{kind: dispatchToken, reason: 6} // the asset does not support this
	ErrNotExpendable    = DispatchError{kind: dispatchToken, reason: 8} // it would kill an account that must live

	ErrOverflow = DispatchError{kind: dispatchArithmetic, reason: 1} // an amount exceeds 128 bits

	ErrTransactionLimit = DispatchError{kind: dispatchTransactional, reason: 0} // calls nest too deeply
)

func (e DispatchError) Error() string {
	switch e.kind {
	case dispatchModule:
		return "module error " + decimal(e.module.code[0]) + " of pallet " + decimal(e.module.index)
	case dispatchToken:
		return "token error: " + tokenErrors[e.reason].Name
	case dispatchArithmetic:
		return "arithmetic error: " + arithmeticErrors[e.reason].Name
	case dispatchTransactional:
		return "transactional error: " + transactionalErrors[e.reason].Name
	default:
		return "dispatch error " + decimal(e.kind)
	}
}

var tokenErrors = []scale.Case{
	{Index: 0, Name: "FundsUnavailable"}, {Index: 1, Name: "OnlyProvider"}, {Index: 2, Name: "BelowMinimum"},
	{Index: 3, Name: "CannotCreate"}, {Index: 4, Name: "UnknownAsset"}, {Index: 5, Name: "Frozen"},
	{Index: 6, Name: "Unsupported"}, {Index: 7, Name: "CannotCreateHold"}, {Index: 8, Name: "NotExpendable"},
	{Index: 9, Name: "Blocked"},
}

var arithmeticErrors = []scale.Case{
	{Index: 0, Name: "Underflow"}, {Index: 1, Name: "Overflow"}, {Index: 2, Name: "DivisionByZero"},
}

var transactionalErrors = []scale.Case{{Index: 0, Name: "LimitReached"}, {Index: 1, Name: "NoLayer"}}

var trieErrors = []scale.Case{
	{Index: 0, Name: "InvalidStateRoot"}, {Index: 1, Name: "IncompleteDatabase"}, {Index: 2, Name: "ValueAtIncompleteKey"},
	{Index: 3, Name: "DecoderError"}, {Index: 4, Name: "InvalidHash"}, {Index: 5, Name: "DuplicateKey"},
	{Index: 6, Name: "ExtraneousNode"}, {Index: 7, Name: "ExtraneousValue"}, {Index: 8, Name: "ExtraneousHashReference"},
	{Index: 9, Name: "InvalidChildReference"}, {Index: 10, Name: "ValueMismatch"}, {Index: 11, Name: "IncompleteProof"},
	{Index: 12, Name: "RootMismatch"}, {Index: 13, Name: "DecodeError"},
}

var moduleErrorCodec = scale.Struct("sp_runtime::ModuleError", "",
	scale.Field("index", scale.U8, func(e *moduleError) *uint8 { return &e.index }),
	scale.Field("error", scale.Bytes4, func(e *moduleError) *[4]byte { return &e.code }),
)

// DispatchErrorCodec is sp_runtime's DispatchError.
var DispatchErrorCodec = scale.Enum("sp_runtime::DispatchError",
	func(e *DispatchError) *uint8 { return &e.kind },
	scale.Variant[DispatchError](0, "Other", ""),
	scale.Variant[DispatchError](1, "CannotLookup", ""),
	scale.Variant[DispatchError](2, "BadOrigin", ""),
	scale.Variant(3, "Module", "", scale.Field("", moduleErrorCodec, func(e *DispatchError) *moduleError { return &e.module })),
	scale.Variant[DispatchError](4, "ConsumerRemaining", ""),
	scale.Variant[DispatchError](5, "NoProviders", ""),
	scale.Variant[DispatchError](6, "TooManyConsumers", ""),
	reasonVariant(7, "Token", "sp_runtime::TokenError", tokenErrors),
	reasonVariant(8, "Arithmetic", "sp_arithmetic::ArithmeticError", arithmeticErrors),
	reasonVariant(9, "Transactional", "sp_runtime::TransactionalError", transactionalErrors),
	scale.Variant[DispatchError](10, "Exhausted", ""),
	scale.Variant[DispatchError](11, "Corruption", ""),
	scale.Variant[DispatchError](12, "Unavailable", ""),
	scale.Variant[DispatchError](13, "RootNotAllowed", ""),
	reasonVariant(14, "Trie", "sp_runtime::proving_trie::TrieError", trieErrors),
)

func reasonVariant(index uint8, name, path string, cases []scale.Case) scale.VariantOf[DispatchError] {
	codec := scale.Choice[uint8](path, "", cases...)
	return scale.Variant(index, name, "", scale.Field("", codec, func(e *DispatchError) *uint8 { return &e.reason }))
}

func decimal(v uint8) string { return scale.U128From(uint64(v)).String() }
