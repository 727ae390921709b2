package node

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/bitcloak/bitcloak/node/chainspec"
)

// specFile is the chain spec of a development network, in its data folder.
const specFile = "chain-spec.json"

// DevelopmentSpec is the chain spec of the development network in a data folder, which is made if there is none: its one
// validator is the folder's own key.
func DevelopmentSpec(dataDir string) (*chainspec.Spec, error) {
	path := filepath.Join(dataDir, specFile)
	spec, err := chainspec.ReadFile(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return spec, err
	}
	validator, err := ValidatorPublicKey(dataDir)
	if err != nil {
		return nil, err
	}
	spec = chainspec.NewDevelopment(validator, time.Now())
	text, err := spec.JSON()
	if err != nil {
		return nil, err
	}
	return spec, writeFile(path, text)
}

// writeFile replaces a file as one step, so that a crash leaves the old or the new one.
func writeFile(path string, text []byte) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
