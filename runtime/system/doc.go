// Package system is the System pallet: accounts, the block being built, its
// events, and how much room is left in it.
//
// Terms:
//   - account: 32 bytes with a nonce and the native balance. It exists as long as
//     something provides for it.
//   - provider: a reason for an account to exist that others may rely on: the
//     minimum native balance.
//   - sufficient: a reason for it to exist alone: a balance of another asset.
//   - consumer: something that needs the account to have a provider.
//   - mandatory, operational, normal: the classes of calls, see BlockWeights.
//   - upgrade: another runtime makes the blocks from a number on. Only a program that
//     holds the runtime with the spec version that is due may make a block.
//
// Calls by anyone: remark, remark_with_event. By Root: schedule_upgrade,
// cancel_upgrade.
//
// The frame pallet of polkadot-sdk that clients know is substrate/frame/system;
// names, indices and encodings follow it.
package system
