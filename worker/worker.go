package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker/api"
)

// closeTimeout bounds how long Close waits for requests being answered.
const closeTimeout = 5 * time.Second

// Worker is a running worker.
type Worker struct {
	config      Config
	metrics     *metrics
	lock        *os.File
	vault       *vault
	secrets     *secrets
	public      [32]byte
	attestation attestation
	chain       light.Chain
	server      *api.Server
	address     net.Addr

	mutex    sync.Mutex // of the contract: it is held over whole checkpoints
	contract *contract.Contract
	keyring  *seal.Keyring
	streams  *streams
	commits  commitQueue

	// Of the goroutine that follows.
	inbox      *light.InboxReader
	preparer   *preparer
	savedAt    time.Time
	savedEpoch uint32
	savedSize  int

	// Of the goroutine that saves.
	snapshots *snapshots
	saves     chan savedState
	saving    atomic.Bool
	written   uint64 // checkpoint plus one of the last snapshot written

	stateMutex sync.Mutex
	state      *chainState

	wake     chan struct{}
	caughtUp atomic.Bool
	ready    chan struct{}

	handovers   *handovers
	publication publication

	running   sync.WaitGroup
	cancel    context.CancelFunc
	stopped   chan struct{}
	stopMutex sync.Mutex
	cause     error
	closing   sync.Once
	closed    error
}

// Start starts a worker. It returns when the state is restored and the API
// listens; Ready is closed when the worker has caught up. The worker runs until
// Close, or until something final happens, when Done is closed and Err says what.
func Start(ctx context.Context, config Config) (*Worker, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	w := &Worker{config: config, streams: newStreams(), preparer: newPreparer(), saves: make(chan savedState, maxSaves),
		wake: make(chan struct{}, 1), ready: make(chan struct{}), stopped: make(chan struct{}), handovers: newHandovers()}
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.release())
	}
	return w, nil
}

func (w *Worker) start(ctx context.Context) (err error) {
	if w.metrics, err = newMetrics(w.config.Registerer); err != nil {
		return fmt.Errorf("worker: register metrics: %w", err)
	}
	if err := w.openFolder(ctx); err != nil {
		return err
	}
	head, err := w.firstHead(ctx)
	if err != nil {
		return err
	}
	if err := w.openSecrets(ctx, head); err != nil {
		return err
	}
	if err := w.openState(ctx, head); err != nil {
		return err
	}
	if err := w.listen(ctx); err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	for _, run := range []func(context.Context){w.follow, w.duties, w.save, w.publish} {
		w.running.Go(func() { run(running) })
	}
	return nil
}

// openFolder takes the data folder for this process alone.
func (w *Worker) openFolder(ctx context.Context) (err error) {
	if err := os.MkdirAll(w.config.DataDir, 0o700); err != nil {
		return fmt.Errorf("worker: make the data folder (check its parent's permissions): %w", err)
	}
	if w.lock, err = lockFile(filepath.Join(w.config.DataDir, "lock")); err != nil {
		return err
	}
	w.vault, err = newVault(ctx, w.config.Backend, w.config.Instance)
	return err
}

// firstHead follows the chain to its newest head, waiting for a node that cannot
// be reached yet.
func (w *Worker) firstHead(ctx context.Context) (head light.Head, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.config.StartTimeout)
	defer cancel()
	for {
		if head, err = w.tryFirstHead(ctx); err == nil || isFatal(err) || light.Refused(err) || errors.Is(err, light.ErrTrustStore) {
			return head, err
		}
		select {
		case <-time.After(firstPause):
		case <-ctx.Done():
			return head, err
		}
	}
}

func (w *Worker) tryFirstHead(ctx context.Context) (light.Head, error) {
	if w.chain == nil {
		chain, err := light.Follow(ctx, w.config.Node, light.Config{
			Genesis: w.config.Instance.Genesis, Trusted: w.config.Trusted, TrustingPeriod: w.config.TrustingPeriod,
			Store: newSealedStore(w.config.DataDir, w.vault, w.config.Log), Now: w.config.Now,
		})
		if err != nil {
			return light.Head{}, err
		}
		w.chain = chain
	}
	w.chain.Repeat()
	return w.chain.Next(ctx)
}

// openSecrets opens the keys after the chain has been seen to accept the hardware
// that keeps them.
func (w *Worker) openSecrets(ctx context.Context, head light.Head) (err error) {
	if err := w.checkBackend(ctx, head); err != nil {
		return err
	}
	if err := w.checkProvision(ctx, head); err != nil {
		return err
	}
	from := origin{seed: w.config.Seed, handover: len(w.config.Replicas) > 0}
	if w.secrets, err = loadSecrets(w.config.DataDir, w.vault, from); err != nil {
		return err
	}
	retired, err := w.isRetired(ctx, head, w.secrets.public())
	if err == nil && retired {
		w.config.Log.Warn("the chain has retired this worker's key; it draws a new one", "retired", wire.Hash(w.secrets.public()).String())
		err = w.secrets.renew(w.config.DataDir, w.vault)
	}
	if err != nil {
		return err
	}
	w.public = w.secrets.public()
	return w.quote(ctx, head)
}

// openState restores the state and compares it with the chain's.
func (w *Worker) openState(ctx context.Context, head light.Head) error {
	if err := w.publication.open(w.config.DataDir, w.vault); err != nil {
		w.config.Log.Error("the epoch's published snapshot is not offered again", "error", err)
	}
	w.snapshots = newSnapshots(w.config.DataDir, w.vault)
	restored, err := w.recover()
	if errors.Is(err, ErrUnrecoverable) && len(w.config.Replicas) > 0 {
		restored, head, err = w.join(ctx, head)
	}
	if err != nil {
		return err
	}
	w.contract, w.keyring, w.commits.pending = restored.contract, restored.keyring, w.signed(restored.pending)
	w.inbox = light.NewInboxReader(w.chain, w.config.Node, restored.position(w.chain))
	w.savedAt = time.Now()
	if w.contract.Checkpoint() > 0 && w.contract.Epoch() > 0 {
		// An older generation may hold a seed whose time is over: both are written soon.
		w.savedEpoch = unknownEpoch
	}
	s, err := w.readState(ctx, head)
	if err != nil {
		return err
	}
	w.reportBehind(s)
	if err := w.settle(s); err != nil {
		return err
	}
	w.state = s
	w.chain.Repeat() // its inbox is still to be read
	return nil
}

// listen serves the API.
func (w *Worker) listen(ctx context.Context) error {
	if w.config.Listen == "" {
		return nil
	}
	measured, err := api.NewMetrics(w.config.Registerer)
	if err != nil {
		return fmt.Errorf("worker: register metrics: %w", err)
	}
	server, err := api.New(api.Config{Service: w, Limits: w.config.API, Origins: w.config.Origins, Proxies: w.config.Proxies, Log: w.config.Log, Metrics: measured})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", w.config.Listen)
	if err != nil {
		return fmt.Errorf("worker: listen on %s (is another process using it?): %w", w.config.Listen, err)
	}
	w.server, w.address = server, listener.Addr()
	w.running.Go(func() {
		if err := server.Serve(listener); err != nil {
			w.stop(fmt.Errorf("worker: serve the API: %w", err))
		}
	})
	return nil
}

// Address is where the API listens; nil if it does not.
func (w *Worker) Address() net.Addr { return w.address }

// Public is the worker's key on the chain.
func (w *Worker) Public() [32]byte { return w.public }

// Ready is closed when the worker has caught up with the chain for the first time.
func (w *Worker) Ready() <-chan struct{} { return w.ready }

// Done is closed when the worker has stopped or begins to.
func (w *Worker) Done() <-chan struct{} { return w.stopped }

// Err says why the worker stopped by itself; nil while it runs and after Close.
func (w *Worker) Err() error {
	w.stopMutex.Lock()
	defer w.stopMutex.Unlock()
	return w.cause
}

// serving tells whether questions are answered: from when the worker has caught up
// until it stops.
func (w *Worker) serving() bool {
	select {
	case <-w.stopped:
		return false
	default:
		return w.caughtUp.Load()
	}
}

// stop ends the worker for a reason. It answers nothing more: what it computed
// is in doubt.
func (w *Worker) stop(cause error) {
	w.stopMutex.Lock()
	defer w.stopMutex.Unlock()
	select {
	case <-w.stopped:
		return
	default:
	}
	w.cause = cause
	close(w.stopped)
	w.metrics.setReady(false)
	if cause != nil {
		w.config.Log.Error("the worker stops", "error", cause)
	}
	if w.cancel != nil {
		w.cancel()
	}
}

// Close stops the worker, writes a last snapshot and erases the secrets from
// memory. After it stopped by itself, no snapshot is written.
func (w *Worker) Close() error {
	w.closing.Do(func() { w.closed = w.close() })
	return w.closed
}

func (w *Worker) close() error {
	w.stop(nil)
	var err error
	if w.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		err = w.server.Close(ctx)
		cancel()
	}
	w.running.Wait()
	w.streams.endAll(api.ErrNotReady)
	if w.Err() == nil {
		w.saveLast()
	}
	return errors.Join(err, w.release())
}

// release erases secrets, ends the connection to the node and gives the data
// folder free.
func (w *Worker) release() error {
	if w.keyring != nil {
		w.keyring.Wipe()
	}
	if w.secrets != nil {
		w.secrets.wipe()
	}
	if w.metrics != nil {
		w.metrics.unregister()
	}
	var err error
	if node, ok := w.config.Node.(io.Closer); ok {
		err = node.Close()
	}
	if w.lock != nil {
		err = errors.Join(err, w.lock.Close())
	}
	return err
}
