package faults

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"
)

// damage is what a bad disk, or a power cut on a disk that lies, leaves of a file.
type damage struct {
	file string // below the folder
	kind string
	at   int64 // position, or length that is left
	bit  uint8
}

func (d damage) String() string { return fmt.Sprintf("%s: %s at %d", d.file, d.kind, d.at) }

// pageSize is what disks lose at once.
const pageSize = 4096

// filesOf lists the files of a folder that have contents.
func filesOf(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() > 0 {
			relative, _ := filepath.Rel(folder, path)
			names = append(names, relative)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	return names
}

// chooseDamage picks a file, each as likely as any other, and what happens to it.
func chooseDamage(t *testing.T, folder string, files []string, choices *rand.Rand) damage {
	t.Helper()
	d := damage{file: files[choices.IntN(len(files))], bit: uint8(choices.IntN(8))}
	info, err := os.Stat(filepath.Join(folder, d.file))
	if err != nil {
		t.Fatal(err)
	}
	size := info.Size()
	switch choices.IntN(10) {
	case 0, 1, 2, 3, 4:
		d.kind, d.at = "a flipped bit", choices.Int64N(size)
	case 5, 6:
		d.kind, d.at = "cut", choices.Int64N(size)
	case 7:
		d.kind, d.at = "cut", max(0, size-1-choices.Int64N(64))
	case 8:
		d.kind, d.at = "a page of zeros", choices.Int64N(size)/pageSize*pageSize
	case 9:
		d.kind = "removed"
	}
	return d
}

func (d damage) do(t *testing.T, folder string) {
	t.Helper()
	name := filepath.Join(folder, d.file)
	if err := d.change(name); err != nil {
		t.Fatalf("%v: %v", d, err)
	}
}

func (d damage) change(name string) error {
	switch d.kind {
	case "cut":
		return os.Truncate(name, d.at)
	case "removed":
		return os.Remove(name)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if d.kind == "a page of zeros" {
		clear(content[d.at:min(int64(len(content)), d.at+pageSize)])
	} else {
		content[d.at] ^= 1 << d.bit
	}
	return os.WriteFile(name, content, 0o600)
}

// copyFolder makes to hold what from holds.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o700) // #nosec G302 -- a folder
		} else if err == nil {
			err = os.Chmod(path, 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// outcomes counts what became of damages.
type outcomes map[string]int

// sound is a network that has traded, was restarted, and was killed in the end: its folders are copied and damaged.
type sound struct {
	*site
	folder  string // of the copies
	choices *rand.Rand
	count   int
	truth   *truth
}

func newSound(t *testing.T) *sound {
	t.Helper()
	s := newSite(t)
	choices := random(t, 4)
	s.startNode()
	a := newAuditor(s)
	s.startWorker()
	traders := s.crowd(choices, "Bob", "Charlie")
	for range 3 { // so that the databases have tables beside their logs
		for _, tr := range traders {
			tr.start()
		}
		time.Sleep(time.Second)
		for _, tr := range traders {
			tr.stop()
		}
		for _, p := range []*process{s.worker, s.node} {
			p.signal(t, terminate)
			if code := p.wait(t, patience); code != 0 {
				t.Fatalf("%s ended with code %d\n%s", p.name, code, lastWords(p))
			}
		}
		s.startNode()
		s.startWorker()
		s.goOnFrom(a, a.chain.View())
	}
	for _, tr := range traders {
		tr.close()
		tr.close = func() {}
	}
	a.check()
	g := &sound{site: s, folder: t.TempDir(), choices: choices, count: setting(t, "BITCLOAK_FAULT_DAMAGES", 6)}
	g.truth = readTruth(t, a)
	a.stop()
	s.worker.kill()
	s.node.kill()
	return g
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
