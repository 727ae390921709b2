package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSeedFile(t *testing.T) {
	digits := strings.Repeat("0123456789abcdef", 4)
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want error
	}{
		"digits":                {digits, 0o600, nil},
		"with 0x and a newline": {"0x" + digits + "\n", 0o400, nil},
		"readable by a group":   {digits, 0o640, errSeedMode},
		"readable by all":       {digits, 0o604, errSeedMode},
		"too short":             {digits[2:], 0o600, errSeedText},
		"too long":              {digits + "00", 0o600, errSeedText},
		"endless":               {digits + strings.Repeat(" ", 1<<16), 0o600, errSeedText},
		"other letters":         {"zz" + digits[2:], 0o600, errSeedText},
		"empty":                 {"", 0o600, errSeedText},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "seed")
			if err := os.WriteFile(file, []byte(test.text), test.mode); err != nil {
				t.Fatal(err)
			}
			seed, err := readSeedFile(file)
			if !errors.Is(err, test.want) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if err == nil && (seed[0] != 0x01 || seed[31] != 0xef) {
				t.Error("another seed was read")
			}
			if err != nil && len(test.text) > 8 && strings.Contains(err.Error(), test.text[:8]) {
				t.Error("the error shows a part of the seed")
			}
		})
	}
	if seed, err := readSeedFile(""); seed != nil || err != nil {
		t.Errorf("without a file: %v, %v", seed, err)
	}
	if _, err := readSeedFile(t.TempDir()); !errors.Is(err, errSeedMode) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := readSeedFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
