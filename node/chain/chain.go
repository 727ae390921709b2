package chain

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/runtime/native"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Defaults of Options.
const (
	// DefaultCacheBytes is for decoded nodes of the state trie.
	DefaultCacheBytes = 256 << 20
	// DefaultSignatures is how many verified signatures are remembered: those of the pool, and of some blocks. A chain with a smaller
	// cache remembers fewer.
	DefaultSignatures = 1 << 17
	bytesPerSignature = DefaultCacheBytes / DefaultSignatures // of the cache; they lie beside it
	// DefaultParallel is how many goroutines compute a state root.
	DefaultParallel = 2
)

// Options configure a chain; the zero value means the defaults.
type Options struct {
	CacheBytes int
	Signatures int
	Parallel   int
	// OnVersion is called when a block is to be built that another version of the runtime must make.
	OnVersion func(error)
	Log       *slog.Logger
}

// Chain is safe for concurrent use, but blocks are built and committed by one goroutine.
type Chain struct {
	store      *store.Store
	genesis    scale.Hash
	beginning  store.Block // block 0, which a store that begins by state sync is given too
	trie       trie.Options
	parallel   int
	signatures *native.Signatures
	log        *slog.Logger
	validators validators
	news       Mark // the head that was announced
	version    func() runtimeVersion
	onVersion  func(error)
	versions   atomic.Pointer[[]store.Version] // runtimes that have made blocks; nil until this program's may

	mutex sync.Mutex // orders commits
}

// GenesisBlock computes block 0 without storing it.
func GenesisBlock(genesis runtime.Genesis, timestamp uint64) (block store.Block, err error) {
	defer recoverFailure(&err)
	backend := native.NewTrieBackend(nil, trie.EmptyRoot, trie.Options{})
	r := runtime.New(native.New(backend, nil, nil))
	if err := r.BuildGenesis(genesis); err != nil {
		return store.Block{}, err
	}
	head := r.GenesisHeader()
	return store.Block{Header: head, Timestamp: timestamp, State: backend.Commit()}, nil
}

// Open stands the chain on a store, into which it writes the genesis if there is none. A store of another chain is
// refused.
func Open(s *store.Store, genesis runtime.Genesis, timestamp uint64, options Options) (*Chain, error) {
	if options.CacheBytes == 0 {
		options.CacheBytes = DefaultCacheBytes
	}
	if options.Signatures == 0 {
		options.Signatures = min(DefaultSignatures, options.CacheBytes/bytesPerSignature)
	}
	if options.Parallel == 0 {
		options.Parallel = DefaultParallel
	}
	if options.OnVersion == nil {
		options.OnVersion = func(error) {}
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	block, err := GenesisBlock(genesis, timestamp)
	if err != nil {
		return nil, fmt.Errorf("build the genesis: %w", err)
	}
	if err := s.WriteGenesis(block); err != nil {
		return nil, err
	}
	c := &Chain{
		store: s, genesis: block.Header.Hash(), beginning: block, parallel: options.Parallel, log: options.Log,
		trie:       trie.Options{Cache: trie.NewCache(options.CacheBytes), Parallel: options.Parallel},
		signatures: native.NewSignatures(options.Signatures),
	}
	c.version, c.onVersion = sync.OnceValue(c.readVersion), options.OnVersion
	if err := c.checkHeadState(); err != nil {
		return nil, err
	}
	if err := c.keepVersion(); err != nil {
		return nil, err
	}
	c.validators.reset(c)
	return c, nil
}

// checkHeadState reads something of the head's state, so that a damaged database shows at the start.
func (c *Chain) checkHeadState() error {
	head := c.Head()
	if number, err := c.viewOf(head.Hash, head.Number, head.StateRoot).Number(); err != nil || number != head.Number {
		return errors.Join(fmt.Errorf("%w: the state of the head, block %d, is not whole", store.ErrDamaged, head.Number), err)
	}
	return nil
}

// Head is where the chain stands.
func (c *Chain) Head() store.Head {
	head, _ := c.store.Head() // there is one since Open
	return head
}

// Genesis is the hash of block 0.
func (c *Chain) Genesis() scale.Hash { return c.genesis }

// Store is what the chain is kept in.
func (c *Chain) Store() *store.Store { return c.store }

// Finalized is the number and hash of the latest finalised block: see store.Head.
func (c *Chain) Finalized() (number uint32, hash scale.Hash) {
	head := c.Head()
	return head.Finalized(), head.Hash
}

// Header is the header of a block.
func (c *Chain) Header(hash scale.Hash) (header.Header, error) { return c.store.Header(hash) }

// recoverFailure turns what the native host panics with, when the state cannot be read, into an error.
func recoverFailure(err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	failure, ok := cause.(*native.Failure)
	if !ok {
		panic(cause)
	}
	*err = gone(failure)
}
