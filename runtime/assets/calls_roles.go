package assets

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// identifier is the arguments of freeze_asset and thaw_asset.
type identifier struct{ ID uint32 }

// holder is the arguments of freeze and thaw.
type holder struct {
	ID  uint32
	Who extrinsic.MultiAddress
}

// team is the arguments of set_team.
type team struct {
	ID                     uint32
	Issuer, Admin, Freezer extrinsic.MultiAddress
}

// ownership is the arguments of transfer_ownership.
type ownership struct {
	ID    uint32
	Owner extrinsic.MultiAddress
}

var (
	identifierCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *identifier) *uint32 { return &a.ID }))
	holderCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *holder) *uint32 { return &a.ID }),
		scale.Field("who", extrinsic.AddressCodec, func(a *holder) *extrinsic.MultiAddress { return &a.Who }))
	teamCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *team) *uint32 { return &a.ID }),
		scale.Field("issuer", extrinsic.AddressCodec, func(a *team) *extrinsic.MultiAddress { return &a.Issuer }),
		scale.Field("admin", extrinsic.AddressCodec, func(a *team) *extrinsic.MultiAddress { return &a.Admin }),
		scale.Field("freezer", extrinsic.AddressCodec, func(a *team) *extrinsic.MultiAddress { return &a.Freezer }))
	ownershipCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *ownership) *uint32 { return &a.ID }),
		scale.Field("owner", extrinsic.AddressCodec, func(a *ownership) *extrinsic.MultiAddress { return &a.Owner }))
)

// The roles of an asset.
func ownerOf(d *Details) scale.AccountID   { return d.Owner }
func issuerOf(d *Details) scale.AccountID  { return d.Issuer }
func adminOf(d *Details) scale.AccountID   { return d.Admin }
func freezerOf(d *Details) scale.AccountID { return d.Freezer }

// ensureRole gives the details of a user-issued asset in which the signer has the
// role. The kind is checked first: the roles of other kinds are zeros, an account
// for which anyone could make signatures.
func ensureRole(c *frame.Context, origin frame.Origin, id uint32, role func(*Details) scale.AccountID) (Details, error) {
	who, err := origin.EnsureSigned()
	if err != nil {
		return Details{}, err
	}
	details, exists := assets.Find(c, id)
	switch {
	case !exists:
		return Details{}, ErrUnknownAsset
	case details.Kind.Kind != KindUserIssued:
		return Details{}, ErrNotUserIssued
	case role(&details) != who:
		return Details{}, ErrNoPermission
	}
	return details, nil
}

func freeze(c *frame.Context, origin frame.Origin, args *holder) error {
	return setAccountFrozen(c, origin, args, freezerOf, true)
}

func thaw(c *frame.Context, origin frame.Origin, args *holder) error {
	return setAccountFrozen(c, origin, args, adminOf, false)
}

func setAccountFrozen(c *frame.Context, origin frame.Origin, args *holder, role func(*Details) scale.AccountID, freezing bool) error {
	if _, err := ensureRole(c, origin, args.ID, role); err != nil {
		return err
	}
	who, err := frame.Lookup(&args.Who)
	if err != nil {
		return err
	}
	if who == wire.CustodyAccount {
		return ErrCustody // I2: issuer roles never reach custody
	}
	holding, exists := holdings.Find(c, args.ID, who)
	if !exists {
		return ErrNoAccount
	}
	holding.Frozen = freezing
	holdings.Set(c, args.ID, who, holding)
	event := thawed
	if freezing {
		event = frozen
	}
	event.Deposit(c, record{Asset: args.ID, Who: who})
	return nil
}

func freezeAsset(c *frame.Context, origin frame.Origin, args *identifier) error {
	return setAssetStatus(c, origin, args.ID, freezerOf, StatusFrozen)
}

func thawAsset(c *frame.Context, origin frame.Origin, args *identifier) error {
	return setAssetStatus(c, origin, args.ID, adminOf, StatusLive)
}

func setAssetStatus(c *frame.Context, origin frame.Origin, id uint32, role func(*Details) scale.AccountID, status Status) error {
	details, err := ensureRole(c, origin, id, role)
	if err != nil {
		return err
	}
	details.Status = status
	assets.Set(c, id, details)
	event := assetThawed
	if status == StatusFrozen {
		event = assetFrozen
	}
	event.Deposit(c, record{Asset: id})
	return nil
}

func setTeam(c *frame.Context, origin frame.Origin, args *team) error {
	details, err := ensureRole(c, origin, args.ID, ownerOf)
	if err != nil {
		return err
	}
	if details.Issuer, err = frame.Lookup(&args.Issuer); err != nil {
		return err
	}
	if details.Admin, err = frame.Lookup(&args.Admin); err != nil {
		return err
	}
	if details.Freezer, err = frame.Lookup(&args.Freezer); err != nil {
		return err
	}
	assets.Set(c, args.ID, details)
	teamChanged.Deposit(c, record{Asset: args.ID, Who: details.Issuer, Second: details.Admin, Third: details.Freezer})
	return nil
}

func transferOwnership(c *frame.Context, origin frame.Origin, args *ownership) error {
	details, err := ensureRole(c, origin, args.ID, ownerOf)
	if err != nil {
		return err
	}
	if details.Owner, err = frame.Lookup(&args.Owner); err != nil {
		return err
	}
	assets.Set(c, args.ID, details)
	ownerChanged.Deposit(c, record{Asset: args.ID, Who: details.Owner})
	return nil
}
