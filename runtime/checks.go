package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/runtime/system"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// decoded is an extrinsic with its call decoded and described.
type decoded struct {
	extrinsic.Extrinsic
	call   frame.Invocation
	info   frame.DispatchInfo
	length uint32 // bytes, length prefix included
}

// decode reads an extrinsic and its call. An inherent or a call for bare extrinsics
// cannot be signed.
func (r *Runtime) decode(encoded []byte) (x decoded, invalid *frame.TransactionValidityError) {
	r.decoder.Reset(encoded)
	if x.Extrinsic.Decode(&r.decoder) != nil {
		return x, frame.InvalidCall
	}
	r.decoder.Reset(x.Call)
	x.call = r.dispatcher.Decode(&r.decoder)
	if r.decoder.Finish() != nil {
		return x, frame.InvalidCall
	}
	d := x.call.Declaration()
	if x.Signed && (d.Bare || d.Inherent) {
		return x, frame.InvalidCall
	}
	x.info = x.call.Info()
	x.length = uint32(len(encoded)) // below extrinsic.MaxSize: it decoded
	return x, nil
}

// checkSigned makes the checks of the transaction extensions, in their order but for
// CheckWeight's, takes the nonce and the fee, and gives who signed.
func (r *Runtime) checkSigned(x *decoded, nonce system.NonceRule) (
	who scale.AccountID, fee scale.U128, invalid *frame.TransactionValidityError) {
	who, ok := x.Address.Account()
	if !ok {
		return who, fee, frame.UnknownCannotLookup
	}
	if who == (scale.AccountID{}) {
		return who, fee, frame.InvalidBadSigner
	}
	if invalid = r.checkSignature(x, who); invalid != nil {
		return who, fee, invalid
	}
	if invalid = system.UseNonce(r.context, who, x.Nonce, nonce); invalid != nil {
		return who, fee, invalid
	}
	fee, invalid = payment.Charge(r.context, who, x.info, x.length, x.Tip)
	return who, fee, invalid
}

// implicit is what the signature of x must cover beside what is sent: this runtime,
// this chain, and the block in which the era begins.
func (r *Runtime) implicit(x *decoded) (extrinsic.Implicit, *frame.TransactionValidityError) {
	genesis, _ := system.BlockHash(r.context, 0)
	implicit := extrinsic.Implicit{
		SpecVersion: specVersion, TransactionVersion: transactionVersion, Genesis: genesis, Mortality: genesis,
	}
	if !x.Era.IsImmortal() {
		birth := x.Era.Birth(uint64(system.Number(r.context)))
		hash, known := system.BlockHash(r.context, uint32(birth)) // within a period of the current number
		if !known {
			return implicit, frame.InvalidAncientBirth
		}
		implicit.Mortality = hash
	}
	return implicit, nil
}

func (r *Runtime) checkSignature(x *decoded, who scale.AccountID) *frame.TransactionValidityError {
	implicit, invalid := r.implicit(x)
	if invalid != nil {
		return invalid
	}
	r.payload = x.SigningPayload(r.payload[:0], &implicit)
	signature, ok := x.Signature.Short()
	switch {
	case !ok:
	case x.Signature.Kind == extrinsic.SignatureSr25519:
		ok = r.context.Host.Sr25519Verify(&signature, r.payload, (*[32]byte)(&who))
	default:
		ok = r.context.Host.Ed25519Verify(&signature, r.payload, (*[32]byte)(&who))
	}
	if !ok {
		return frame.InvalidBadProof
	}
	return nil
}
