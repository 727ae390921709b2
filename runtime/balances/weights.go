package balances

import "github.com/bitcloak/bitcloak/runtime/frame"

// weightTransfer reads and writes two accounts, and the total issuance where dust is burned.
var weightTransfer = frame.Work(5 * frame.Microsecond).Plus(frame.Access(3, 3))
