package node

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cometbft/cometbft/crypto"
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
	validatorStateFile = "data/validator_signed"
	cometStateFile     = "data/priv_validator_state.json" // of CometBFT's own validator
	nodeKeyFile        = "config/node_key.json"
)

// Errors of the validator's key.
var (
	ErrValidatorKey   = errors.New("node: the validator's key file cannot be read; restore it from its copy")
	ErrValidatorState = errors.New("node: the file of what the validator signed last is missing or unreadable: signing without it could sign two blocks of one height; restore it, or make a new validator key")
)

// openValidator opens the validator's key and the file of what it signed, or makes both in a new data folder.
func openValidator(dataDir string) (*signer, error) {
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
		if err := makeValidator(keyPath, statePath); err != nil {
			return nil, err
		}
	}
	private, err := readKey(keyPath)
	if err != nil {
		return nil, err
	}
	if err := adoptState(dataDir, statePath); err != nil {
		return nil, err
	}
	file, state, err := openSigned(statePath)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrValidatorState, statePath, err)
	}
	validator := privval.NewFilePV(private, "", "")
	validator.LastSignState = state
	return &signer{validator: validator, file: file}, nil
}

// makeValidator draws a key.
func makeValidator(keyPath, statePath string) error {
	made := privval.GenFilePV(keyPath, "")
	text, err := cmtjson.MarshalIndent(made.Key, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(keyPath, text); err != nil {
		return err
	}
	return createSigned(statePath, &made.LastSignState)
}

// readKey reads the key's file, whose form is CometBFT's.
func readKey(path string) (crypto.PrivKey, error) {
	var key privval.FilePVKey
	if err := readJSON(path, &key); err != nil || key.PrivKey == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrValidatorKey, path, err)
	}
	return key.PrivKey, nil
}

// adoptState takes over what a validator has signed that CometBFT's own program ran before.
func adoptState(dataDir, statePath string) error {
	if _, err := os.Stat(statePath); !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	old := filepath.Join(dataDir, cometFolder, cometStateFile)
	var state privval.FilePVLastSignState
	if err := readJSON(old, &state); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrValidatorState, statePath, err)
	}
	if err := createSigned(statePath, &state); err != nil {
		return err
	}
	return os.Remove(old) // it would grow stale
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
	validator, err := openValidator(dataDir)
	if err != nil {
		return scale.Hash{}, err
	}
	public, ok := validator.public().(cmted25519.PubKey)
	if err := validator.Close(); err != nil {
		return scale.Hash{}, err
	}
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

// PeerID is the name in CometBFT's network of the data folder's node, whose key is made if there is none.
func PeerID(dataDir string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dataDir, cometFolder, nodeKeyFile)), 0o700); err != nil {
		return "", err
	}
	key, err := nodeKey(dataDir)
	if err != nil {
		return "", err
	}
	return peerID(key), nil
}
