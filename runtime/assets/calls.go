package assets

import (
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Pallet is the pallet as a runtime composes it.
func Pallet() frame.Pallet {
	return frame.Pallet{
		Module: module,
		Calls: []frame.Call{
			frame.NewCall(0, "create", "Create a user-issued asset for the creation fee. The signer becomes its owner; admin gets the other roles.",
				creationCodec, weightCreate, create),
			frame.NewCall(1, "set_metadata", "Owner: set name, symbol and decimals.",
				descriptionCodec, weightSetMetadata, setMetadata),
			frame.NewCall(2, "mint", "Issuer: create an amount for the beneficiary.",
				movementCodec("beneficiary"), weightSupply, mint),
			frame.NewCall(3, "burn", "Admin: destroy an amount of what someone holds.",
				movementCodec("who"), weightSupply, burn),
			frame.NewCall(4, "transfer", "Send an amount; the sender's account of this asset may be closed.",
				movementCodec("target"), weightTransfer, transferAllowDeath),
			frame.NewCall(5, "transfer_keep_alive", "Send an amount; the sender's account of this asset stays open.",
				movementCodec("target"), weightTransfer, transferKeepAlive),
			frame.NewCall(6, "freeze", "Freezer: stop an account from sending.",
				holderCodec, weightFreeze, freeze),
			frame.NewCall(7, "thaw", "Admin: let an account send again.",
				holderCodec, weightFreeze, thaw),
			frame.NewCall(8, "freeze_asset", "Freezer: stop everyone from sending.",
				identifierCodec, weightRole, freezeAsset),
			frame.NewCall(9, "thaw_asset", "Admin: let everyone send again.",
				identifierCodec, weightRole, thawAsset),
			frame.NewCall(10, "set_team", "Owner: name issuer, admin and freezer.",
				teamCodec, weightRole, setTeam),
			frame.NewCall(11, "transfer_ownership", "Owner: hand the asset over.",
				ownershipCodec, weightRole, transferOwnership),
			frame.NewCall(20, "register", "Root: register an asset of the relay chain or of another parachain.",
				registerCodec, weightRegister, register),
		},
		TryState: tryState,
	}
}

// movement is the arguments of calls that move an amount.
type movement struct {
	ID     uint32
	Who    extrinsic.MultiAddress
	Amount scale.U128
}

func movementCodec(who string) scale.Codec[movement] {
	return scale.Struct("", "",
		scale.Field("id", scale.U32, func(m *movement) *uint32 { return &m.ID }),
		scale.Field(who, extrinsic.AddressCodec, func(m *movement) *extrinsic.MultiAddress { return &m.Who }),
		scale.Field("amount", scale.CompactU128, func(m *movement) *scale.U128 { return &m.Amount }))
}

// account finds what the call names. ErrCustody: I2, no call reaches custody.
func (m *movement) account() (scale.AccountID, error) {
	who, err := frame.Lookup(&m.Who)
	switch {
	case err != nil:
		return who, err
	case who == wire.CustodyAccount:
		return who, ErrCustody
	case m.Amount.IsZero():
		return who, ErrZeroAmount
	}
	return who, nil
}

func transferAllowDeath(c *frame.Context, origin frame.Origin, args *movement) error {
	return transferSigned(c, origin, args, balances.AllowDeath)
}

func transferKeepAlive(c *frame.Context, origin frame.Origin, args *movement) error {
	return transferSigned(c, origin, args, balances.KeepAlive)
}

func transferSigned(c *frame.Context, origin frame.Origin, args *movement, existence balances.Existence) error {
	from, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	to, err := args.account()
	if err != nil {
		return err
	}
	return Transfer(c, args.ID, from, to, args.Amount, existence)
}

func mint(c *frame.Context, origin frame.Origin, args *movement) error {
	details, err := ensureRole(c, origin, args.ID, issuerOf)
	if err != nil {
		return err
	}
	beneficiary, err := args.account()
	if err != nil {
		return err
	}
	if details.Status == StatusFrozen {
		return ErrAssetFrozen
	}
	supply, ok := details.Supply.Add(args.Amount)
	if !ok {
		return ErrSupply
	}
	old := holdings.Get(c, args.ID, beneficiary)
	credited, err := credit(&details, beneficiary, old, args.Amount)
	if err != nil {
		return err
	}
	// I1: the balance and the supply gain the same.
	details.Supply = supply
	put(c, args.ID, &details, beneficiary, old, credited)
	assets.Set(c, args.ID, details)
	issued.Deposit(c, record{Asset: args.ID, Who: beneficiary, Amount: args.Amount})
	return nil
}

// burn also takes from frozen accounts and assets: that is what the admin is for.
func burn(c *frame.Context, origin frame.Origin, args *movement) error {
	details, err := ensureRole(c, origin, args.ID, adminOf)
	if err != nil {
		return err
	}
	who, err := args.account()
	if err != nil {
		return err
	}
	old := holdings.Get(c, args.ID, who)
	debited, err := debit(&details, who, old, args.Amount, balances.AllowDeath)
	if err != nil {
		return err
	}
	supply, ok := details.Supply.Sub(args.Amount)
	if !ok {
		panic("assets: I1 is broken: an account holds more than the supply")
	}
	// I1: the balance and the supply lose the same.
	details.Supply = supply
	put(c, args.ID, &details, who, old, debited)
	assets.Set(c, args.ID, details)
	burned.Deposit(c, record{Asset: args.ID, Who: who, Amount: args.Amount})
	return nil
}
