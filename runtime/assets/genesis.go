package assets

import (
	"errors"

	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Genesis is the pallet's part of a chain spec.
type Genesis struct {
	Assets []Registration `json:"assets"`
}

// Registration is an asset that exists from the start.
type Registration struct {
	ID         uint32         `json:"id"`
	Kind       string         `json:"kind"`                // native, relay, parachain or userIssued
	Para       uint32         `json:"para,omitempty"`      // parachain: its number
	Key        scale.HexBytes `json:"key,omitempty"`       // parachain: its GeneralKey, 0x-hex; empty for its native currency
	Owner      frame.Address  `json:"owner,omitzero"`      // userIssued: it has all roles
	Name       string         `json:"name"`                // for people
	Symbol     string         `json:"symbol"`              // for people
	Decimals   uint8          `json:"decimals"`            // of the amounts shown to people
	MinBalance scale.U128     `json:"minBalance,omitzero"` // base units; the native asset's is the existential deposit
	Holdings   []Endowment    `json:"holdings,omitempty"`  // none for the native asset: see balances
}

// Endowment is what an account starts with.
type Endowment struct {
	Account frame.Address `json:"account"`
	Balance scale.U128    `json:"balance"` // base units, decimal
}

// Errors of a chain spec.
var (
	ErrGenesisKind       = errors.New("assets: a kind is none of native, relay, parachain and userIssued, or has fields of another kind; correct it")
	ErrGenesisIdentifier = errors.New("assets: an identifier is used twice or out of range: user-issued assets start at 1000, others lie below; correct it")
	ErrGenesisNative     = errors.New("assets: there are two native assets, or the native one has holdings or a minimum balance of its own; these belong to balances")
	ErrGenesisAsset      = errors.New("assets: a name, symbol, decimals or minimum balance is refused; see the documentation of error Metadata")
	ErrGenesisHolding    = errors.New("assets: a holding is below the minimum balance, given twice, or the supply exceeds 128 bits; correct it")
)

// Build writes the genesis state.
func (g *Genesis) Build(c *frame.Context) error {
	natives := 0
	for i := range g.Assets {
		r := &g.Assets[i]
		details, err := r.details()
		if err != nil {
			return err
		}
		if assets.Exists(c, r.ID) || (details.Kind.Kind == KindUserIssued) != (r.ID >= FirstUserAsset) {
			return ErrGenesisIdentifier
		}
		if details.Kind.Kind == KindNative {
			natives++
		}
		description := Metadata{Name: []byte(r.Name), Symbol: []byte(r.Symbol), Decimals: r.Decimals}
		if len(r.Name) > maxName || len(r.Symbol) > maxSymbol || description.check() != nil || details.MinBalance.IsZero() {
			return ErrGenesisAsset
		}
		if err := r.endow(c, &details); err != nil {
			return err
		}
		assets.Set(c, r.ID, details)
		metadata.Set(c, r.ID, description)
	}
	if natives > 1 {
		return ErrGenesisNative
	}
	return nil
}

// details reads kind, roles and minimum balance, and refuses fields of other kinds.
func (r *Registration) details() (Details, error) {
	d := Details{MinBalance: r.MinBalance}
	owner := r.Owner.Account()
	switch r.Kind {
	case "native":
		if !r.MinBalance.IsZero() || len(r.Holdings) != 0 {
			return d, ErrGenesisNative
		}
		d.MinBalance = balances.ExistentialDeposit
	case "relay":
		d.Kind.Kind = KindRelay
	case "parachain":
		if len(r.Key) > maxLocationKey {
			return d, ErrGenesisKind
		}
		d.Kind = AssetKind{Kind: KindParachain, Para: r.Para, Key: r.Key}
	case "userIssued":
		d.Kind.Kind = KindUserIssued
		d.Owner, d.Issuer, d.Admin, d.Freezer = owner, owner, owner, owner
	default:
		return d, ErrGenesisKind
	}
	owned := owner != scale.AccountID{}
	if owned != (d.Kind.Kind == KindUserIssued) || d.Kind.Kind != KindParachain && (r.Para != 0 || len(r.Key) != 0) {
		return d, ErrGenesisKind
	}
	return d, nil
}

// endow gives the first holders their balances. I1: the supply starts as their sum.
func (r *Registration) endow(c *frame.Context, details *Details) error {
	for _, e := range r.Holdings {
		who := e.Account.Account()
		supply, ok := details.Supply.Add(e.Balance)
		if !ok || e.Balance.Less(details.MinBalance) || holdings.Exists(c, r.ID, who) {
			return ErrGenesisHolding
		}
		details.Supply = supply
		put(c, r.ID, details, who, Holding{}, Holding{Balance: e.Balance})
	}
	return nil
}
