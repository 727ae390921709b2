package wallet

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
)

// AddressPrefix is the SS58 prefix of the network (Kusama's).
const AddressPrefix = 2

// scrypt parameters of new files: about 100 ms and 32 MiB (RFC 7914 names N, r and p). Reading is bounded by the maxima, so
// that a file from elsewhere cannot ask for all memory.
const (
	scryptN, scryptR, scryptP = 1 << 15, 8, 1
	maximumScryptN            = 1 << 20
	saltSize                  = 32
	maximumKeyFile            = 64 << 10
)

var accountName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

// Account is an account of the wallet's home, without its secret.
type Account struct {
	Name      string          `json:"name"`
	Address   string          `json:"address"`
	PublicKey scale.AccountID `json:"publicKey"`
}

// keyFile is one account on disk: its secret URI (mnemonic and path, so it can be moved to any wallet) under a password.
type keyFile struct {
	Version   int             `json:"version"`
	Name      string          `json:"name"`
	Kind      string          `json:"kind"`
	Address   string          `json:"address"`
	PublicKey scale.AccountID `json:"publicKey"`
	N         int             `json:"scryptN"`
	R         int             `json:"scryptR"`
	P         int             `json:"scryptP"`
	Salt      []byte          `json:"salt"`
	Sealed    []byte          `json:"sealed"` // XChaCha20-Poly1305: nonce, then ciphertext of the secret URI
}

// Keystore keeps accounts in a folder, a file each, readable by its owner alone.
type Keystore struct{ folder string }

// OpenKeystore uses, and makes when needed, the folder `accounts` of the wallet's home.
func OpenKeystore(home string) (*Keystore, error) {
	folder := filepath.Join(home, "accounts")
	if err := makeFolder(folder, mayRead); err != nil {
		return nil, err
	}
	return &Keystore{folder: folder}, nil
}

// Add stores the account of a secret URI under a new name.
func (k *Keystore) Add(name, suri string, kind keys.Kind, password []byte) (Account, error) {
	if !accountName.MatchString(name) {
		return Account{}, refusedf("use 1 to 32 letters, digits, - and _", "account name %q cannot be used", name)
	}
	pair, err := pairOf(suri, kind)
	if err != nil {
		return Account{}, err
	}
	defer pair.Wipe()
	file := keyFile{Version: 1, Name: name, Kind: kind.String(), PublicKey: pair.AccountID(), N: scryptN, R: scryptR, P: scryptP}
	if file.Address, err = ss58.Encode(AddressPrefix, file.PublicKey); err != nil {
		return Account{}, err
	}
	file.Salt = make([]byte, saltSize)
	if _, err := rand.Read(file.Salt); err != nil {
		return Account{}, err
	}
	if file.Sealed, err = file.seal([]byte(suri), password); err != nil {
		return Account{}, err
	}
	if err := k.write(&file); err != nil {
		return Account{}, err
	}
	return file.account(), nil
}

// Unlock gives the key pair of a stored account.
func (k *Keystore) Unlock(name string, password []byte) (keys.Pair, error) {
	file, err := k.read(name)
	if err != nil {
		return nil, err
	}
	kind, err := keys.ParseKind(file.Kind)
	if err != nil {
		return nil, refusedBy(err, "restore the file from a backup", "account %s is damaged", name)
	}
	suri, err := file.open(password)
	if err != nil {
		return nil, err
	}
	defer clear(suri)
	pair, err := pairOf(string(suri), kind)
	if err != nil {
		return nil, err
	}
	if pair.AccountID() != file.PublicKey {
		pair.Wipe()
		return nil, refusedf("restore the file from a backup", "account %s is damaged: its secret belongs to another address", name)
	}
	return pair, nil
}

// List gives the accounts by name.
func (k *Keystore) List() ([]Account, error) {
	entries, err := os.ReadDir(k.folder)
	if err != nil {
		return nil, err
	}
	accounts := []Account{}
	for _, entry := range entries {
		name, isAccount := strings.CutSuffix(entry.Name(), ".json")
		if !isAccount {
			continue
		}
		file, err := k.read(name)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, file.account())
	}
	sort.Slice(accounts, func(i, j int) bool { return accounts[i].Name < accounts[j].Name })
	return accounts, nil
}

func (f *keyFile) account() Account {
	return Account{Name: f.Name, Address: f.Address, PublicKey: f.PublicKey}
}

func (k *Keystore) path(name string) string { return filepath.Join(k.folder, name+".json") }

func (k *Keystore) read(name string) (*keyFile, error) {
	if !accountName.MatchString(name) {
		return nil, refusedf("see 'bitcloak wallet account list'", "account name %q cannot be used", name)
	}
	content, err := readBounded(k.path(name), maximumKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refusedf("see 'bitcloak wallet account list', or make it with 'account new' or 'account import'", "there is no account %q", name)
	}
	if err != nil {
		return nil, err
	}
	return parseKeyFile(name, content)
}

func parseKeyFile(name string, content []byte) (*keyFile, error) {
	var file keyFile
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, refusedBy(err, "restore the file from a backup", "account %s is damaged", name)
	}
	if file.Version != 1 || file.Name != name || file.N < 2 || file.N > maximumScryptN || file.R != scryptR || file.P != scryptP ||
		len(file.Salt) != saltSize || len(file.Sealed) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, refusedf("restore the file from a backup", "account %s is damaged or of a newer version", name)
	}
	return &file, nil
}

func (k *Keystore) write(file *keyFile) error {
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	err = createFile(k.path(file.Name), append(content, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return refusedf("choose another name", "there is already an account %q", file.Name)
	}
	return err
}

func (f *keyFile) key(password []byte) ([]byte, error) {
	return scrypt.Key(password, f.Salt, f.N, f.R, f.P, chacha20poly1305.KeySize)
}

// binding is what the seal covers beside the secret: a file cannot be given another name or address.
func (f *keyFile) binding() []byte {
	return fmt.Appendf(nil, "bitcloak/account/v1\x00%s\x00%s\x00%s", f.Name, f.Kind, f.Address)
}

func (f *keyFile) seal(secret, password []byte) ([]byte, error) {
	key, err := f.key(password)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, secret, f.binding()), nil
}

func (f *keyFile) open(password []byte) ([]byte, error) {
	key, err := f.key(password)
	if err != nil {
		return nil, refusedBy(err, "restore the file from a backup", "account %s is damaged", f.Name)
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, f.Sealed[:chacha20poly1305.NonceSizeX], f.Sealed[chacha20poly1305.NonceSizeX:], f.binding())
	if err != nil {
		return nil, refusedf("try again; if you lost the password, import the mnemonic again under another name",
			"the password of account %s is wrong, or its file is damaged", f.Name)
	}
	return secret, nil
}

func pairOf(text string, kind keys.Kind) (keys.Pair, error) {
	suri, err := keys.ParseSURI(text)
	if err != nil {
		return nil, err
	}
	return suri.Pair(kind)
}
