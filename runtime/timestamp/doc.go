// Package timestamp is the Timestamp pallet: the time of the block, in milliseconds
// since 1970, as the block's author sets it by the inherent `set`, the first
// extrinsic of every block. Consensus decides whether the time is acceptable; the
// pallet only demands that it rises.
package timestamp
