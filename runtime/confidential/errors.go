package confidential

import "github.com/bitcloak/bitcloak/runtime/frame"

// refusal is an error of the pallet that is also the reason why a bare extrinsic is
// invalid.
type refusal struct {
	failure  *frame.ModuleError
	validity *frame.TransactionValidityError
}

// newRefusal declares an error whose number is also that of the custom validity error.
func newRefusal(index uint8, name, docs string) *refusal {
	return &refusal{failure: frame.NewError(module, index, name, docs), validity: frame.InvalidCustom(index)}
}

// as gives the refusal another validity error than the custom one.
func (r *refusal) as(validity *frame.TransactionValidityError) *refusal {
	r.validity = validity
	return r
}

// Refusals of commits, contract keys and snapshots.
var (
	refuseStale = newRefusal(0, "Stale",
		"The checkpoint has its commit, or the epoch its key; send the next.").as(frame.InvalidStale)
	refuseFuture = newRefusal(1, "Future",
		"Another checkpoint is due first, or the epoch is beyond the next; wait.").as(frame.InvalidFuture)
	refuseHalted = newRefusal(2, "Halted",
		"A discrepancy has stopped commits; governance must resolve it. See Confidential.Discrepancy.")
	refuseInstance = newRefusal(3, "WrongInstance",
		"The commit belongs to another network or contract; connect the worker to the right one.")
	refuseBlock = newRefusal(4, "WrongBlock",
		"The checkpoint is another block than the commit names; follow the finalised chain.")
	refuseInbox = newRefusal(5, "WrongInbox",
		"The inbox at this checkpoint is another than the commit names; replay the messages.")
	refuseEpoch = newRefusal(6, "WrongEpoch",
		"The checkpoint lies in another epoch than the commit names.")
	refuseRoot = newRefusal(7, "WrongPreviousRoot",
		"The commit does not continue the last one; replay from it.")
	refuseVotes = newRefusal(8, "VoteCount",
		"Votes are at least one, and one of each worker at most, in ascending order of the workers' keys.")
	refuseWorker = newRefusal(9, "UnknownWorker",
		"A vote is of a key that is not registered; register the worker first.")
	refuseSignature = newRefusal(10, "BadSignature",
		"A vote's signature does not match what is voted for.").as(frame.InvalidBadProof)
	refuseKnown = newRefusal(11, "NothingNew",
		"All these votes are counted already.")
	refuseChosen = newRefusal(12, "NotChosen",
		"Governance has chosen another commit for this checkpoint; vote for that one.")
	refuseRevote = newRefusal(13, "AlreadyVoted",
		"The worker has voted for another key or snapshot of this epoch; one vote is all it has.")
	refuseLate = newRefusal(15, "RegisteredLater",
		"The commit was accepted before the worker was registered; it votes from the next on.")
	refuseCheckpoint = newRefusal(14, "WrongCheckpoint",
		"An epoch's snapshot is of its first checkpoint; publish that one.")
)

// Errors of the other calls.
var (
	ErrNoEnvelopes = frame.NewError(module, 20, "NoEnvelopes",
		"The batch is empty; submit at least one envelope.")
	ErrInboxFull = frame.NewError(module, 21, "InboxFull",
		"The block takes no more messages for the contract; submit again for the next one.")
	ErrEvidenceKind = frame.NewError(module, 22, "EvidenceKind",
		"This chain does not accept evidence of this kind; simulated evidence is for development networks.")
	ErrEvidence = frame.NewError(module, 23, "Evidence",
		"The evidence is malformed, not signed by its vendor, or does not bind this worker's key to this network; make it anew.")
	ErrMeasurement = frame.NewError(module, 24, "Measurement",
		"The worker runs a program that is not allowed; governance allows programs by allow_measurement.")
	ErrPlatform = frame.NewError(module, 25, "Platform",
		"The worker runs on a machine that is not allowed; governance allows machines by allow_platform.")
	ErrRegistered = frame.NewError(module, 27, "AlreadyRegistered",
		"The worker is registered.")
	ErrTooManyWorkers = frame.NewError(module, 28, "TooManyWorkers",
		"MaxWorkers are registered; governance must remove one first.")
	ErrUnknownWorker = frame.NewError(module, 29, "NoSuchWorker",
		"No worker with this key is registered.")
	ErrThreshold = frame.NewError(module, 30, "Threshold",
		"The threshold lies between 1 and MaxWorkers.")
	ErrMarket = frame.NewError(module, 31, "Market",
		"Base and quote are one asset, a size is zero, a minimum exceeds its maximum, a fee exceeds 100,000 ppm, or an amount could exceed 2^120; see spec/wire.md, section 4.")
	ErrMarketFixed = frame.NewError(module, 32, "MarketFixed",
		"Base, quote, lot size and tick value of a listed market never change; list another market.")
	ErrMarketAsset = frame.NewError(module, 33, "MarketAsset",
		"Base or quote is not a registered asset.")
	ErrTooManyMarkets = frame.NewError(module, 34, "TooManyMarkets",
		"MaxMarkets are listed.")
	ErrEpochDuration = frame.NewError(module, 35, "EpochDuration",
		"An epoch lasts between a second and a year.")
	ErrNoDiscrepancy = frame.NewError(module, 36, "NoDiscrepancy",
		"There is no discrepancy to resolve, and no commit is chosen.")
	ErrUnknownCommit = frame.NewError(module, 37, "UnknownCommit",
		"No worker voted for this commit, or another one was accepted; choose one named in Confidential.Discrepancy.")
	ErrRetired = frame.NewError(module, 38, "Retired",
		"The key was a worker's that was removed or replaced, and never is one again; start the worker with a new key.")
	ErrFeeAsset = frame.NewError(module, 39, "FeeAsset",
		"There is no such asset.")
	ErrFeesToCustody = frame.NewError(module, 40, "FeesToCustody",
		"Nobody could take them out of the custody account again; name another account.")
)
