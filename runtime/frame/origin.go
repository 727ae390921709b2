package frame

import "github.com/bitcloak/bitcloak/substrate/scale"

type originKind uint8

const (
	originNone originKind = iota
	originSigned
	originRoot
)

// Origin is who a call acts for. The zero value is nobody: a bare extrinsic.
type Origin struct {
	kind    originKind
	account scale.AccountID
}

// None is the origin of bare extrinsics.
func None() Origin { return Origin{} }

// Signed is the origin of an extrinsic that who signed.
func Signed(who scale.AccountID) Origin { return Origin{kind: originSigned, account: who} }

// Root is the origin of calls that governance has decided.
func Root() Origin { return Origin{kind: originRoot} }

// EnsureSigned is the account that signed, or ErrBadOrigin.
func (o Origin) EnsureSigned() (scale.AccountID, error) {
	if o.kind != originSigned {
		return scale.AccountID{}, ErrBadOrigin
	}
	return o.account, nil
}

// EnsureRoot is ErrBadOrigin unless governance decided the call.
func (o Origin) EnsureRoot() error {
	if o.kind != originRoot {
		return ErrBadOrigin
	}
	return nil
}

// EnsureNone is ErrBadOrigin unless the extrinsic is bare.
func (o Origin) EnsureNone() error {
	if o.kind != originNone {
		return ErrBadOrigin
	}
	return nil
}
