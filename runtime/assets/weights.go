package assets

import "github.com/bitcloak/bitcloak/runtime/frame"

// Weights: what each call reads and writes at most, and its own arithmetic.
const handlerTime = 5 * frame.Microsecond

var (
	// Details, two holdings, two accounts of pallet system.
	weightTransfer = frame.Access(5, 5).Plus(frame.Work(handlerTime))
	// Details, a holding, its account.
	weightSupply = frame.Access(3, 3).Plus(frame.Work(handlerTime))
	// Details and a holding.
	weightFreeze = frame.Access(2, 1).Plus(frame.Work(handlerTime))
	// Details.
	weightRole = frame.Access(1, 1).Plus(frame.Work(handlerTime))
	// Details and metadata.
	weightSetMetadata = frame.Access(1, 1).Plus(frame.Work(handlerTime))
	weightRegister    = frame.Access(1, 2).Plus(frame.Work(handlerTime))
	// Details, owner and treasury.
	weightCreate = frame.Access(3, 3).Plus(frame.Work(handlerTime))
)

// TransferWeight is what Transfer costs, for pallets that call it.
func TransferWeight() frame.Weight { return weightTransfer }
