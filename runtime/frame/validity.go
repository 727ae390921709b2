package frame

// ValidTransaction is what the pool learns about a valid extrinsic.
type ValidTransaction struct {
	Priority  uint64
	Requires  [][]byte // tags that others must provide first; of a bare one, others of higher priority
	Provides  [][]byte // tags; two extrinsics that provide exactly the same exclude each other
	Longevity uint64   // blocks for which this holds at least
	Propagate bool
}

// TransactionValidityError is sp_runtime's: why an extrinsic cannot be in a block.
type TransactionValidityError struct {
	unknown uint8 // 1 if validity cannot be known: the variant's index
	code    uint8
	custom  uint8 // code Custom of Invalid
}

// Reasons, by their names and numbers in sp_runtime. A test with == tells them apart.
var (
	InvalidCall         = &TransactionValidityError{code: 0}  // the call does not decode or is not expected
	InvalidPayment      = &TransactionValidityError{code: 1}  // the signer cannot pay the fee
	InvalidFuture       = &TransactionValidityError{code: 2}  // the nonce is too high
	InvalidStale        = &TransactionValidityError{code: 3}  // the nonce is used
	InvalidBadProof     = &TransactionValidityError{code: 4}  // the signature does not match what was signed
	InvalidAncientBirth = &TransactionValidityError{code: 5}  // the mortal era began too long ago
	InvalidExhausts     = &TransactionValidityError{code: 6}  // ExhaustsResources: the block has no room
	InvalidBadMandatory = &TransactionValidityError{code: 8}  // an inherent failed or is out of place
	InvalidMandatory    = &TransactionValidityError{code: 9}  // MandatoryValidation: an inherent was submitted
	InvalidBadSigner    = &TransactionValidityError{code: 10} // the signer may not sign
	UnknownCannotLookup = &TransactionValidityError{unknown: 1, code: 0}
	NoUnsignedValidator = &TransactionValidityError{unknown: 1, code: 1} // the call must be signed
)

// invalidCustom is the index of InvalidTransaction::Custom.
const invalidCustom = 7

// InvalidCustom is a pallet's own reason; its docs list the numbers.
func InvalidCustom(number uint8) *TransactionValidityError {
	return &TransactionValidityError{code: invalidCustom, custom: number}
}

// Custom is the number given to InvalidCustom, and whether there is one.
func (e *TransactionValidityError) Custom() (number uint8, is bool) {
	return e.custom, e.unknown == 0 && e.code == invalidCustom
}

// Unknown reports whether validity could not be determined.
func (e *TransactionValidityError) Unknown() bool { return e.unknown == 1 }

// Code is the variant's index in InvalidTransaction or UnknownTransaction.
func (e *TransactionValidityError) Code() uint8 { return e.code }

// Error is the text that Substrate nodes give for the reason.
func (e *TransactionValidityError) Error() string {
	if number, is := e.Custom(); is {
		return "Custom error: " + decimal(number)
	}
	if e.Unknown() {
		return unknownTransactions[e.code].Docs
	}
	return invalidTransactions[e.code].Docs
}
