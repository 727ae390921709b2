package wallet

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wire"
)

// Vault keeps an account's session on one network. Two wallets of one account share it, so that no sequence number is ever used
// twice: whoever uses one has written that down before.
type Vault interface {
	// Load reads the record; the zero value if there is none.
	Load() (Record, error)
	// Update hands the record to change and writes what became of it, before it returns and with everybody else locked out. If
	// change fails, nothing is written.
	Update(ctx context.Context, change func(*Record) error) error
	// Exclusive does work while nobody else who shares the vault does any: a transaction's nonce is asked for and used.
	Exclusive(ctx context.Context, work func() error) error
}

// MemoryVault forgets with its process: for demonstrations and tests.
type MemoryVault struct {
	mutex  sync.Mutex
	record Record
	work   sync.Mutex
}

// Load implements Vault.
func (v *MemoryVault) Load() (Record, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.record, nil
}

// Update implements Vault.
func (v *MemoryVault) Update(_ context.Context, change func(*Record) error) error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	record := v.record
	if err := change(&record); err != nil {
		return err
	}
	v.record = record
	return nil
}

// Exclusive implements Vault.
func (v *MemoryVault) Exclusive(_ context.Context, work func() error) error {
	v.work.Lock()
	defer v.work.Unlock()
	return work()
}

// FileVault keeps the record in a file under a key that follows from the account's.
type FileVault struct {
	file string
	key  [chacha20poly1305.KeySize]byte
}

// Vault is where the home keeps an account's session on a network.
func (h *Home) Vault(pair keys.Pair, instance wire.Instance) (*FileVault, error) {
	folder, err := h.networkFolder(instance.Genesis)
	if err != nil {
		return nil, err
	}
	address, err := ss58.Encode(AddressPrefix, pair.AccountID())
	if err != nil {
		return nil, err
	}
	key, err := vaultKey(pair, instance)
	if err != nil {
		return nil, err
	}
	return &FileVault{file: filepath.Join(folder, address), key: key}, nil
}

// Name is the vault's files without their endings.
func (v *FileVault) Name() string { return v.file }

// Load implements Vault.
func (v *FileVault) Load() (Record, error) {
	sealed, err := readBounded(v.file+".session", maximumRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, err
	}
	record, ok := openRecord(&v.key, sealed)
	if !ok {
		return Record{}, refusedf("remove the file and open a session anew ('bitcloak wallet session open'); do not restore it from a backup: "+
			"an older one could use a sequence number again", "the session file %s is damaged or of a newer version", v.file+".session")
	}
	return record, nil
}

// Update implements Vault.
func (v *FileVault) Update(ctx context.Context, change func(*Record) error) error {
	lock, err := lockFile(ctx, v.file+".lock")
	if err != nil {
		return err
	}
	defer lock.Close()
	record, err := v.Load()
	if err != nil {
		return err
	}
	if err := change(&record); err != nil {
		return err
	}
	sealed, err := sealRecord(&v.key, &record)
	if err != nil {
		return err
	}
	return replaceFile(v.file+".session", sealed)
}

// Exclusive implements Vault.
func (v *FileVault) Exclusive(ctx context.Context, work func() error) error {
	lock, err := lockFile(ctx, v.file+".submit")
	if err != nil {
		return err
	}
	defer lock.Close()
	return work()
}
