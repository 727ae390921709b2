package governance

import "github.com/bitcloak/bitcloak/runtime/frame"

// Costs of single steps, on the reference machine.
const (
	handlerTime = 10 * frame.Microsecond
	// byteTime decodes, copies and hashes a byte of a proposed call.
	byteTime uint64 = 10_000 // picoseconds
	// recountTime finds the approvals of one proposal among the members.
	recountTime = 20 * frame.Microsecond
)

var (
	// Members, threshold, delay, time, the proposal.
	weightVote = frame.Access(5, 1).Plus(frame.Work(handlerTime + recountTime))
	// Every open proposal, written again.
	weightAll        = frame.Access(2, 1).Plus(frame.Work(recountTime)).Times(uint64(maxProposals))
	weightSetMembers = frame.Access(3, 2).Plus(frame.Work(handlerTime)).Plus(weightAll)
	weightSetDelay   = frame.Access(0, 1).Plus(frame.Work(handlerTime))
	// The call may weigh as much as any; who executes it pays for that.
	weightExecute = weightVote.Plus(maxCallWeight)
)

// weighPropose looks at every open proposal, to remove what has expired.
func weighPropose(call *frame.EncodedCall) frame.Weight {
	return weightVote.Plus(weightAll).Plus(frame.Work(byteTime).Times(uint64(len(*call))))
}
