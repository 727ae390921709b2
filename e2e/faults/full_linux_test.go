package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// diskSize is that of the disks that fill up, in bytes.
const diskSize = 96 << 20

// disk is a small file system.
type disk struct{ folder string }

// mountDisk makes one, or skips the test where that is not allowed.
func mountDisk(t *testing.T) *disk {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", diskSize)); err != nil {
		t.Skipf("no small file system can be mounted (%v): run this test as root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", folder, err)
		}
	})
	return &disk{folder: folder}
}

func (d *disk) ballast() string { return filepath.Join(d.folder, "ballast") }

// fill leaves so many bytes free.
func (d *disk) fill(t *testing.T, free int64) {
	t.Helper()
	file, err := os.Create(d.ballast())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(max(0, info.Size()-free)); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) free(t *testing.T) {
	t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		t.Fatal(err)
	}
}

// TestFullDiskOfTheNode: without room the node ends and says why; with room it goes on as if nothing had been.
func TestFullDiskOfTheNode(t *testing.T) {
	d := mountDisk(t)
	choices := random(t, 7)
	s := newSite(t)
	moveFolder(t, s.nodeFolder(), filepath.Join(d.folder, "node"))
	s.startNode()
	a := newAuditor(s)
	s.startWorker()
	traders := s.crowd(choices, "Bob", "Charlie")
	for _, tr := range traders {
		tr.start()
	}
	for range max(1, setting(t, "BITCLOAK_FAULT_KILLS", 10)/10) {
		time.Sleep(300 * time.Millisecond)
		before := a.chain.View()
		d.fill(t, choices.Int64N(128<<10))
		if code := s.node.wait(t, patience); code != 1 {
			t.Errorf("the node ended with code %d", code)
		}
		s.node.checkRefusal(t)
		if said := s.node.said.String(); !strings.Contains(said, "no space left") {
			t.Errorf("the node does not say that the disk is full:\n%s", said)
		}
		if err := s.launchNode(); err != nil { // still no room
			s.node.wait(t, patience)
			s.node.checkRefusal(t)
		} else {
			s.node.kill()
		}
		d.free(t)
		s.startNode()
		s.goOnFrom(a, before)
		a.check()
	}
	s.finish(a, traders)
}

// TestFullDiskOfTheWorker: without room for snapshots the worker goes on and says so; killed then, it recovers.
func TestFullDiskOfTheWorker(t *testing.T) {
	d := mountDisk(t)
	choices := random(t, 8)
	s := newSite(t)
	s.startNode()
	a := newAuditor(s)
	moveFolder(t, s.workerFolder(), filepath.Join(d.folder, "worker"))
	s.startWorker()
	traders := s.crowd(choices, "Bob", "Charlie")
	for _, tr := range traders {
		tr.start()
	}
	for range max(1, setting(t, "BITCLOAK_FAULT_KILLS", 10)/10) {
		time.Sleep(300 * time.Millisecond)
		d.fill(t, choices.Int64N(16<<10))
		until(t, "word of the full disk", func() bool { return strings.Contains(s.worker.said.String(), "no space left") })
		s.goOnFrom(a, a.chain.View()) // trading goes on
		if !s.worker.running() {
			t.Fatalf("the worker ended\n%s", lastWords(s.worker))
		}
		s.worker.kill()
		d.free(t)
		before := a.chain.View()
		s.startWorker()
		s.goOnFrom(a, before)
		a.check()
	}
	s.finish(a, traders)
}

// moveFolder puts a folder elsewhere and leaves a link.
func moveFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(from, 0o700); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, from, to)
	if err := errors.Join(os.RemoveAll(from), os.Symlink(to, from)); err != nil {
		t.Fatal(err)
	}
}
