package runtime

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/runtime/payment"
	"github.com/bitcloak/bitcloak/runtime/system"
)

// ApplyResult is what became of an extrinsic: Invalid, and then without effect, or
// applied, with the result of its call.
type ApplyResult struct {
	Invalid *frame.TransactionValidityError
	Result  frame.DispatchResult
}

// Applied reports whether the extrinsic is part of the block.
func (a ApplyResult) Applied() bool { return a.Invalid == nil }

// ApplyExtrinsic runs an encoded extrinsic, with its length prefix, as the next of
// the block.
func (r *Runtime) ApplyExtrinsic(encoded []byte) ApplyResult {
	// One storage transaction around everything: an invalid extrinsic leaves nothing.
	r.context.Host.Begin()
	result := r.applyNext(encoded)
	if result.Applied() {
		r.context.Host.Commit()
	} else {
		r.context.Host.Rollback()
	}
	return result
}

func (r *Runtime) applyNext(encoded []byte) ApplyResult {
	c := r.context
	index := system.ExtrinsicIndex(c)
	c.SetPhase(frame.InExtrinsic(index))
	x, invalid := r.decode(encoded)
	if invalid != nil {
		return ApplyResult{Invalid: invalid}
	}
	c.SetLength(x.length)
	result, invalid := r.apply(&x, index)
	if invalid != nil {
		return ApplyResult{Invalid: invalid}
	}
	system.NoteApplied(c, index, encoded, result, x.info)
	return ApplyResult{Result: result}
}

// apply makes the checks that belong to the kind of extrinsic and runs its call.
func (r *Runtime) apply(x *decoded, index uint32) (frame.DispatchResult, *frame.TransactionValidityError) {
	inherent := x.call.Declaration().Inherent
	if inherent != (index == 0) {
		// The author's inherent is the first of a block, and the only one.
		return frame.DispatchResult{}, frame.InvalidBadMandatory
	}
	switch {
	case x.Signed:
		return r.applySigned(x)
	case inherent:
		return r.applyInherent(x)
	default:
		return r.applyBare(x)
	}
}

func (r *Runtime) applySigned(x *decoded) (frame.DispatchResult, *frame.TransactionValidityError) {
	who, fee, invalid := r.checkSigned(x, system.RequireNonce)
	if invalid == nil {
		invalid = system.TakeRoom(r.context, x.info, x.length)
	}
	if invalid != nil {
		return frame.DispatchResult{}, invalid
	}
	result := r.dispatch(x, frame.Signed(who))
	payment.NotePaid(r.context, who, fee, x.Tip)
	return result, nil
}

func (r *Runtime) applyBare(x *decoded) (frame.DispatchResult, *frame.TransactionValidityError) {
	valid, invalid := x.call.ValidateBare(r.context)
	if invalid == nil && len(valid.Requires) > 0 {
		invalid = frame.InvalidFuture // it may wait in the pool for what it requires, and not be here before
	}
	if invalid == nil {
		invalid = system.TakeRoom(r.context, x.info, x.length)
	}
	if invalid != nil {
		return frame.DispatchResult{}, invalid
	}
	return r.dispatch(x, frame.None()), nil
}

// applyInherent: an inherent that fails makes the block invalid.
func (r *Runtime) applyInherent(x *decoded) (frame.DispatchResult, *frame.TransactionValidityError) {
	if invalid := system.TakeRoom(r.context, x.info, x.length); invalid != nil {
		return frame.DispatchResult{}, invalid
	}
	result := r.dispatch(x, frame.None())
	if result.Failed() {
		return frame.DispatchResult{}, frame.InvalidBadMandatory
	}
	return result, nil
}

func (r *Runtime) dispatch(x *decoded, origin frame.Origin) frame.DispatchResult {
	return frame.ResultOf(r.dispatcher.Dispatch(r.context, origin, x.call))
}
