package worker

import (
	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// opener gives the contract its keys (contract.Opener).
type opener struct {
	*seal.Keyring
	instance wire.Instance
}

var _ contract.Opener = opener{}

// A cipher gets enough scratch memory from the contract: this does not compile otherwise.
var _ [contract.ScratchSize - seal.ScratchSize]byte

// RootKey implements contract.Opener.
func (o opener) RootKey(opening *wire.Opening, epoch uint32) [32]byte {
	return seal.RootKey(opening.Secret, o.instance, opening.Account, epoch)
}

// RatchetKey implements contract.Opener.
func (o opener) RatchetKey(root [32]byte, epoch uint32) [32]byte { return seal.RatchetKey(root, epoch) }

// QueryKey implements contract.Opener.
func (o opener) QueryKey(opening *wire.Opening) [32]byte {
	return seal.QueryKey(opening.Secret, o.instance, opening.Account)
}

// Cipher implements contract.Opener.
func (o opener) Cipher(root [32]byte) contract.Cipher { return seal.NewCommandCipher(root, o.instance) }
