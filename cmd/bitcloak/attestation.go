package main

import (
	"path/filepath"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/node/chainspec"
)

// sealingFile holds the sealing secret of a simulated worker, in its data folder.
const sealingFile = "simulated-sealing-secret"

// simulatedAttestation is the backend without hardware, for chains of type Development alone.
func simulatedAttestation(dataDir, chainType string, number uint32) (attest.Backend, attest.Verifier, error) {
	backend, err := simulated.New(number, filepath.Join(dataDir, sealingFile))
	if err != nil {
		return nil, nil, err
	}
	policy := attest.Policy{Development: chainType == chainspec.Development}
	if err := policy.CheckBackend(backend); err != nil {
		return nil, nil, err
	}
	return backend, simulated.Verifier{}, nil
}
