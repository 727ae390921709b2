package wallet_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// forgery is what a dishonest worker does, what it is asked, and the error that names it.
type forgery struct {
	name string
	lie  func(*network)
	ask  func(context.Context, *wallet.Client) error
	want error
}

func balances(ctx context.Context, c *wallet.Client) error { _, _, err := c.Balances(ctx); return err }
func session(ctx context.Context, c *wallet.Client) error  { _, err := c.Session(ctx); return err }
func orders(ctx context.Context, c *wallet.Client) error   { _, err := c.Orders(ctx); return err }
func fills(ctx context.Context, c *wallet.Client) error    { _, err := c.Fills(ctx, 0, 0); return err }
func history(ctx context.Context, c *wallet.Client) error  { _, err := c.History(ctx, 0, 0); return err }
func receipt(ctx context.Context, c *wallet.Client) error  { _, err := c.Receipt(ctx, 1); return err }

func bend(change func(*wire.Answer)) func(*network) {
	return func(n *network) { n.bend = change }
}

func twist(change func(*wire.Answer)) func(*network) {
	return func(n *network) { n.twist = change }
}

var forgeries = []forgery{
	{"an altered signature", twist(func(a *wire.Answer) { a.Signature[0] ^= 1 }), session, wallet.ErrAnswerSignature},
	{"a number altered after signing", twist(func(a *wire.Answer) { a.Body.NextSequence++ }), session, wallet.ErrAnswerSignature},
	{"another worker's name", twist(func(a *wire.Answer) { a.Worker[0] ^= 1 }), session, wallet.ErrAnswerSignature},
	{"an unregistered worker", func(n *network) {
		stranger, _ := keys.NewPair(keys.Ed25519, [32]byte{0x78})
		n.signer = stranger
	}, session, wallet.ErrAnswerWorker},
	{"a worker that was removed", func(n *network) { n.Delete(wire.StorageWorker(n.signer.Public())); n.Block() }, session, wallet.ErrAnswerWorker},
	{"another state", bend(func(a *wire.Answer) { a.StateRoot[5] ^= 1 }), session, wallet.ErrAnswerRoot},
	{"another block", bend(func(a *wire.Answer) { a.BlockHash[5] ^= 1 }), session, wallet.ErrAnswerRoot},
	{"another block number", bend(func(a *wire.Answer) { a.Number++ }), session, wallet.ErrAnswerRoot},
	{"a checkpoint that never is committed", bend(func(a *wire.Answer) { a.Checkpoint += 1000 }), session, wallet.ErrAnswerCommit},
	{"a checkpoint from before", bend(func(a *wire.Answer) { a.Checkpoint -= 2 }), session, wallet.ErrAnswerRoot},
	{"another network", bend(func(a *wire.Answer) { a.Instance.Genesis[0] ^= 1 }), session, seal.ErrAnswer},
	{"another contract", bend(func(a *wire.Answer) { a.Instance.Contract++ }), session, seal.ErrAnswer},
	{"the answer to another request", bend(func(a *wire.Answer) { a.Request[0] ^= 1 }), session, seal.ErrAnswer},
	{"bytes that do not open", func(n *network) { n.scramble = func(b []byte) []byte { b[40] ^= 1; return b } }, session, seal.ErrSealed},
	{"no bytes", func(n *network) { n.scramble = func([]byte) []byte { return nil } }, session, seal.ErrSealed},
	{"a recorded answer", func(n *network) {
		var first []byte
		n.scramble = func(b []byte) []byte {
			if first == nil {
				first = b
			}
			return first
		}
	}, func(ctx context.Context, c *wallet.Client) error {
		return errors.Join(session(ctx, c), session(ctx, c))
	}, seal.ErrSealed},
	{"a refusal", bend(func(a *wire.Answer) {
		a.Body = wire.AnswerBody{Kind: wire.AnswerRefused, Reason: "no session of that account is open"}
	}),
		session, wallet.ErrNoSession},

	{"orders instead of balances", bend(func(a *wire.Answer) { a.Body = wire.AnswerBody{Kind: wire.QueryOrders} }), balances, wallet.ErrAnswerKind},
	{"a larger balance", bend(func(a *wire.Answer) { a.Body.Balances[0].Leaf.Available.Hi++ }), balances, wallet.ErrAnswerLeaf},
	{"a smaller hold", bend(func(a *wire.Answer) { a.Body.Balances[0].Leaf.Held.Lo++ }), balances, wallet.ErrAnswerLeaf},
	{"another remainder", bend(func(a *wire.Answer) { a.Body.Balances[0].Remainder[0] ^= 1 }), balances, wallet.ErrAnswerLeaf},
	{"another place in the tree", bend(func(a *wire.Answer) { a.Body.Balances[0].Index += 64 }), balances, nil},
	{"another's balance", bend(func(a *wire.Answer) { a.Body.Balances[0].Leaf.Account[0] ^= 1 }), balances, wallet.ErrAnswerAccount},
	{"a balance twice", bend(func(a *wire.Answer) { a.Body.Balances = append(a.Body.Balances, a.Body.Balances[0]) }), balances, wallet.ErrAnswerPage},
	{"pages without end", bend(func(a *wire.Answer) { a.Body.More, a.Body.Balances = true, nil }), balances, wallet.ErrAnswerPage},
	{"the same page again", bend(func(a *wire.Answer) { a.Body.More = true }), balances, wallet.ErrAnswerPage},

	{"orders out of order", bend(func(a *wire.Answer) { a.Body.Orders = []wire.OpenOrder{{Order: 2}, {Order: 1}} }), orders, wallet.ErrAnswerPage},
	{"fills out of order", bend(func(a *wire.Answer) { a.Body.Fills = []wire.Fill{{Index: 2}, {Index: 2}} }), fills, wallet.ErrAnswerPage},
	{"a fill before the first", bend(func(a *wire.Answer) { a.Body.Fills = []wire.Fill{{}} }), fills, wallet.ErrAnswerPage},
	{"history out of order", bend(func(a *wire.Answer) { a.Body.Entries[0].Index = 1 << 60 }), history, wallet.ErrAnswerPage},
	{"history without end", bend(func(a *wire.Answer) { a.Body.More, a.Body.Entries = true, nil }), history, wallet.ErrAnswerPage},

	{"another fill's receipt", bend(func(a *wire.Answer) { a.Body.Fill.Index++ }), receipt, wallet.ErrAnswerKind},
	{"a receipt of one balance twice", bend(func(a *wire.Answer) { a.Body.Quote = a.Body.Base }), receipt, wallet.ErrAnswerKind},
	{"a receipt with an altered balance", bend(func(a *wire.Answer) { a.Body.Quote.Leaf.Available.Lo++ }), receipt, wallet.ErrAnswerLeaf},
	{"a receipt with another's balance", bend(func(a *wire.Answer) { a.Body.Base.Leaf.Account[3]++ }), receipt, wallet.ErrAnswerAccount},
	{"a receipt of swapped balances", bend(func(a *wire.Answer) { a.Body.Base, a.Body.Quote = a.Body.Quote, a.Body.Base }), receipt, wallet.ErrAnswerKind},
	{"no such fill", bend(func(a *wire.Answer) {
		a.Body = wire.AnswerBody{Kind: wire.AnswerRefused, Reason: "no such fill is kept; list the fills"}
	}),
		receipt, errRefused},
}

// errRefused stands for any *wallet.Refused.
var errRefused = errors.New("a *Refused")

func TestForgedAnswersAreRefused(t *testing.T) {
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			alice, bob := n.funded("Alice"), n.funded("Bob")
			if _, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2500, 100)); err != nil {
				t.Fatal(err)
			}
			if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 200)); err != nil {
				t.Fatal(err)
			}
			if err := f.ask(soon(t), alice); err != nil {
				t.Fatalf("an honest worker: %v", err)
			}
			f.lie(n)
			best := n.Best()
			if _, err := alice.Chain().Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= best.Number }); err != nil {
				t.Fatal(err)
			}
			err := f.ask(soon(t), alice)
			var refused *wallet.Refused
			switch {
			case err == nil:
				t.Error("it was believed")
			case f.want == errRefused && errors.As(err, &refused), f.want == nil: // any reason will do
			case !errors.Is(err, f.want):
				t.Errorf("%v instead of %v", err, f.want)
			}
			if cause, remedy := wallet.Explain(err); cause == "" || remedy == "" {
				t.Errorf("%v has the cause %q and the remedy %q", err, cause, remedy)
			}
		})
	}
}

// TestOldAnswersAreRefused stops all commits: what was last committed is true, but no longer news.
func TestOldAnswersAreRefused(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	old := n.Now()
	for n.Now().Sub(old) < wallet.MaximumAnswerAge-2*time.Second {
		n.Block()
	}
	wait := func() {
		best := n.Best()
		if _, err := alice.Chain().Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= best.Number }); err != nil {
			t.Fatal(err)
		}
	}
	wait()
	if err := balances(soon(t), alice); err != nil {
		t.Errorf("before the minute is over: %v", err)
	}
	for range 5 {
		n.Block()
	}
	wait()
	if err := balances(soon(t), alice); !errors.Is(err, wallet.ErrAnswerStale) {
		t.Errorf("%v instead of %v", err, wallet.ErrAnswerStale)
	}
	// A new wallet, which has not seen the old blocks, proves their time.
	fresh := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader("Bob"), Patience: time.Second})
	if _, err := fresh.OpenSession(soon(t), time.Hour); err != nil {
		t.Fatal(err)
	}
}

// TestWorkersBehindAreRefused lets the chain know of a later commit than the worker.
func TestWorkersBehindAreRefused(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	var old *wire.Answer
	n.bend = func(a *wire.Answer) {
		if old == nil {
			old = a
		}
		a.Checkpoint, a.Number, a.BlockHash, a.StateRoot = old.Checkpoint, old.Number, old.BlockHash, old.StateRoot
	}
	if err := session(soon(t), alice); err != nil {
		t.Fatal(err)
	}
	_, err := alice.CloseSession(soon(t)) // it asks again after the commit that closes the session
	if !errors.Is(err, wallet.ErrAnswerBehind) {
		t.Errorf("%v instead of %v", err, wallet.ErrAnswerBehind)
	}
}

// TestAnswersAheadOfTheChainWaitForIt: a worker that has finished a checkpoint is right before the chain knows.
func TestAnswersAheadOfTheChainWaitForIt(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	n.holdCommits = true
	asset := n.listing(alice).AssetByID(ksm)
	done := make(chan error, 1)
	go func() {
		_, err := alice.Deposit(context.Background(), &asset, units("500"), alice.Account(), false)
		done <- err
	}()
	for held := false; !held; time.Sleep(time.Millisecond) {
		n.mutex.Lock()
		held = n.held != nil
		n.mutex.Unlock()
	}
	asked := make(chan error, 1)
	go func() { asked <- balances(context.Background(), alice) }()
	select {
	case err := <-asked:
		t.Fatalf("an answer was believed before its commit: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	n.release()
	if err := errors.Join(<-asked, <-done); err != nil {
		t.Error(err)
	}
}

func TestHaltedChainsAreNamed(t *testing.T) {
	n := newNetwork(t)
	alice := n.funded("Alice")
	n.holdCommits = true
	n.Set(wire.StorageDiscrepancy(), []byte{1})
	if err := alice.Dummy(soon(t)); !errors.Is(err, chain.ErrHalted) {
		t.Errorf("%v instead of %v", err, chain.ErrHalted)
	}
}

func TestReceiptsConvinceOthers(t *testing.T) {
	n := newNetwork(t)
	alice, bob := n.funded("Alice"), n.funded("Bob")
	if _, err := bob.Place(soon(t), n.order(bob, wire.Sell, 2500, 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Place(soon(t), n.order(alice, wire.Buy, 2500, 200)); err != nil {
		t.Fatal(err)
	}
	good, err := alice.Receipt(soon(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	encoded := wallet.ReceiptCodec.Marshal(*good)
	if len(encoded) > wallet.MaximumReceipt {
		t.Errorf("a receipt of %d bytes", len(encoded))
	}
	for name, change := range map[string]func(*wallet.Receipt){
		"":                       func(*wallet.Receipt) {},
		"the fill":               func(r *wallet.Receipt) { r.Answer.Body.Fill.Quantity++ },
		"a balance":              func(r *wallet.Receipt) { r.Answer.Body.Base.Leaf.Available.Lo++ },
		"the signature":          func(r *wallet.Receipt) { r.Answer.Signature[1] ^= 1 },
		"the header":             func(r *wallet.Receipt) { r.Header.StateRoot[0] ^= 1 },
		"the proof":              func(r *wallet.Receipt) { r.Nodes = r.Nodes[1:] },
		"the network":            func(r *wallet.Receipt) { r.Answer.Instance.Genesis[0]++ },
		"what it is":             func(r *wallet.Receipt) { r.Answer.Body.Kind = wire.QueryFills },
		"whose quote balance":    func(r *wallet.Receipt) { r.Answer.Body.Quote.Leaf.Account[0]++ },
		"the worker":             func(r *wallet.Receipt) { r.Answer.Worker[0]++ },
		"the committed root too": func(r *wallet.Receipt) { resign(n, r, func(a *wire.Answer) { a.Checkpoint++ }) },
		"the leaf, signed anew":  func(r *wallet.Receipt) { resign(n, r, func(a *wire.Answer) { a.Body.Base.Leaf.Held.Lo++ }) },
	} {
		receipt, err := wallet.ReceiptCodec.Unmarshal(encoded)
		if err != nil {
			t.Fatal(err)
		}
		change(&receipt)
		if err := receipt.Verify(n.Genesis()); (err == nil) != (name == "") {
			t.Errorf("after a change of %s: %v", name, err)
		}
	}
	if err := good.Verify(scale.Hash{1}); err == nil {
		t.Error("a receipt of another network was accepted")
	}
	if err := alice.Chain().Final(soon(t), good.Block()); err != nil {
		t.Errorf("its block: %v", err)
	}
}

// resign is what a dishonest worker can do: sign something else.
func resign(n *network, r *wallet.Receipt, change func(*wire.Answer)) {
	change(&r.Answer)
	digest := r.Answer.Digest()
	r.Answer.Signature = n.signer.Sign(digest[:])
}
