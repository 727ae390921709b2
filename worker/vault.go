package worker

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/wire"
)

// Kinds of sealed files; each has a sealing key of its own.
const (
	kindKeys byte = 1 + iota
	kindSnapshot
	kindTrust
	kindPublished
)

var purposes = map[byte]string{
	kindKeys:     "bitcloak/worker-keys/v1",
	kindSnapshot: "bitcloak/worker-snapshot/v1",
	kindTrust:    "bitcloak/worker-trust/v1",

	kindPublished: "bitcloak/worker-published/v1",
}

// Layout of a sealed file, in bytes. What lies before the ciphertext is
// authenticated with it; the checksum at the end tells damage from a foreign key.
const (
	fileMagic    = "bitcloak sealed 1"
	kindAt       = len(fileMagic)
	instanceAt   = kindAt + 1
	bindingAt    = instanceAt + wire.InstanceSize
	bindingSize  = 40 // snapshots: checkpoint u64 || state root
	nonceAt      = bindingAt + bindingSize
	ciphertextAt = nonceAt + chacha20poly1305.NonceSizeX
	checksumSize = 32
)

// Why a sealed file does not open.
var (
	errDamaged = errors.New("its checksum or format is wrong")
	errForeign = errors.New("it is of another network or contract")
	errSealed  = errors.New("it was sealed by another machine or build")
)

// vault seals files for this code on this machine.
type vault struct {
	instance wire.Instance
	aeads    map[byte]cipher.AEAD
}

// newVault derives the sealing keys.
func newVault(ctx context.Context, backend attest.Backend, instance wire.Instance) (*vault, error) {
	v := &vault{instance: instance, aeads: map[byte]cipher.AEAD{}}
	for kind, purpose := range purposes {
		key, err := backend.SealingKey(ctx, purpose)
		if err != nil {
			return nil, fmt.Errorf("worker: derive a sealing key: %w", err)
		}
		v.aeads[kind], err = chacha20poly1305.NewX(key[:])
		clear(key[:])
		if err != nil {
			return nil, fmt.Errorf("worker: use a sealing key: %w", err)
		}
	}
	return v, nil
}

// seal encrypts plaintext as a file's contents.
func (v *vault) seal(kind byte, binding [bindingSize]byte, plaintext []byte) []byte {
	file := make([]byte, 0, ciphertextAt+len(plaintext)+chacha20poly1305.Overhead+checksumSize)
	file = append(file, fileMagic...)
	file = append(file, kind)
	file = v.instance.Append(file)
	file = append(file, binding[:]...)
	file = file[:ciphertextAt]
	rand.Read(file[nonceAt:ciphertextAt])
	file = v.aeads[kind].Seal(file, file[nonceAt:ciphertextAt], plaintext, file[:ciphertextAt])
	checksum := hashing.Blake2_256(file)
	return append(file, checksum[:]...)
}

// open decrypts a file's contents in place.
func (v *vault) open(kind byte, file []byte) (binding [bindingSize]byte, plaintext []byte, err error) {
	end := len(file) - checksumSize
	if end < ciphertextAt+chacha20poly1305.Overhead || string(file[:kindAt]) != fileMagic || file[kindAt] != kind {
		return binding, nil, errDamaged
	}
	if hashing.Blake2_256(file[:end]) != [32]byte(file[end:]) {
		return binding, nil, errDamaged
	}
	if string(file[instanceAt:bindingAt]) != string(v.instance.Append(nil)) {
		return binding, nil, errForeign
	}
	plaintext, err = v.aeads[kind].Open(file[ciphertextAt:ciphertextAt], file[nonceAt:ciphertextAt], file[ciphertextAt:end], file[:ciphertextAt])
	if err != nil {
		return binding, nil, errSealed
	}
	return [bindingSize]byte(file[bindingAt:nonceAt]), plaintext, nil
}
