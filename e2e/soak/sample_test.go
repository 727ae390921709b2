package soak

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const mib = 1 << 20

// usage is what a process takes, in bytes.
type usage struct {
	memory float64 // of its own, resident
	heap   float64 // of Go, that lived at the last collection
	disk   float64
}

// sample is both at one time.
type sample struct {
	after        time.Duration // since the load began
	commands     float64
	node, worker usage
}

// collected is Go's line about a collection: what was there before, during and after, in MB.
var collected = regexp.MustCompile(`(?m)^gc \d+ @.* (\d+)->(\d+)->(\d+) MB`)

// measure looks at a process from outside.
func (p *process) measure() (u usage, err error) {
	select {
	case <-p.ended:
		return u, fmt.Errorf("%s has ended\n%s", p.name, p.said.String())
	default:
	}
	if u.memory, err = resident(p.command.Process.Pid); err != nil {
		return u, err
	}
	if lines := collected.FindAllStringSubmatch(p.said.String(), -1); len(lines) > 0 {
		lives, err := strconv.ParseFloat(lines[len(lines)-1][3], 64)
		if err != nil {
			return u, err
		}
		u.heap = lives * mib
	}
	u.disk, err = diskOf(p.folder)
	return u, err
}

// resident is the anonymous memory of a process: files that it has mapped or written are the kernel's to drop.
func resident(pid int) (float64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "RssAnon:"); found {
			kibibytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kibibytes * 1024, err
		}
	}
	return 0, errors.New("the kernel does not say how much memory is a process's own")
}

// diskOf is the size of all files below a folder. Files may go while it looks.
func diskOf(folder string) (total float64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				total += float64(info.Size())
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return total, err
}

// verdict is what a soak shows.
type verdict struct {
	memory, heap float64 // bytes a minute after warming up
	disk         float64 // bytes a command after warming up
}

// judge parts the samples: after the first third, what is there in the next sixth is compared with what is there in the last sixth, by
// medians, so that one collection more or less does not count.
func judge(samples []sample, of func(*sample) usage) verdict {
	sixth := len(samples) / 6
	early, late := samples[2*sixth:3*sixth], samples[len(samples)-sixth:]
	median := func(part []sample, value func(*sample) float64) float64 {
		values := make([]float64, len(part))
		for i := range part {
			values[i] = value(&part[i])
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	rise := func(value func(*sample) float64) float64 { return median(late, value) - median(early, value) }
	minutes := rise(func(s *sample) float64 { return s.after.Minutes() })
	commands := rise(func(s *sample) float64 { return s.commands })
	return verdict{
		memory: rise(func(s *sample) float64 { return of(s).memory }) / minutes,
		heap:   rise(func(s *sample) float64 { return of(s).heap }) / minutes,
		disk:   rise(func(s *sample) float64 { return of(s).disk }) / commands,
	}
}

func nodeOf(s *sample) usage   { return s.node }
func workerOf(s *sample) usage { return s.worker }
