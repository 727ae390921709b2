package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Defaults of Options.
const (
	DefaultStateWindow = 256
	DefaultCacheBytes  = 128 << 20
)

// Options configure a store; the zero value means the defaults.
type Options struct {
	// StateWindow is how many of the latest states are kept, at least 1.
	StateWindow uint32
	// Archive keeps every state from now on.
	Archive bool
	// CacheBytes is for blocks of the database's files.
	CacheBytes int64
	Log        *slog.Logger
	// FS stands in for the file system in tests of crashes.
	FS vfs.FS
}

// Store is the chain's database. Reads may run at any time and concurrently; Commit calls follow one another.
type Store struct {
	db      *pebble.DB
	options Options
	closing sync.Once
	closed  error // what closing gave

	mutex  sync.RWMutex
	head   Head
	origin Origin
	ready  bool // a genesis is there
}

// Open opens or creates the database in folder.
func Open(folder string, options Options) (*Store, error) {
	if options.StateWindow == 0 {
		options.StateWindow = DefaultStateWindow
	}
	if options.CacheBytes == 0 {
		options.CacheBytes = DefaultCacheBytes
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	cache := pebble.NewCache(options.CacheBytes)
	defer cache.Unref()
	db, err := pebble.Open(folder, databaseOptions(cache, options))
	if err != nil {
		return nil, openError(err)
	}
	s := &Store{db: db, options: options}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// A memtable is a quarter of the cache, within these bounds, in bytes: a small node stays small, and none writes files too small or too
// late.
const (
	minMemTable = 2 << 20
	maxMemTable = 32 << 20
)

// databaseOptions suit random 32-byte keys that are mostly looked up once, and batches of some megabytes.
func databaseOptions(cache *pebble.Cache, options Options) *pebble.Options {
	tuned := &pebble.Options{
		Cache:                       cache,
		FS:                          options.FS,
		Logger:                      pebbleLogger{options.Log},
		FormatMajorVersion:          pebble.FormatNewest,
		Merger:                      countMerger,
		MemTableSize:                uint64(min(max(options.CacheBytes/4, minMemTable), maxMemTable)),
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       24,
		LBaseMaxBytes:               128 << 20,
	}
	tuned.Levels[0].FilterPolicy = bloom.FilterPolicy(10) // 1% of lookups of absent records read a file
	tuned.EventListener = &pebble.EventListener{BackgroundError: pebbleLogger{options.Log}.background}
	tuned.EnsureDefaults()
	return tuned
}

// openError tells apart what the operator must do.
func openError(err error) error {
	switch {
	case pebble.IsCorruptionError(err):
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	case isLocked(err):
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return fmt.Errorf("%w (%w)", ErrUnopened, err)
}

// load reads the head, or marks a new database with its format.
func (s *Store) load() error {
	format, err := s.read(keyFormat)
	if errors.Is(err, ErrNotFound) {
		return s.db.Set(keyFormat, []byte{formatVersion}, pebble.Sync)
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(format, []byte{formatVersion}) {
		return ErrFormat
	}
	encoded, err := s.read(keyHead)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	head, err := headCodec.Unmarshal(encoded)
	if err != nil {
		return damaged("head: %v", err)
	}
	if _, err := s.Header(head.Hash); err != nil {
		return damaged("head names a block without header: %v", err)
	}
	if s.origin, err = s.readOrigin(); err != nil {
		return err
	}
	if err := s.checkGapless(head); err != nil {
		return err
	}
	head.First = s.origin.Number
	s.head, s.ready = head, true
	return nil
}

// Close flushes and closes the database; nothing may read it afterwards. A second Close does nothing.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closed = s.db.Close() })
	return s.closed
}

// Head is where the chain stands; ok is false before there is a genesis.
func (s *Store) Head() (head Head, ok bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.head, s.ready
}

// Genesis is the hash of block 0.
func (s *Store) Genesis() (scale.Hash, error) {
	value, err := s.read(keyGenesis)
	if errors.Is(err, ErrNotFound) {
		return scale.Hash{}, ErrNoGenesis
	}
	if err != nil {
		return scale.Hash{}, err
	}
	if len(value) != len(scale.Hash{}) {
		return scale.Hash{}, damaged("genesis hash")
	}
	return scale.Hash(value), nil
}

// Metrics are the database's own figures.
func (s *Store) Metrics() *pebble.Metrics { return s.db.Metrics() }

// read returns a copy of the value of key.
func (s *Store) read(key []byte) ([]byte, error) { return readFrom(s.db, key) }
