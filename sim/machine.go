package sim

import (
	"context"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/substrate/hashing"
)

// machine is the simulated trusted hardware of one worker (attest.Backend): its evidence is the simulated vendor's, its
// sealing keys follow from the seed instead of a file.
type machine struct {
	*simulated.Backend
	secret [32]byte
}

func newMachine(seed uint64, platform int) (*machine, error) {
	backend, err := simulated.New(uint32(platform), "")
	return &machine{Backend: backend, secret: secretOf(seed, "machine %d", platform)}, err
}

// SealingKey implements attest.Backend.
func (m *machine) SealingKey(_ context.Context, purpose string) ([32]byte, error) {
	return hashing.Blake2_256(m.secret[:], []byte(purpose)), nil
}
