package assets

import (
	"unicode/utf8"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// creation is the arguments of create.
type creation struct {
	ID         uint32
	Admin      extrinsic.MultiAddress
	MinBalance scale.U128
}

// description is the arguments of set_metadata.
type description struct {
	ID uint32
	Metadata
}

// registering is the arguments of register.
type registering struct {
	ID   uint32
	Kind AssetKind
	Metadata
	MinBalance scale.U128
}

var (
	creationCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *creation) *uint32 { return &a.ID }),
		scale.Field("admin", extrinsic.AddressCodec, func(a *creation) *extrinsic.MultiAddress { return &a.Admin }),
		scale.Field("min_balance", scale.U128Codec, func(a *creation) *scale.U128 { return &a.MinBalance }))
	descriptionCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *description) *uint32 { return &a.ID }),
		scale.Field("name", scale.Bytes(maxName), func(a *description) *[]byte { return &a.Name }),
		scale.Field("symbol", scale.Bytes(maxSymbol), func(a *description) *[]byte { return &a.Symbol }),
		scale.Field("decimals", scale.U8, func(a *description) *uint8 { return &a.Decimals }))
	registerCodec = scale.Struct("", "",
		scale.Field("id", scale.U32, func(a *registering) *uint32 { return &a.ID }),
		scale.Field("kind", kindCodec, func(a *registering) *AssetKind { return &a.Kind }),
		scale.Field("name", scale.Bytes(maxName), func(a *registering) *[]byte { return &a.Name }),
		scale.Field("symbol", scale.Bytes(maxSymbol), func(a *registering) *[]byte { return &a.Symbol }),
		scale.Field("decimals", scale.U8, func(a *registering) *uint8 { return &a.Decimals }),
		scale.Field("min_balance", scale.U128Codec, func(a *registering) *scale.U128 { return &a.MinBalance }))
)

func create(c *frame.Context, origin frame.Origin, args *creation) error {
	owner, err := origin.EnsureSigned()
	if err != nil {
		return err
	}
	admin, err := frame.Lookup(&args.Admin)
	if err != nil {
		return err
	}
	switch {
	case args.ID < FirstUserAsset:
		return ErrIdentifier
	case assets.Exists(c, args.ID):
		return ErrInUse
	case args.MinBalance.IsZero():
		return ErrMinBalance
	}
	if err := balances.Transfer(c, owner, wire.TreasuryAccount, creationFee, balances.KeepAlive); err != nil {
		return err
	}
	assets.Set(c, args.ID, Details{
		Kind: AssetKind{Kind: KindUserIssued}, Owner: owner, Issuer: admin, Admin: admin, Freezer: admin, MinBalance: args.MinBalance,
	})
	created.Deposit(c, record{Asset: args.ID, Who: owner, Second: admin})
	return nil
}

func setMetadata(c *frame.Context, origin frame.Origin, args *description) error {
	if _, err := ensureRole(c, origin, args.ID, ownerOf); err != nil {
		return err
	}
	if err := args.Metadata.check(); err != nil {
		return err
	}
	metadata.Set(c, args.ID, args.Metadata)
	metadataSet.Deposit(c, described{Asset: args.ID, Metadata: args.Metadata})
	return nil
}

func register(c *frame.Context, origin frame.Origin, args *registering) error {
	if err := origin.EnsureRoot(); err != nil {
		return err
	}
	switch {
	case args.Kind.Kind != KindRelay && args.Kind.Kind != KindParachain:
		return ErrKind
	case args.ID >= FirstUserAsset:
		return ErrIdentifier
	case assets.Exists(c, args.ID):
		return ErrInUse
	case args.MinBalance.IsZero():
		return ErrMinBalance
	}
	if err := args.Metadata.check(); err != nil {
		return err
	}
	assets.Set(c, args.ID, Details{Kind: args.Kind, MinBalance: args.MinBalance})
	metadata.Set(c, args.ID, args.Metadata)
	registered.Deposit(c, registration{Asset: args.ID, Kind: args.Kind})
	return nil
}

// check refuses what a wallet could not show plainly.
func (m *Metadata) check() error {
	if len(m.Name) == 0 || len(m.Symbol) == 0 || m.Decimals > maxDecimals || !utf8.Valid(m.Name) {
		return ErrMetadata
	}
	for _, r := range string(m.Name) {
		if invisible(r) {
			return ErrMetadata
		}
	}
	for _, b := range m.Symbol {
		if b <= ' ' || b > '~' {
			return ErrMetadata
		}
	}
	return nil
}

// invisible reports whether a character could make a name look like another: control
// characters, those that change the direction of text, and those without width. The
// ranges are written out because the standard library's tables change with Go's
// version, and the chain's rules must not.
func invisible(r rune) bool {
	return r < 0x20 || r >= 0x7f && r <= 0x9f || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e ||
		r >= 0x2060 && r <= 0x206f || r == 0xfeff
}
