package sim

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// disk is a worker's data folder. The worker writes files of the machine's own file system, in memory where there is one.
// Whenever everything rests, the world takes an image of them. A crash gives the next worker an image in a new folder, so
// that what a dying worker still writes is lost; so are writes that it had not forced to the disk.
type disk struct {
	base   string
	number int     // of the folder in use
	images []image // the last few that differ, oldest first
}

// image is the contents of files by name.
type image map[string][]byte

// maxImages bounds how far back a host can put the disk.
const maxImages = 24

func newDisk(base string) (*disk, error) {
	d := &disk{base: base}
	return d, os.MkdirAll(d.folder(), 0o700)
}

func (d *disk) folder() string { return filepath.Join(d.base, fmt.Sprint(d.number)) }

// look takes an image.
func (d *disk) look() error {
	entries, err := os.ReadDir(d.folder())
	if err != nil {
		return err
	}
	now := image{}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".new") || entry.Name() == "lock" {
			continue
		}
		if now[entry.Name()], err = os.ReadFile(filepath.Join(d.folder(), entry.Name())); err != nil {
			return err
		}
	}
	if n := len(d.images); n > 0 && maps.EqualFunc(d.images[n-1], now, slices.Equal) {
		return nil
	}
	d.images = append(d.images, now)
	if extra := len(d.images) - maxImages; extra > 0 {
		d.images = d.images[extra:]
	}
	return nil
}

// latest is the last image, empty before the first.
func (d *disk) latest() image {
	if len(d.images) == 0 {
		return image{}
	}
	return maps.Clone(d.images[len(d.images)-1])
}

// put makes a new folder that holds an image.
func (d *disk) put(contents image) error {
	old := d.folder()
	d.number++
	if err := os.MkdirAll(d.folder(), 0o700); err != nil {
		return err
	}
	for name, bytes := range contents {
		if err := os.WriteFile(filepath.Join(d.folder(), name), bytes, 0o600); err != nil {
			return err
		}
	}
	// The old worker may still write there; what it writes is nobody's, and its folder goes when it has ended.
	return errors.Join(os.WriteFile(filepath.Join(d.folder(), "made-of"), []byte(old), 0o600), os.Remove(filepath.Join(d.folder(), "made-of")))
}

// crashed is the image that a loss of power leaves: the last one, but records of the trusted head, which are forced to the
// disk a second later, may be older ones.
func (d *disk) crashed(c chance) image {
	left := d.latest()
	if len(d.images) < 2 || !c.in(1, 2) {
		return left
	}
	before := d.images[len(d.images)-2]
	for name := range left {
		if strings.HasPrefix(name, "trusted-head") && before[name] != nil {
			left[name] = before[name]
		}
	}
	return left
}

// tampered is what a hostile host makes of the disk: older files, cut ones, altered ones, none.
func (d *disk) tampered(c chance) (left image, how string) {
	left = d.latest()
	snapshots := func(do func(name string)) {
		for _, name := range slices.Sorted(maps.Keys(left)) {
			if strings.HasPrefix(name, "snapshot") && c.in(2, 3) {
				do(name)
			}
		}
	}
	switch c.IntN(7) {
	case 0:
		return maps.Clone(pick(c, append(d.images, left))), "everything put back"
	case 1:
		old := pick(c, append(d.images, left))
		snapshots(func(name string) {
			if old[name] != nil {
				left[name] = old[name]
			}
		})
		return left, "snapshots put back"
	case 2:
		snapshots(func(name string) { left[name] = left[name][:c.IntN(len(left[name])+1)] })
		return left, "snapshots cut"
	case 3:
		snapshots(func(name string) { left[name] = flipped(c, left[name]) })
		return left, "snapshots altered"
	case 4:
		snapshots(func(name string) { delete(left, name) })
		return left, "snapshots removed"
	case 5:
		if c.in(1, 2) {
			snapshots(func(name string) { left[name] = flipped(c, left[name]) })
		}
		left["keys.sealed"] = flipped(c, left["keys.sealed"])
		return left, "keys altered"
	default:
		for _, name := range []string{"trusted-head.sealed.0", "trusted-head.sealed.1"} {
			if left[name] != nil && c.in(2, 3) {
				left[name] = flipped(c, left[name])
			}
		}
		return left, "trusted heads altered"
	}
}

func flipped(c chance, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	out := slices.Clone(b)
	out[c.IntN(len(out))] ^= 1 << c.IntN(8)
	return out
}
