package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

func TestSnapshotClasses(t *testing.T) {
	for n, want := range map[uint64]uint64{
		0: 65_536, 65_536: 65_536, 65_537: 67_584, 100_000: 100_352, 1 << 20: 1 << 20, 1<<20 + 1: 1<<20 + 1<<15, 1 << 35: 1 << 35,
	} {
		if got := snapshotClass(n); got != want {
			t.Errorf("%d bytes are padded to %d", n, got)
		}
	}
	classes := map[uint64]bool{}
	for n := uint64(1); n < 1<<24; n += 97 {
		class := snapshotClass(n)
		if class < n || n > minSnapshot && class-n > n*12/100 || snapshotClass(class) != class {
			t.Fatalf("%d bytes are padded to %d", n, class)
		}
		classes[class] = true
	}
	if len(classes) > 8*32+1 { // 32 for each doubling
		t.Errorf("%d sizes up to 16 MiB", len(classes))
	}
}

func TestPadSnapshot(t *testing.T) {
	for _, size := range []int{0, 1, minSnapshot - 8, minSnapshot - 7, 200_000} {
		content := bytes.Repeat([]byte{7}, size)
		got, err := UnpadSnapshot(PadSnapshot(content))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
		}
	}
	padded := PadSnapshot([]byte("abc"))
	for name, bad := range map[string][]byte{
		"empty": nil, "cut": padded[:len(padded)-1], "longer": append(bytes.Clone(padded), 0),
		"length":        binary.LittleEndian.AppendUint64(bytes.Clone(padded[:len(padded)-8]), 1<<40),
		"another class": binary.LittleEndian.AppendUint64(make([]byte, 1<<20-8), 3),
		"dirty":         append(append([]byte("abcd"), make([]byte, len(padded)-12)...), 3, 0, 0, 0, 0, 0, 0, 0),
	} {
		if _, err := UnpadSnapshot(bad); !errors.Is(err, ErrPadding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
