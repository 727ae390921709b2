package frame

import (
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
)

// SS58Prefix is the network prefix of addresses: Kusama's.
const SS58Prefix uint16 = 2

// Address is an account in a chain spec: its text is SS58 with prefix 2.
type Address scale.AccountID

// Account is the account of the address.
func (a Address) Account() scale.AccountID { return scale.AccountID(a) }

// MarshalText writes SS58.
func (a Address) MarshalText() ([]byte, error) {
	text, err := ss58.Encode(SS58Prefix, a)
	return []byte(text), err
}

// UnmarshalText reads SS58 of this network and nothing else.
func (a *Address) UnmarshalText(text []byte) error {
	account, err := ss58.DecodeFor(SS58Prefix, string(text))
	if err == nil {
		*a = account
	}
	return err
}

// PalletAccount is the account of a part of the chain itself: "modl" and eight
// bytes of name, e.g. "btc/trsy", padded with zeros. Nobody has its key.
func PalletAccount(name string) (account scale.AccountID) {
	copy(account[:], "modl"+name)
	return account
}
