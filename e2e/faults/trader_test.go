package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// operationTime bounds one thing that a trader does while everything around breaks.
const operationTime = 45 * time.Second

// trader is a wallet that never rests, and writes down what it was told.
type trader struct {
	site   *site
	name   string
	pair   keys.Pair
	random *rand.Rand
	wallet *wallet.Client
	close  func()
	pairs  *wallet.Pair

	book     book
	stopping chan struct{}
	stopped  sync.WaitGroup
}

// book is what the trader was told is done.
type book struct {
	deposits    map[uint64]payment // by their number
	withdrawals map[uint64]payment // by their number in the outbox
	placed      map[uint64]uint64  // order -> lots
	cancelled   map[uint64]bool
	done        map[string]int // by kind of operation
	unclear     map[string]int // by kind of operation: nobody said what became of it
	late        []string       // what got no answer for long
	problems    []string
}

type payment struct {
	asset  uint32
	amount uint64
}

func (s *site) trader(name string, random *rand.Rand) *trader {
	s.t.Helper()
	pair := must[keys.Pair](s.t, name)(keys.DevPair(keys.Sr25519, name))
	tr := &trader{site: s, name: name, pair: pair, random: random, stopping: make(chan struct{}), book: book{
		deposits: map[uint64]payment{}, withdrawals: map[uint64]payment{}, placed: map[uint64]uint64{}, cancelled: map[uint64]bool{},
		done: map[string]int{}, unclear: map[string]int{}}}
	until(s.t, "a wallet", func() bool { return tr.open() == nil })
	s.t.Cleanup(func() { tr.close() })
	return tr
}

// open opens the wallet as another process would: all it knows is in its home.
func (tr *trader) open() error {
	ctx, cancel := context.WithTimeout(context.Background(), operationTime)
	defer cancel()
	home, err := wallet.OpenHome(filepath.Join(tr.site.folder, "wallet-"+tr.name))
	if err != nil {
		return err
	}
	store, err := home.HeadStore(tr.site.genesis)
	if err != nil {
		return err
	}
	node := chain.DialRPC("ws://" + tr.site.nodeAt.address())
	client, err := chain.Connect(ctx, node, chain.Config{Genesis: tr.site.genesis, Store: store})
	if err != nil {
		return errors.Join(err, node.Close(), store.Close())
	}
	vault, err := home.Vault(tr.pair, wire.Instance{Genesis: tr.site.genesis})
	if err != nil {
		return err
	}
	asked, err := wallet.DialWorker("http://" + tr.site.workAt.address())
	if err != nil {
		return err
	}
	tr.wallet = wallet.New(wallet.Config{Chain: client, Worker: asked, Pair: tr.pair, Vault: vault})
	tr.close = func() {
		asked.Close()
		client.Close()
		_ = node.Close()
		_ = store.Close()
	}
	return nil
}

func (tr *trader) account() scale.AccountID { return tr.pair.AccountID() }

// begin opens the session, with the first deposits, before anything breaks.
func (tr *trader) begin() {
	t := tr.site.t
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	if _, err := tr.wallet.Chain().Wait(ctx, func(v *chain.View) bool { return v.Commit.Some }); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.wallet.OpenSession(ctx, 24*time.Hour); err != nil {
		t.Fatalf("%s opens a session: %v", tr.name, err)
	}
	listing := must[*wallet.Listing](t, "listing")(tr.wallet.Listing(ctx))
	tr.pairs = must[*wallet.Pair](t, "market")(listing.PairByID(market))
	for _, p := range []payment{{ksm, 10 * oneKSM}, {usdt, 1_000 * oneUSDT}} {
		if err := tr.deposit(ctx, p, false); err != nil {
			t.Fatalf("%s deposits: %v", tr.name, err)
		}
	}
}

func (tr *trader) asset(id uint32) *chain.Asset {
	listing, err := tr.wallet.Listing(context.Background()) // it was read before
	if err != nil {
		return &chain.Asset{ID: id}
	}
	asset := listing.AssetByID(id)
	return &asset
}

func (tr *trader) deposit(ctx context.Context, p payment, sealed bool) error {
	made, err := tr.wallet.Deposit(ctx, tr.asset(p.asset), scale.U128From(p.amount), tr.account(), sealed)
	if err == nil {
		tr.book.deposits[made.ID] = p
	}
	return err
}

// trade does one thing after another until it is told to stop.
func (tr *trader) start() {
	tr.stopping = make(chan struct{})
	tr.stopped.Go(func() {
		for {
			select {
			case <-tr.stopping:
				return
			case <-time.After(time.Duration(tr.random.IntN(30)) * time.Millisecond):
				tr.operate()
			}
		}
	})
}

// stop waits for what is under way.
func (tr *trader) stop() {
	close(tr.stopping)
	tr.stopped.Wait()
}

// operations of a trader, as often as their weights say.
var operations = []struct {
	name   string
	weight int
	do     func(*trader, context.Context) error
}{
	{"deposit", 15, func(tr *trader, ctx context.Context) error { return tr.deposit(ctx, tr.some(), tr.random.IntN(3) == 0) }},
	{"unreadable deposit", 3, (*trader).depositUnreadable},
	{"place", 45, (*trader).place},
	{"cancel", 15, (*trader).cancel},
	{"cancel all", 3, (*trader).cancelAll},
	{"withdraw", 16, (*trader).withdraw},
	{"withdraw too little", 2, (*trader).withdrawDust},
	{"dummy", 3, func(tr *trader, ctx context.Context) error { return tr.wallet.Dummy(ctx) }},
	{"reopen", 2, func(tr *trader, _ context.Context) error { tr.close(); return tr.open() }},
}

func (tr *trader) operate() {
	total := 0
	for i := range operations {
		total += operations[i].weight
	}
	pick := tr.random.IntN(total)
	for i := range operations {
		if pick -= operations[i].weight; pick >= 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), operationTime)
		started := time.Now()
		err := operations[i].do(tr, ctx)
		for err != nil && operations[i].name == "reopen" && ctx.Err() == nil && !light.Refused(err) {
			time.Sleep(50 * time.Millisecond)
			err = tr.open()
		}
		cancel()
		if errors.Is(err, wallet.ErrNoSession) && time.Since(started) > epochDuration*time.Millisecond {
			err = fmt.Errorf("its epoch ended before the command arrived: %v", err) //nolint:errorlint // no accusation
		}
		tr.note(operations[i].name, err)
		return
	}
}

// accusations are errors that no crash of an honest node or worker may cause.
var accusations = []error{wallet.ErrAnswerSignature, wallet.ErrAnswerWorker, wallet.ErrAnswerRoot, wallet.ErrAnswerKind, wallet.ErrAnswerPage,
	wallet.ErrAnswerLeaf, wallet.ErrAnswerAccount, wallet.ErrNoSession, chain.ErrNotFinal, chain.ErrBody, chain.ErrNotInBlock, chain.ErrEvents,
	chain.ErrHalted, chain.ErrState, chain.ErrForgotten}

func (tr *trader) note(operation string, err error) {
	if err == nil {
		tr.book.done[operation]++
		return
	}
	tr.book.unclear[operation]++
	wrong := light.Refused(err)
	for _, accusation := range accusations {
		wrong = wrong || errors.Is(err, accusation)
	}
	if wrong {
		tr.book.problems = append(tr.book.problems, fmt.Sprintf("%s: %s: %v", tr.name, operation, err))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		tr.book.late = append(tr.book.late, fmt.Sprintf("%s: %v", operation, err))
	}
	time.Sleep(100 * time.Millisecond) // as people do, who try again
}

// some is an amount worth depositing or withdrawing.
func (tr *trader) some() payment {
	if tr.random.IntN(2) == 0 {
		return payment{ksm, oneKSM/100 + tr.random.Uint64N(oneKSM/10)}
	}
	return payment{usdt, oneUSDT + tr.random.Uint64N(10*oneUSDT)}
}

// depositUnreadable seals nothing to nobody: the contract pays it back.
func (tr *trader) depositUnreadable(ctx context.Context) error {
	sealed := make([]byte, wire.SealedBeneficiarySize)
	for i := range sealed {
		sealed[i] = byte(tr.random.Uint32())
	}
	p := tr.some()
	call, err := wire.CallDeposit(p.asset, scale.U128From(p.amount), wire.SealedBeneficiary(sealed))
	if err != nil {
		return err
	}
	sent, err := tr.wallet.Chain().SubmitAndWatch(ctx, extrinsic.SignerOf(tr.pair), call)
	if err != nil {
		return err
	}
	_, err = sent.Included(ctx)
	return err
}

func (tr *trader) place(ctx context.Context) error {
	order := wallet.Order{Pair: tr.pairs, Side: uint8(tr.random.IntN(2)), Price: 1_990 + tr.random.Uint64N(21), Quantity: 10 + tr.random.Uint64N(300)}
	if tr.random.IntN(5) == 0 {
		order.TimeInForce = wire.ImmediateOrCancel
	}
	result, err := tr.wallet.Place(ctx, order)
	if err == nil {
		tr.book.placed[result.Order] = order.Quantity
	}
	return err
}

func (tr *trader) cancel(ctx context.Context) error {
	orders, err := tr.wallet.Orders(ctx)
	if err != nil || len(orders) == 0 {
		return err
	}
	order := orders[tr.random.IntN(len(orders))]
	if tr.random.IntN(4) == 0 && order.Remaining > 1 {
		_, err = tr.wallet.Amend(ctx, order.Order, 0, order.Remaining/2)
		return err
	}
	if _, err = tr.wallet.Cancel(ctx, order.Order); err == nil {
		tr.book.cancelled[order.Order] = true
	}
	return err
}

func (tr *trader) cancelAll(ctx context.Context) error {
	results, err := tr.wallet.CancelAll(ctx, scale.None[uint32]())
	for i := range results {
		tr.book.cancelled[results[i].Order] = true
	}
	return err
}

func (tr *trader) withdraw(ctx context.Context) error {
	return tr.withdrawTo(ctx, tr.some(), tr.account())
}

// withdrawDust pays an account that is not there less than keeps it there: the payout fails and becomes claimable.
func (tr *trader) withdrawDust(ctx context.Context) error {
	nobody := scale.AccountID{0xfa}
	for i := 1; i < len(nobody); i++ {
		nobody[i] = byte(tr.random.Uint32())
	}
	return tr.withdrawTo(ctx, payment{ksm, 1 + tr.random.Uint64N(999)}, nobody)
}

func (tr *trader) withdrawTo(ctx context.Context, p payment, to scale.AccountID) error {
	made, err := tr.wallet.Withdraw(ctx, tr.asset(p.asset), scale.U128From(p.amount), to)
	if err == nil {
		tr.book.withdrawals[made.Outbox] = p
	}
	return err
}
