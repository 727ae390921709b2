package frame

import (
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Lookup is the account that an address in a call names. Only MultiAddress::Id
// does; other forms are ErrCannotLookup.
func Lookup(address *extrinsic.MultiAddress) (scale.AccountID, error) {
	account, ok := address.Account()
	if !ok {
		return scale.AccountID{}, ErrCannotLookup
	}
	return account, nil
}
