package system

import "github.com/bitcloak/bitcloak/runtime/frame"

// Weight of remarks: decoding, hashing and logging of each byte of them.
const (
	remarkBase    = 5 * frame.Microsecond
	remarkPerByte = 2_000 // picoseconds: BLAKE2b at 0.5 GB/s
)

// weightUpgrade: number, last version, what is scheduled.
var weightUpgrade = frame.Access(3, 1).Plus(frame.Work(remarkBase))

func weighRemark(args *remark) frame.Weight {
	return frame.Work(remarkBase).Plus(frame.Work(remarkPerByte).Times(uint64(len(args.Remark))))
}
