package seal

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// ErrPadding says that a snapshot's plaintext was not made by PadSnapshot.
var ErrPadding = errors.New("seal: the snapshot's padding is damaged")

const (
	// minSnapshot is the smallest padded snapshot, in bytes.
	minSnapshot = 64 << 10
	lengthSize  = 8
)

// snapshotClass is the size that a snapshot of n bytes, its length included, is padded
// to: n with all but its leading bits rounded up, as in the Padmé scheme (Nikitin et
// al., Reducing Metadata Leakage from Encrypted Files, 2019). It costs at most 12 %, and
// of n bytes only about log2(log2 n) bits show.
func snapshotClass(n uint64) uint64 {
	if n <= minSnapshot {
		return minSnapshot
	}
	exponent := bits.Len64(n) - 1
	free := exponent - bits.Len64(uint64(exponent)) // bits that are rounded away
	mask := uint64(1)<<free - 1
	return (n + mask) &^ mask
}

// PadSnapshot gives a padded copy of a snapshot to be sealed, so that its size tells
// little about what is in it. The caller clears both.
func PadSnapshot(content []byte) []byte {
	size := snapshotClass(uint64(len(content)) + lengthSize)
	padded := make([]byte, size)
	copy(padded, content)
	binary.LittleEndian.PutUint64(padded[size-lengthSize:], uint64(len(content)))
	return padded
}

// UnpadSnapshot is the content of what PadSnapshot made.
func UnpadSnapshot(padded []byte) ([]byte, error) {
	if len(padded) < minSnapshot {
		return nil, ErrPadding
	}
	end := len(padded) - lengthSize
	length := binary.LittleEndian.Uint64(padded[end:])
	if length > uint64(end) || snapshotClass(length+lengthSize) != uint64(len(padded)) {
		return nil, ErrPadding
	}
	for _, b := range padded[length:end] {
		if b != 0 {
			return nil, ErrPadding
		}
	}
	return padded[:length], nil
}
