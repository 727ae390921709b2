package chain_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
	lightmemory "github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wallet/memory"
	"github.com/bitcloak/bitcloak/wire"
)

const callRemark = "\x00\x00\x04\x2a"

// timeout bounds what a test waits for.
const timeout = 5 * time.Second

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	return ctx
}

func alice(t *testing.T) extrinsic.Signer {
	t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, "Alice")
	if err != nil {
		t.Fatal(err)
	}
	return extrinsic.SignerOf(pair)
}

// network is a node whose genesis funds Alice.
func network(t *testing.T) *memory.Node {
	t.Helper()
	n := memory.New(lightmemory.Options{})
	n.Fund(alice(t).Account, scale.U128From(1000))
	n.Block()
	return n
}

func connect(t *testing.T, node chain.Node, n *memory.Node) *chain.Client {
	t.Helper()
	client, err := chain.Connect(soon(t), node, chain.Config{Genesis: n.Genesis(), Now: n.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func send(t *testing.T, client *chain.Client) (*chain.Inclusion, error) {
	t.Helper()
	sent, err := client.SubmitAndWatch(soon(t), alice(t), []byte(callRemark))
	if err != nil {
		return nil, err
	}
	return sent.Included(soon(t))
}

func TestTransactionsAreSeenInProvenBlocks(t *testing.T) {
	n := network(t)
	n.Execute = func(_ scale.AccountID, call []byte) memory.Effects {
		if string(call) != callRemark {
			t.Errorf("the call arrived as %x", call)
		}
		return memory.Effects{Events: []memory.Event{{Pallet: wire.PalletPrivateAssets, Index: 0, Fields: make([]byte, 8+32+4+16)}}}
	}
	client := connect(t, n, n)
	for range 3 { // nonces are counted on
		inclusion, err := send(t, client)
		if err != nil {
			t.Fatal(err)
		}
		if inclusion.Index != 1 || len(inclusion.Events) != 2 || inclusion.Events[0].Name != "PrivateAssets.Deposited" {
			t.Errorf("inclusion %+v", inclusion)
		}
		if id, is := inclusion.Events[0].DepositID(); !is || id != 0 {
			t.Errorf("deposit %d, %v", id, is)
		}
		if best := n.Best(); inclusion.Block.Hash != best.Hash() {
			t.Error("the block is another")
		}
	}
}

func TestFailedCallsAreNamed(t *testing.T) {
	n := network(t)
	client := connect(t, n, n)
	for name, failure := range map[string][]byte{
		"PrivateAssets.Paused":   {3, wire.PalletPrivateAssets, 3, 0, 0, 0},
		"error 9 of pallet 77":   {3, 77, 9, 0, 0, 0},
		"Token.FundsUnavailable": {7, 0},
		"BadOrigin":              {2},
	} {
		n.Execute = func(scale.AccountID, []byte) memory.Effects { return memory.Effects{Failure: failure} }
		inclusion, err := send(t, client)
		var failed *chain.DispatchError
		if !errors.As(err, &failed) || failed.Name != name || inclusion == nil {
			t.Errorf("%v instead of %s", err, name)
		}
		if name == "PrivateAssets.Paused" && failed != nil && failed.Docs != "Deposits are paused; wait." {
			t.Errorf("the remedy is %q", failed.Docs)
		}
	}
}

// liar is a node that answers some questions as it likes.
type liar struct {
	*memory.Node
	body     func([][]byte) [][]byte
	watch    func(block scale.Hash) []chain.Status
	proof    func([][]byte) [][]byte
	metadata []byte
	refuse   error
}

func (l *liar) Body(ctx context.Context, block scale.Hash) ([][]byte, error) {
	body, err := l.Node.Body(ctx, block)
	if l.body != nil {
		body = l.body(body)
	}
	return body, err
}

func (l *liar) Watch(ctx context.Context, encoded []byte) (chain.Watch, error) {
	if l.refuse != nil {
		return nil, l.refuse
	}
	watch, err := l.Node.Watch(ctx, encoded)
	if err == nil && l.watch != nil {
		best := l.Best()
		return &memory.News{Statuses: l.watch(best.Hash())}, nil
	}
	return watch, err
}

func (l *liar) ReadProof(ctx context.Context, at scale.Hash, keys [][]byte) ([][]byte, error) {
	proof, err := l.Node.ReadProof(ctx, at, keys)
	if l.proof != nil {
		proof = l.proof(proof)
	}
	return proof, err
}

func (l *liar) Metadata(ctx context.Context) ([]byte, error) {
	if l.metadata != nil {
		return l.metadata, nil
	}
	return l.Node.Metadata(ctx)
}

func TestLiesAboutTransactionsAreRefused(t *testing.T) {
	finalized := func(block scale.Hash) []chain.Status {
		return []chain.Status{{Stage: chain.StageFinalized, Block: block}}
	}
	for name, c := range map[string]struct {
		lie  func(*liar)
		want error
	}{
		"another body":        {func(l *liar) { l.body = func([][]byte) [][]byte { return [][]byte{{1}} } }, chain.ErrBody},
		"no body":             {func(l *liar) { l.body = func([][]byte) [][]byte { return nil } }, chain.ErrBody},
		"a body too large":    {func(l *liar) { l.body = func([][]byte) [][]byte { return [][]byte{make([]byte, chain.MaxBody+1)} } }, chain.ErrBody},
		"another block":       {func(l *liar) { l.watch = func(scale.Hash) []chain.Status { return finalized(l.Genesis()) } }, chain.ErrForgotten},
		"an invented block":   {func(l *liar) { l.watch = func(scale.Hash) []chain.Status { return finalized(scale.Hash{1}) } }, lightmemory.ErrUnknown},
		"metadata not to fit": {func(l *liar) { l.metadata = metadataWithout(t) }, chain.ErrEvents},
		"no metadata":         {func(l *liar) { l.metadata = []byte("meta") }, chain.ErrEvents},
		"the pool refuses":    {func(l *liar) { l.refuse = &chain.RejectedError{Code: 1010, Message: "no"} }, errRejected},
		"a broken handover":   {func(l *liar) { l.refuse = context.DeadlineExceeded }, chain.ErrUnclear},
	} {
		n := network(t)
		l := &liar{Node: n}
		client := connect(t, l, n)
		c.lie(l)
		_, err := send(t, client)
		var rejected *chain.RejectedError
		if !errors.Is(err, c.want) && !(c.want == errRejected && errors.As(err, &rejected)) {
			t.Errorf("%s: %v instead of %v", name, err, c.want)
		}
	}
}

var errRejected = errors.New("a *RejectedError")

// metadataWithout is metadata in which the events of System are missing.
func metadataWithout(t *testing.T) []byte {
	t.Helper()
	runtime := memory.Metadata()
	runtime.Pallets[0].Events = nil
	encoded, err := runtime.Encode(14)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// TestBlocksAreSearchedWhenTheNodeFallsSilent: an inclusion must not depend on one subscription.
func TestBlocksAreSearchedWhenTheNodeFallsSilent(t *testing.T) {
	for name, statuses := range map[string][]chain.Status{
		"silent":            nil,
		"only pending":      {{Stage: chain.StagePending}},
		"dropped, it says":  {{Stage: chain.StageDropped, Reason: "usurped"}},
		"only in one block": {{Stage: chain.StageInBlock, Block: scale.Hash{9}}},
	} {
		n := network(t)
		l := &liar{Node: n, watch: func(scale.Hash) []chain.Status { return statuses }}
		client := connect(t, l, n)
		n.Sealed = func() { n.Block(); waitFor(client, n) }
		inclusion, err := send(t, client)
		if err != nil || inclusion.Index != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// waitFor gives the client time to see the newest block.
func waitFor(client *chain.Client, n *memory.Node) {
	best := n.Best()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_, _ = client.Wait(ctx, func(v *chain.View) bool { return v.Head.Number >= best.Number })
}

func TestDroppedTransactionsAreReported(t *testing.T) {
	n := network(t)
	l := &liar{Node: n}
	l.watch = func(scale.Hash) []chain.Status { return []chain.Status{{Stage: chain.StageDropped, Reason: "invalid"}} }
	l.body = func(body [][]byte) [][]byte { return body }
	client := connect(t, swallowing{l}, n)
	if _, err := send(t, client); !errors.Is(err, chain.ErrDropped) {
		t.Errorf("%v instead of %v", err, chain.ErrDropped)
	}
}

// swallowing is a node that forgets transactions and says so.
type swallowing struct{ *liar }

func (s swallowing) Watch(context.Context, []byte) (chain.Watch, error) {
	return &memory.News{Statuses: s.watch(scale.Hash{})}, nil
}

// crashing is a node that loses its pool, and what it was to tell of a transaction, right after it took it.
type crashing struct{ *memory.Node }

func (c crashing) Watch(context.Context, []byte) (chain.Watch, error) { return &memory.News{}, nil }

// TestLostTransactionsAreHandedInAgain: with the pool of a node that crashed, a transaction is not lost.
func TestLostTransactionsAreHandedInAgain(t *testing.T) {
	t.Parallel() // it waits
	n := network(t)
	client := connect(t, crashing{n}, n)
	if inclusion, err := send(t, client); err != nil || inclusion.Index != 1 {
		t.Errorf("%v", err)
	}
}

func TestNoncesAreAskedForAgain(t *testing.T) {
	n := network(t)
	client := connect(t, n, n)
	if _, err := send(t, client); err != nil {
		t.Fatal(err)
	}
	other := connect(t, n, n) // another wallet of the account
	if _, err := send(t, other); err != nil {
		t.Fatal(err)
	}
	if _, err := send(t, client); err != nil {
		t.Errorf("after another wallet's transaction: %v", err)
	}
}

func TestForgedProofsEndTheClient(t *testing.T) {
	n := network(t)
	l := &liar{Node: n}
	client := connect(t, l, n)
	l.proof = func(proof [][]byte) [][]byte {
		forged := append([][]byte(nil), proof...)
		forged[0] = append([]byte{0}, forged[0]...)
		return forged
	}
	n.Block()
	_, err := client.Wait(soon(t), func(v *chain.View) bool { return v.Head.Number >= 2 })
	if !errors.Is(err, light.ErrProof) {
		t.Errorf("%v instead of %v", err, light.ErrProof)
	}
	if _, err := client.Account(soon(t), alice(t).Account); !errors.Is(err, light.ErrProof) {
		t.Errorf("a read gave %v", err)
	}
}

func TestTheBlockNamedMustHoldTheTransaction(t *testing.T) {
	n := network(t)
	l := &liar{Node: n}
	client := connect(t, l, n)
	first, err := send(t, client)
	if err != nil {
		t.Fatal(err)
	}
	l.watch = func(scale.Hash) []chain.Status {
		return []chain.Status{{Stage: chain.StageFinalized, Block: first.Block.Hash}}
	}
	if _, err := send(t, client); !errors.Is(err, chain.ErrNotInBlock) {
		t.Errorf("%v instead of %v", err, chain.ErrNotInBlock)
	}
}

// forking is a node with a header of its own at the height of the best block.
type forking struct{ *liar }

func (f forking) forged() header.Header {
	forged := f.Best()
	forged.StateRoot[0] ^= 1
	return forged
}

func (f forking) Header(ctx context.Context, hash scale.Hash) ([]byte, error) {
	if forged := f.forged(); forged.Hash() == hash {
		return header.Codec.Marshal(forged), nil
	}
	return f.liar.Header(ctx, hash)
}

func TestBlocksOfAForkAreRefused(t *testing.T) {
	n := network(t)
	node := forking{&liar{Node: n}}
	client := connect(t, node, n)
	node.watch = func(scale.Hash) []chain.Status {
		forged := node.forged()
		return []chain.Status{{Stage: chain.StageFinalized, Block: forged.Hash()}}
	}
	if _, err := send(t, client); !errors.Is(err, chain.ErrNotFinal) {
		t.Errorf("%v instead of %v", err, chain.ErrNotFinal)
	}
}

// TestTransactionsExpire: after its last block, a transaction that is in none never will be.
func TestTransactionsExpire(t *testing.T) {
	n := network(t)
	l := &liar{Node: n, watch: func(scale.Hash) []chain.Status { return nil }}
	client := connect(t, swallowing{l}, n)
	sent, err := client.SubmitAndWatch(soon(t), alice(t), []byte(callRemark))
	if err != nil {
		t.Fatal(err)
	}
	empty, err := trie.OrderedRoot(trie.Layout0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2048 {
		n.SetExtrinsicsRoot(empty)
		n.Block()
	}
	if _, err := sent.Included(soon(t)); !errors.Is(err, chain.ErrExpired) {
		t.Errorf("%v instead of %v", err, chain.ErrExpired)
	}
}

func TestClosedClients(t *testing.T) {
	n := network(t)
	client := connect(t, n, n)
	client.Close()
	if _, err := client.Wait(soon(t), func(*chain.View) bool { return false }); !errors.Is(err, chain.ErrClosed) {
		t.Errorf("%v instead of %v", err, chain.ErrClosed)
	}
}

func TestStaleHeadsAreRefused(t *testing.T) {
	t.Parallel() // it waits
	n := network(t)
	late := time.Duration(0)
	client, err := chain.Connect(soon(t), n, chain.Config{Genesis: n.Genesis(), Now: func() time.Time { return n.Now().Add(late) }})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Fresh(soon(t)); err != nil {
		t.Fatal(err)
	}
	late = chain.MaxHeadAge + time.Second
	ctx, cancel := context.WithTimeout(context.Background(), 2*timeout)
	defer cancel()
	if _, err := client.Fresh(ctx); !errors.Is(err, chain.ErrStaleHead) {
		t.Errorf("%v instead of %v", err, chain.ErrStaleHead)
	}
}

func TestOtherNetworksAreRefused(t *testing.T) {
	n := network(t)
	if _, err := chain.Connect(soon(t), n, chain.Config{Genesis: scale.Hash{7}, Now: n.Now}); err == nil {
		t.Error("a node of another network was accepted")
	}
}
