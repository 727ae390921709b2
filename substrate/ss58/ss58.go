// Package ss58 encodes and decodes SS58 addresses of 32-byte accounts
// (polkadot-sdk, substrate/primitives/core/src/crypto.rs).
//
// An address is base58(prefix ++ account ++ checksum). The prefix names the
// network in one byte (0 to 63) or two (64 to 16383); the checksum is the first
// two bytes of blake2b-512("SS58PRE" ++ prefix ++ account). Decoding accepts
// exactly what encoding produces: one account has one address per network.
package ss58

import (
	"errors"
	"fmt"

	"github.com/mr-tron/base58"
	"golang.org/x/crypto/blake2b"
)

const (
	// MaxPrefix is the highest network prefix that two bytes can carry.
	MaxPrefix = 16383

	// accountSize and checksumSize are in bytes.
	accountSize  = 32
	checksumSize = 2

	// maxAddressLength is the number of characters of the longest address: 36
	// bytes take at most 50 base58 digits.
	maxAddressLength = 50
)

// Errors of Decode and Encode. They are wrapped with details; test with errors.Is.
var (
	ErrNotBase58     = errors.New("ss58: not a base58 string: check the address for missing or extra characters")
	ErrLength        = errors.New("ss58: not the address of a 32-byte account")
	ErrPrefix        = errors.New("ss58: network prefix is reserved, out of range or not in its shortest form")
	ErrChecksum      = errors.New("ss58: checksum does not match: the address was mistyped")
	ErrOtherNetwork  = errors.New("ss58: address belongs to another network")
	checksumPreimage = []byte("SS58PRE")
)

// Encode returns the address of account on the network prefix.
func Encode(prefix uint16, account [32]byte) (string, error) {
	if err := checkPrefix(prefix); err != nil {
		return "", err
	}
	body := make([]byte, 0, 2+accountSize+checksumSize)
	if prefix < 64 {
		body = append(body, byte(prefix))
	} else {
		// 14 bits: the first byte carries bits 2-7 under the marker 01, the
		// second carries bits 0-1 on top of bits 8-13.
		body = append(body, 0x40|byte(prefix>>2)&0x3f, byte(prefix>>8)|byte(prefix&3)<<6)
	}
	body = append(body, account[:]...)
	sum := checksum(body)
	return base58.Encode(append(body, sum[:]...)), nil
}

// Decode returns the network prefix and the account of an address.
func Decode(address string) (prefix uint16, account [32]byte, err error) {
	if len(address) == 0 || len(address) > maxAddressLength {
		return 0, account, fmt.Errorf("%w: %d characters", ErrLength, len(address))
	}
	body, err := base58.Decode(address)
	if err != nil {
		return 0, account, fmt.Errorf("%w: %w", ErrNotBase58, err)
	}
	prefix, prefixSize, err := decodePrefix(body)
	if err != nil {
		return 0, account, err
	}
	if len(body) != prefixSize+accountSize+checksumSize {
		return 0, account, fmt.Errorf("%w: %d bytes", ErrLength, len(body))
	}
	payload, given := body[:prefixSize+accountSize], body[prefixSize+accountSize:]
	if want := checksum(payload); want[0] != given[0] || want[1] != given[1] {
		return 0, account, ErrChecksum
	}
	copy(account[:], payload[prefixSize:])
	return prefix, account, nil
}

// DecodeFor is Decode for an address that must belong to the network prefix.
func DecodeFor(prefix uint16, address string) (account [32]byte, err error) {
	got, account, err := Decode(address)
	if err != nil {
		return account, err
	}
	if got != prefix {
		return [32]byte{}, fmt.Errorf("%w: prefix %d, expected %d", ErrOtherNetwork, got, prefix)
	}
	return account, nil
}

func decodePrefix(body []byte) (prefix uint16, size int, err error) {
	switch {
	case len(body) < 2:
		return 0, 0, fmt.Errorf("%w: %d bytes", ErrLength, len(body))
	case body[0] < 64:
		prefix, size = uint16(body[0]), 1
	case body[0] < 128:
		low := body[0]<<2 | body[1]>>6
		prefix, size = uint16(low)|uint16(body[1]&0x3f)<<8, 2
		if prefix < 64 {
			return 0, 0, fmt.Errorf("%w: %d in two bytes", ErrPrefix, prefix)
		}
	default:
		return 0, 0, fmt.Errorf("%w: first byte %d", ErrPrefix, body[0])
	}
	return prefix, size, checkPrefix(prefix)
}

// checkPrefix refuses what polkadot-sdk's Ss58AddressFormat::is_reserved does.
func checkPrefix(prefix uint16) error {
	if prefix > MaxPrefix || prefix == 46 || prefix == 47 {
		return fmt.Errorf("%w: %d", ErrPrefix, prefix)
	}
	return nil
}

func checksum(payload []byte) [checksumSize]byte {
	sum := blake2b.Sum512(append(checksumPreimage[:len(checksumPreimage):len(checksumPreimage)], payload...))
	return [checksumSize]byte{sum[0], sum[1]}
}
