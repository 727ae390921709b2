package wallet

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Home is the folder of a wallet:
//
//	accounts/NAME.json            a key under a password (see Keystore)
//	network.json                  the network met first, which is trusted from then on
//	networks/GENESIS/head.0, .1   the last proven head
//	networks/GENESIS/ADDRESS.session, .lock
type Home struct{ folder string }

// maximumNetworkFile bounds network.json, in bytes.
const maximumNetworkFile = 4 << 10

// DefaultHome is $BITCLOAK_HOME, else ~/.bitcloak/wallet.
func DefaultHome() (string, error) {
	if folder := os.Getenv("BITCLOAK_HOME"); folder != "" {
		return folder, nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", refusedBy(err, "choose a folder with --home", "the user's home folder is not known")
	}
	return filepath.Join(user, ".bitcloak", "wallet"), nil
}

// OpenHome uses, and makes when needed, a wallet's home.
func OpenHome(folder string) (*Home, error) {
	if err := makeFolder(folder, mayWrite); err != nil {
		return nil, err
	}
	return &Home{folder: folder}, nil
}

// Keystore is the accounts of the home.
func (h *Home) Keystore() (*Keystore, error) { return OpenKeystore(h.folder) }

// Network is the network that a home trusts, and when and through whom it was met.
type Network struct {
	Genesis scale.Hash `json:"genesis"`
	Node    string     `json:"node"`
	Met     time.Time  `json:"met"`
}

// NetworkFile records the network met first; without it the next one met is trusted.
func (h *Home) NetworkFile() string { return filepath.Join(h.folder, "network.json") }

// Network is the network met first; found is false before.
func (h *Home) Network() (network Network, found bool, err error) {
	content, err := readBounded(h.NetworkFile(), maximumNetworkFile)
	if errors.Is(err, fs.ErrNotExist) {
		return network, false, nil
	}
	if err != nil {
		return network, false, err
	}
	if err := json.Unmarshal(content, &network); err != nil || network.Genesis == (scale.Hash{}) {
		return Network{}, false, refusedf("name the network with --genesis, or restore the file from a backup", "%s is damaged", h.NetworkFile())
	}
	return network, true, nil
}

// Meet makes a network the one that the home trusts, unless it trusts one already.
func (h *Home) Meet(network Network) error {
	if met, err := exists(h.NetworkFile()); met || err != nil {
		return err
	}
	content, err := json.MarshalIndent(network, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(h.NetworkFile(), append(content, '\n'))
}

// networkFolder is where the home keeps what belongs to one network.
func (h *Home) networkFolder(genesis scale.Hash) (string, error) {
	folder := filepath.Join(h.folder, "networks", genesis.String()[2:])
	return folder, makeFolder(folder, mayRead)
}

// HeadStore keeps the last proven head of a network. While another process keeps it, this one only reads: that one's heads are as
// new.
type HeadStore struct {
	files *light.FileStore
	lock  *os.File // nil if another process has it
}

// HeadStore opens the store of a network; Close gives it free.
func (h *Home) HeadStore(genesis scale.Hash) (*HeadStore, error) {
	folder, err := h.networkFolder(genesis)
	if err != nil {
		return nil, err
	}
	lock, err := tryLock(filepath.Join(folder, "head.lock"))
	if err != nil {
		return nil, err
	}
	return &HeadStore{files: light.NewFileStore(filepath.Join(folder, "head")), lock: lock}, nil
}

// Load implements light.Store.
func (s *HeadStore) Load() ([]byte, error) { return s.files.Load() }

// Save implements light.Store.
func (s *HeadStore) Save(record []byte) error {
	if s.lock == nil {
		return nil
	}
	return s.files.Save(record)
}

// Close lets another process keep the heads.
func (s *HeadStore) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}
