package balances

import "github.com/bitcloak/bitcloak/runtime/frame"

// ErrCustody refuses to force what backs private balances out of custody (I2): not even governance may.
var ErrCustody = frame.NewError(module, 0, "Custody",
	"What custody holds belongs to the pool's traders; it leaves by payouts and claims alone.")
