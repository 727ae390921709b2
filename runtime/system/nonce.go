package system

import (
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// NonceRule says which nonces are acceptable.
type NonceRule bool

// The rules.
const (
	RequireNonce NonceRule = false // exactly the account's, for the block
	AllowFuture  NonceRule = true  // it or a later one, for the pool
)

// UseNonce checks an extrinsic's nonce and counts it. An account that nothing
// provides for has no room for a nonce: it cannot pay.
func UseNonce(c *frame.Context, who scale.AccountID, nonce uint32, rule NonceRule) *frame.TransactionValidityError {
	account := accounts.Get(c, who)
	switch {
	case !account.Exists():
		return frame.InvalidPayment
	case nonce < account.Nonce:
		return frame.InvalidStale
	case nonce > account.Nonce && rule == RequireNonce:
		return frame.InvalidFuture
	}
	account.Nonce = nonce + 1
	accounts.Set(c, who, account)
	return nil
}
