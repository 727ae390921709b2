// Package assets is the Assets pallet: the registry of every asset that the chain
// knows and the balances of all but the native one.
//
// Terms:
//   - kind: where an asset comes from: native (CLOAK, whose balances are in pallet
//     balances), relay (KSM), parachain (named by its XCM location), user-issued.
//   - reserve asset: a relay or parachain asset. Nobody here mints, burns or freezes
//     it: what exists came from its own chain (or, in development, from genesis).
//   - owner, issuer, admin, freezer: roles of a user-issued asset. The owner names
//     the others; the issuer mints; the freezer freezes; the admin burns and thaws.
//   - minimum balance: the least that an account may hold of an asset. Nothing here
//     leaves dust: a transfer or burn that would is refused.
//   - custody: the account that holds what backs the confidential contract.
//
// Calls by anyone: create, transfer, transfer_keep_alive. By an asset's roles:
// set_metadata, mint, burn, freeze, thaw, freeze_asset, thaw_asset, set_team,
// transfer_ownership. By Root: register.
//
// Identifiers below [FirstUserAsset] are for governance to register; the others are
// free to take for whoever pays the creation fee. The fee is burned by nobody and
// reserved for nobody: it goes to the treasury, since an asset, once created,
// stays.
//
// I1: an asset's supply is the sum of its balances. Transfers move equal amounts;
// mint and burn change one balance and the supply by the same amount.
//
// I2: no role reaches custody. Its balance cannot be frozen or burned, nor be
// minted or sent to directly, and it is exempt from the minimum balance, so that it
// can always pay out to the last unit. An asset frozen as a whole stays where it
// is; payouts then wait for their owners to claim.
//
// Other pallets move assets through [Transfer] and read them through [Balance],
// [Supply], [Exists] and [MinBalance], whatever their kind.
package assets
