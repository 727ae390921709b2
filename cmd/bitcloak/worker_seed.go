package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bitcloak/bitcloak/wire/seal"
)

// maxSeedFile bounds a seed file, in bytes: the digits, "0x" and some white space.
const maxSeedFile = 2*seal.KeySize + 64

var (
	errSeedMode = errors.New("others than you may read or change the seed file; run chmod 600 on it, and draw another seed if it was read")
	errSeedText = errors.New("the seed file must hold 32 bytes in hexadecimal digits and nothing else (openssl rand -hex 32)")
)

// readSeedFile reads the seed that a worker is provisioned with; no name is no seed.
func readSeedFile(name string) (*seal.Seed, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the seed cannot be read: %w; name a file with --seed-file", err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the seed cannot be read: %w", err)
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%w (%s is %s)", errSeedMode, name, info.Mode())
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSeedFile+1))
	if err != nil {
		return nil, fmt.Errorf("the seed cannot be read: %w", err)
	}
	defer clear(text)
	digits := bytes.TrimPrefix(bytes.TrimSpace(text), []byte("0x"))
	var seed seal.Seed
	if len(text) > maxSeedFile || len(digits) != hex.EncodedLen(len(seed)) {
		return nil, errSeedText
	}
	if _, err := hex.Decode(seed[:], digits); err != nil {
		return nil, errSeedText // what was wrong with it would show a part of it
	}
	return &seed, nil
}
