package engine

// Limits bound what a Book may hold. They decide which commands are refused, so every replica must use the same ones:
// they are part of the state hash and of the snapshot.
type Limits struct {
	Markets uint32 // market ids are below this
	Owners  uint32 // owner handles are below this; handles are dense, the book keeps eight bytes for each
	Orders  uint32 // orders open at the same time, over all markets
}

// Bounds of the limits, from the width of the fields of an order's record.
const (
	MaxOwners = 1 << ownerBits
	MaxOrders = 1 << 26
)

// DefaultLimits are those of the contract.
func DefaultLimits() Limits {
	return Limits{Markets: 1 << 16, Owners: MaxOwners, Orders: 1 << 24}
}
