package seal

import "github.com/bitcloak/bitcloak/wire"

const (
	beneficiaryTag  = "bitcloak/beneficiary/v1"
	beneficiarySize = wire.SealedBeneficiarySize
)

// beneficiaryAdditional is depositor || asset u32 || amount u128: a sealed
// beneficiary serves its own deposit and no other.
func beneficiaryAdditional(depositor wire.AccountID, asset uint32, amount wire.U128) []byte {
	additional := append(make([]byte, 0, 52), depositor[:]...)
	additional = appendU32(additional, asset)
	return appendU64(appendU64(additional, amount.Lo), amount.Hi)
}

func beneficiaryInfo(instance wire.Instance) []byte {
	return instance.Append([]byte(beneficiaryTag))
}

// Beneficiary seals the account that a deposit is for.
func (p *PublicKey) Beneficiary(account, depositor wire.AccountID, asset uint32, amount wire.U128) (wire.Beneficiary, error) {
	sealed, err := p.seal(beneficiaryInfo(p.instance), beneficiaryAdditional(depositor, asset, amount), account[:])
	if err != nil {
		return wire.Beneficiary{}, err
	}
	return wire.SealedBeneficiary(append(appendU32(make([]byte, 0, beneficiarySize), p.epoch), sealed...)), nil
}

// Beneficiary opens the sealed beneficiary of a deposit.
func (k *Keyring) Beneficiary(deposit *wire.Deposit) (account wire.AccountID, err error) {
	sealed := deposit.Beneficiary.Sealed
	if len(sealed) != beneficiarySize {
		return account, ErrSealed
	}
	epoch := uint32(sealed[0]) | uint32(sealed[1])<<8 | uint32(sealed[2])<<16 | uint32(sealed[3])<<24
	recipient, err := k.recipient(epoch, sealed[4:4+wire.EncapsulatedSize], beneficiaryInfo(k.instance))
	if err != nil {
		return account, err
	}
	additional := beneficiaryAdditional(deposit.Depositor, deposit.Asset, deposit.Amount)
	plaintext, err := recipient.Open(additional, sealed[4+wire.EncapsulatedSize:])
	if err != nil {
		return account, ErrSealed
	}
	copy(account[:], plaintext)
	return account, nil
}
