package worker

import (
	"path/filepath"

	"github.com/bitcloak/bitcloak/light"
)

// sealedStore keeps the last trusted head sealed, so that the host cannot alter
// it (light.Store). That it is not an older one, the chain's commits show.
type sealedStore struct {
	vault *vault
	files *light.FileStore
}

func newSealedStore(folder string, v *vault) *sealedStore {
	return &sealedStore{vault: v, files: light.NewFileStore(filepath.Join(folder, "trusted-head.sealed"))}
}

// Load implements light.Store.
func (s *sealedStore) Load() ([]byte, error) {
	sealed, err := s.files.Load()
	if err != nil || sealed == nil {
		return nil, err
	}
	_, record, err := s.vault.open(kindTrust, sealed)
	return record, err
}

// Save implements light.Store.
func (s *sealedStore) Save(record []byte) error {
	return s.files.Save(s.vault.seal(kindTrust, [bindingSize]byte{}, record))
}
