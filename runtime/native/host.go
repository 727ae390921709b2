package native

import (
	"context"
	"log/slog"

	"github.com/bitcloak/bitcloak/runtime/host"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Host is the native host. See the package for how long one lives.
type Host struct {
	*Overlay
	signatures *Signatures
	logger     *slog.Logger
	blake2_128 *hashing.Blake2_128Hasher
}

var _ host.Host = (*Host)(nil)

// New is a host over a committed state. Signatures is shared by all hosts of a node,
// or nil to check each signature anew; a nil logger drops the log.
func New(backend Backend, signatures *Signatures, logger *slog.Logger) *Host {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Host{Overlay: NewOverlay(backend), signatures: signatures, logger: logger, blake2_128: hashing.NewBlake2_128Hasher()}
}

// OrderedRoot is the root of items keyed by their compact index, layout 0.
func (h *Host) OrderedRoot(items [][]byte) scale.Hash {
	root, err := trie.OrderedRoot(trie.Layout0, items)
	if err != nil {
		panic(&Failure{Cause: err})
	}
	return root
}

// Blake2_256 hashes.
func (h *Host) Blake2_256(data []byte) scale.Hash { return hashing.Blake2_256(data) }

// Blake2_128 hashes.
func (h *Host) Blake2_128(data []byte) [16]byte { return h.blake2_128.Hash(data) }

// Twox64 hashes.
func (h *Host) Twox64(data []byte) [8]byte { return hashing.Twox64(data) }

// Log writes a line through the node's logger.
func (h *Host) Log(level host.Level, target, message string) {
	h.logger.Log(context.Background(), slogLevel(level), message, slog.String("target", target))
}

func slogLevel(level host.Level) slog.Level {
	switch level {
	case host.LevelError:
		return slog.LevelError
	case host.LevelWarn:
		return slog.LevelWarn
	case host.LevelInfo:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}
