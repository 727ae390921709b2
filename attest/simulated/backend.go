package simulated

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/bitcloak/bitcloak/attest"
)

const (
	// sealingSecretSize is the length in bytes of the file's secret.
	sealingSecretSize = 32
	sealingTag        = "bitcloak/simulated-sealing/v1"
)

// Backend quotes as worker number Worker of a development network would.
type Backend struct {
	platform [32]byte
	file     string
}

// New is the backend of one worker. Its sealing secret is kept in file, which is
// made at the first use; whoever reads that file can open what is sealed.
func New(worker uint32, file string) (*Backend, error) {
	platform, err := DevelopmentPlatform(worker)
	if err != nil {
		return nil, err
	}
	return &Backend{platform: platform, file: file}, nil
}

// Kind is attest.Simulated.
func (b *Backend) Kind() attest.Kind { return attest.Simulated }

// Warning is what to tell whoever starts a worker on this backend.
func (b *Backend) Warning() string {
	return "attestation is SIMULATED: this worker's host can read every order and balance; its sealing key lies in " + b.file
}

// Quote signs with the simulated vendor's key.
func (b *Backend) Quote(_ context.Context, reportData [attest.ReportDataSize]byte) (attest.Evidence, error) {
	claims := attest.Claims{Measurement: DevelopmentMeasurement, Platform: b.platform, ReportData: reportData}
	return attest.Evidence{Kind: attest.Simulated, Bytes: sign(claims)}, nil
}

// SealingKey is derived from the file's secret, measurement, platform and purpose.
func (b *Backend) SealingKey(_ context.Context, purpose string) ([32]byte, error) {
	secret, err := b.secret()
	if err != nil {
		return [32]byte{}, err
	}
	defer clear(secret)
	info := sealingTag + string(DevelopmentMeasurement[:]) + string(b.platform[:]) + purpose
	key, err := hkdf.Key(sha256.New, secret, nil, info, 32)
	if err != nil {
		return [32]byte{}, fmt.Errorf("simulated: derive a sealing key: %w", err)
	}
	defer clear(key)
	return [32]byte(key), nil
}

// secret reads the file's secret, or makes both.
func (b *Backend) secret() ([]byte, error) {
	secret, err := os.ReadFile(b.file)
	if errors.Is(err, fs.ErrNotExist) {
		return b.create()
	}
	if err != nil {
		return nil, fmt.Errorf("simulated: read the sealing secret (check the file's permissions): %w", err)
	}
	if len(secret) != sealingSecretSize {
		return nil, fmt.Errorf("simulated: %s holds %d bytes instead of %d; restore it, or remove it together with what was sealed with it",
			b.file, len(secret), sealingSecretSize)
	}
	return secret, nil
}

// create writes a new secret so that after a crash the file is whole or absent.
func (b *Backend) create() ([]byte, error) {
	secret := make([]byte, sealingSecretSize)
	_, _ = rand.Read(secret) // never fails
	if err := writeFile(b.file, secret); err != nil {
		return nil, fmt.Errorf("simulated: write the sealing secret (check the folder's permissions and space): %w", err)
	}
	return secret, nil
}

// writeFile makes name with its contents, readable by its owner alone. It never
// replaces a file: of two processes that start at once, one gets an error.
func writeFile(name string, contents []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(contents)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	if err := os.Link(temporary.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
