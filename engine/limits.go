package engine

// Limits bound what a Book may hold. They decide which commands are refused, so every replica must use the same ones:
// they are part of the state hash and of the snapshot.
type Limits struct {
	Markets uint32 // market ids are below this
	Owners  uint32 // owner handles are below this; handles are dense, the book keeps four bytes for each
	Orders  uint32 // orders open at the same time, over all markets
}

// DefaultLimits are those of the contract: a full book takes some 1.3 GB.
func DefaultLimits() Limits {
	return Limits{Markets: 1 << 16, Owners: 1 << 24, Orders: 1 << 24}
}

// MaxOpenOrders is the largest value of Limits.Orders: positions of orders are 32-bit, and the table that finds
// them must stay addressable by a 32-bit hash. New lowers what is above it.
const MaxOpenOrders = 1 << 30
