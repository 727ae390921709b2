package worker

import (
	"log/slog"
	"path/filepath"

	"github.com/bitcloak/bitcloak/light"
)

// sealedStore keeps the last trusted head sealed, so that the host cannot alter
// it (light.Store). That it is not an older one, the chain's commits show.
type sealedStore struct {
	vault   *vault
	files   *light.FileStore
	log     *slog.Logger
	failing bool // the last head was not written
}

func newSealedStore(folder string, v *vault, log *slog.Logger) *sealedStore {
	return &sealedStore{vault: v, files: light.NewFileStore(filepath.Join(folder, "trusted-head.sealed")), log: log}
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

// Save implements light.Store. A full disk does not keep the worker from its
// duties: started again, it trusts an older head and follows from there.
func (s *sealedStore) Save(record []byte) error {
	err := s.files.Save(s.vault.seal(kindTrust, [bindingSize]byte{}, record))
	switch {
	case err != nil && !s.failing:
		s.log.Error("the trusted head was not written; the worker goes on and tries again (check the data folder's permissions and space)", "error", err)
	case err == nil && s.failing:
		s.log.Info("the trusted head is written again")
	}
	s.failing = err != nil
	return nil
}
