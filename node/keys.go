package node

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Files of CometBFT below the data folder.
const (
	cometFolder        = "cometbft"
	validatorKeyFile   = "config/priv_validator_key.json"
	validatorStateFile = "data/priv_validator_state.json"
	nodeKeyFile        = "config/node_key.json"
)

// Errors of the validator's key.
var (
	ErrValidatorKey   = errors.New("node: the validator's key file cannot be read; restore it from its copy")
	ErrValidatorState = errors.New("node: the file of what the validator signed last is missing or unreadable: signing without it could sign two blocks of one height; restore it, or make a new validator key")
)

// validatorKey loads the validator's key, or makes one in a new data folder. CometBFT's own loader would end the process
// on a damaged file, so the files are looked at first.
func validatorKey(dataDir string) (*privval.FilePV, error) {
	keyPath := filepath.Join(dataDir, cometFolder, validatorKeyFile)
	statePath := filepath.Join(dataDir, cometFolder, validatorStateFile)
	for _, path := range []string{keyPath, statePath} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(keyPath); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(statePath); err == nil {
			return nil, fmt.Errorf("%w: %s is missing", ErrValidatorKey, keyPath)
		}
		made := privval.GenFilePV(keyPath, statePath)
		made.Save()
		return made, nil
	}
	var key privval.FilePVKey
	if err := readJSON(keyPath, &key); err != nil || key.PrivKey == nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrValidatorKey, keyPath, err)
	}
	var state privval.FilePVLastSignState
	if err := readJSON(statePath, &state); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrValidatorState, statePath, err)
	}
	return privval.LoadFilePV(keyPath, statePath), nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return cmtjson.Unmarshal(text, into)
}

// ValidatorPublicKey is the public key of the data folder's validator, which is made if there is none.
func ValidatorPublicKey(dataDir string) (scale.Hash, error) {
	validator, err := validatorKey(dataDir)
	if err != nil {
		return scale.Hash{}, err
	}
	public, ok := validator.Key.PubKey.(cmted25519.PubKey)
	if !ok || len(public) != len(scale.Hash{}) {
		return scale.Hash{}, fmt.Errorf("%w: it is no ed25519 key", ErrValidatorKey)
	}
	return scale.Hash(public), nil
}

// nodeKey loads or makes the key that the node has in CometBFT's network.
func nodeKey(dataDir string) (*p2p.NodeKey, error) {
	return p2p.LoadOrGenNodeKey(filepath.Join(dataDir, cometFolder, nodeKeyFile))
}

// peerID is the node's name in CometBFT's network.
func peerID(key *p2p.NodeKey) string { return hex.EncodeToString(key.PubKey().Address()) }
