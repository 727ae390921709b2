package sim

import (
	"crypto/sha256"
	"hash"
	"io"
)

// trace is all that happens in a world, one line each.
type trace struct {
	hash hash.Hash
	out  io.Writer
}

func (t *trace) line(text string) {
	if t.hash == nil {
		t.hash = sha256.New()
	}
	t.hash.Write([]byte(text + "\n"))
	if t.out != nil {
		_, _ = io.WriteString(t.out, text+"\n")
	}
}

func (t *trace) sum() (out [32]byte) {
	if t.hash != nil {
		t.hash.Sum(out[:0])
	}
	return out
}
