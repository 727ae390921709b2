package wallet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// readBounded reads a file of at most so many bytes.
func readBounded(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, refusedf("restore the file from a backup", "%s is larger than such a file can be", name)
	}
	return content, nil
}

// replaceFile makes name hold content: after a crash the old or the new, whole, and the new once it has returned.
func replaceFile(name string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.new") // readable by its owner alone
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
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

// createFile makes a file that is not there yet, whole or not at all.
func createFile(name string, content []byte) error {
	temporary := name + ".new"
	if err := replaceFile(temporary, content); err != nil {
		return err
	}
	err := os.Link(temporary, name) // refuses to replace
	return errors.Join(err, os.Remove(temporary), syncFolder(filepath.Dir(name)))
}

// Permissions that folders of a wallet must not give to others.
const (
	mayRead  fs.FileMode = 0o077
	mayWrite fs.FileMode = 0o022
)

// makeFolder makes a folder for its owner alone, and refuses one that gives others more than it may.
func makeFolder(name string, forbidden fs.FileMode) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return refusedBy(err, "choose another folder with --home", "the folder %s cannot be used", name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&forbidden != 0 {
		return refusedf(fmt.Sprintf("run: chmod 700 %s", name), "others can get into the wallet's folder %s (mode %o)", name, mode)
	}
	return nil
}

func exists(name string) (bool, error) {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
