package assets

import "github.com/bitcloak/bitcloak/runtime/frame"

// Errors.
var (
	ErrUnknownAsset = frame.NewError(module, 0, "UnknownAsset",
		"No asset has this identifier; look it up in Assets.Asset.")
	ErrInUse = frame.NewError(module, 1, "InUse",
		"The identifier is taken; choose another.")
	ErrIdentifier = frame.NewError(module, 2, "Identifier",
		"The identifier is out of range: create takes FirstUserAsset and above, register those below.")
	ErrNoPermission = frame.NewError(module, 3, "NoPermission",
		"The signer does not have the role that this needs; sign with the asset's owner, issuer, admin or freezer.")
	ErrNotUserIssued = frame.NewError(module, 4, "NotUserIssued",
		"Only user-issued assets are minted, burned, frozen and renamed here; others are governed by where they come from.")
	ErrKind = frame.NewError(module, 5, "Kind",
		"Governance registers relay and parachain assets; use create for a user-issued one. The native one is part of genesis.")
	ErrMinBalance = frame.NewError(module, 6, "MinBalance",
		"The minimum balance must be at least 1.")
	ErrMetadata = frame.NewError(module, 7, "Metadata",
		"A name takes 1 to 64 bytes of UTF-8 without invisible characters, a symbol 1 to 16 printable ASCII characters without spaces, decimals at most 30.")
	ErrZeroAmount = frame.NewError(module, 8, "ZeroAmount",
		"The amount must be at least 1.")
	ErrBalanceLow = frame.NewError(module, 9, "BalanceLow",
		"The account holds less than the amount; choose a smaller one.")
	ErrBelowMinimum = frame.NewError(module, 10, "BelowMinimum",
		"The receiver would hold less than the asset's minimum balance; send more.")
	ErrDust = frame.NewError(module, 11, "Dust",
		"Less than the asset's minimum balance would be left; take less, or all of it where the account may be closed.")
	ErrAssetFrozen = frame.NewError(module, 12, "AssetFrozen",
		"The asset is frozen as a whole; wait until its admin thaws it.")
	ErrAccountFrozen = frame.NewError(module, 13, "AccountFrozen",
		"The account's balance of this asset is frozen; ask the asset's admin to thaw it.")
	ErrNoAccount = frame.NewError(module, 14, "NoAccount",
		"The account holds nothing of this asset.")
	ErrCustody = frame.NewError(module, 15, "Custody",
		"The custody account is out of reach; to trade privately, call PrivateAssets.deposit.")
	ErrSupply = frame.NewError(module, 16, "Supply",
		"The supply would exceed 2^128 - 1; mint less.")
)
