package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/relay/api"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

const (
	// saveInterval is how often statistics are written.
	saveInterval = 30 * time.Second
	// drainPause is how often Close looks whether everything is final.
	drainPause = 20 * time.Millisecond
)

// Relay is a running relay.
type Relay struct {
	config     Config
	account    scale.AccountID
	metrics    *metrics
	statistics *statistics
	mouths     []*mouth
	server     *api.Server
	listener   net.Listener
	running    sync.WaitGroup
	cancel     context.CancelFunc

	// signing is held by whoever gives nonces to batches or takes them away; it is locked before mutex.
	signing sync.Mutex

	// mutex guards what follows, and the tickets of batches.
	mutex    sync.Mutex
	chain    *chain.Client // nil while none is followed
	version  *chain.Version
	book     *book
	batches  []*batch // under way, by nonce
	next     uint32   // nonce of the next batch
	gapSince time.Time
	standing standing
	closing  bool

	// Of the goroutine that follows:
	position light.Position
	counted  uint32 // the last block whose events are in the statistics
}

// Start connects to the chain, and serves.
func Start(ctx context.Context, config Config) (*Relay, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	r := &Relay{config: config, account: config.Account.AccountID(), book: newBook()}
	var err error
	if r.statistics, err = openStatistics(config.Statistics); err != nil {
		return nil, err
	}
	if r.metrics, err = newMetrics(config.Registerer); err != nil {
		return nil, err
	}
	client, at, err := r.connectAny(ctx)
	if err == nil {
		if err = r.begin(ctx, client); err == nil {
			err = r.listen()
		}
		if err != nil {
			client.Close()
		}
	}
	if err != nil {
		r.metrics.unregister()
		return nil, err
	}
	r.run(client, at)
	return r, nil
}

// begin takes over where the account and the inbox stand.
func (r *Relay) begin(ctx context.Context, client *chain.Client) error {
	view := client.View()
	tail, err := client.InboxAfter(ctx, view.Head)
	if err != nil {
		return err
	}
	r.position = tail.Position()
	account, err := client.AccountAt(ctx, view.Head, r.account)
	if err != nil {
		return err
	}
	r.next = account.Nonce
	for _, node := range r.config.Nodes { // what a former run has sent may still wait in a pool
		asking, cancel := context.WithTimeout(ctx, nodeTimeout)
		next, err := node.NextNonce(asking, r.account)
		cancel()
		if err == nil {
			r.next = max(r.next, next)
		}
	}
	r.settle(&view, account)
	return nil
}

func (r *Relay) listen() (err error) {
	if r.config.Listen == "" {
		return nil
	}
	apiMetrics, err := api.NewMetrics(r.config.Registerer)
	if err != nil {
		return err
	}
	r.server, err = api.New(api.Config{Service: r, Limits: r.config.API, Origins: r.config.Origins, Proxies: r.config.Proxies,
		Log: r.config.Log, Metrics: apiMetrics})
	if err == nil {
		r.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", r.config.Listen)
	}
	if err != nil {
		apiMetrics.Unregister()
		return fmt.Errorf("relay: serve the API: %w; choose another address with --listen", err)
	}
	return nil
}

func (r *Relay) run(client *chain.Client, at int) {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.chain = client
	for _, node := range r.config.Nodes {
		m := &mouth{node: node, waiting: make(chan []byte, maxHanding)}
		r.mouths = append(r.mouths, m)
		r.running.Go(func() { r.speak(ctx, m) })
	}
	r.running.Go(func() { r.follow(ctx, client, at) })
	r.running.Go(func() { r.beat(ctx) })
	if r.server != nil {
		r.running.Go(func() {
			if err := r.server.Serve(r.listener); err != nil {
				r.config.Log.Error("the API has ended", "error", err)
			}
		})
	}
}

// beat has batches leave at each tick, and statistics written.
func (r *Relay) beat(ctx context.Context) {
	ticks := r.config.Ticks
	if ticks == nil {
		ticker := time.NewTicker(r.config.Interval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	saves := time.NewTicker(saveInterval)
	defer saves.Stop()
	for {
		select {
		case <-ticks:
			r.tick(ctx)
		case <-saves.C:
			if err := r.statistics.save(); err != nil {
				r.config.Log.Warn("the statistics could not be written", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Close takes nothing more, sends what waits, and waits a while until that is final.
func (r *Relay) Close() error {
	r.mutex.Lock()
	r.closing = true
	r.stand(api.ErrClosing)
	r.mutex.Unlock()
	deadline := time.Now().Add(r.config.DrainTimeout)
	for !r.drained() && time.Now().Before(deadline) {
		r.tick(context.Background())
		time.Sleep(drainPause)
	}
	var err error
	if r.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), nodeTimeout)
		err = r.server.Close(ctx)
		cancel()
	}
	if !r.drained() {
		r.config.Log.Warn("stopped before everything was final; what is under way may still take effect")
	}
	r.cancel()
	r.running.Wait()
	r.metrics.unregister()
	return errors.Join(err, r.statistics.save())
}

func (r *Relay) drained() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.book.queue) == 0 && len(r.batches) == 0
}

// Address is where the API listens; nil if it does not.
func (r *Relay) Address() net.Addr {
	if r.listener == nil {
		return nil
	}
	return r.listener.Addr()
}

// Account is who signs and pays.
func (r *Relay) Account() scale.AccountID { return r.account }

// Statistics are the totals of the last epochs.
func (r *Relay) Statistics() []EpochStatistics { return r.statistics.all() }
