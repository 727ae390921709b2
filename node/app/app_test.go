package app

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/node/mempool"
	"github.com/bitcloak/bitcloak/node/store"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

const cloak = 1_000_000_000_000

var genesisTime = time.UnixMilli(1_700_000_000_000).UTC()

// peer is one node's application over its own store, driven as CometBFT drives it.
type peer struct {
	*App
	t     *testing.T
	fs    *vfs.MemFS
	spec  *chainspec.Spec
	store *store.Store
	rings int
	clock time.Time
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{t: t, fs: vfs.NewCrashableMem(), spec: chainspec.NewDevelopment(scale.Hash{7}, genesisTime), clock: genesisTime}
	p.open()
	doc := p.spec.CometBFT.GenesisDoc()
	response, err := p.InitChain(context.Background(), initChain(doc))
	if err != nil {
		t.Fatal(err)
	}
	if genesis := p.chain.Genesis(); !bytes.Equal(response.AppHash, genesis[:]) {
		t.Fatal("InitChain does not give the hash of header 0")
	}
	return p
}

func initChain(doc *types.GenesisDoc) *abci.RequestInitChain {
	validators := make([]*types.Validator, len(doc.Validators))
	for i, v := range doc.Validators {
		validators[i] = types.NewValidator(v.PubKey, v.Power)
	}
	params := doc.ConsensusParams.ToProto()
	return &abci.RequestInitChain{Time: doc.GenesisTime, ChainId: doc.ChainID, InitialHeight: doc.InitialHeight,
		ConsensusParams: &params, Validators: types.TM2PB.ValidatorUpdates(types.NewValidatorSet(validators))}
}

// open opens store and application; again, after a crash.
func (p *peer) open() {
	p.t.Helper()
	s, err := store.Open("db", store.Options{FS: p.fs, CacheBytes: 8 << 20})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = s.Close() })
	c, err := chain.Open(s, p.spec.Genesis, uint64(genesisTime.UnixMilli()), chain.Options{CacheBytes: 8 << 20})
	if err != nil {
		p.t.Fatal(err)
	}
	pool, err := mempool.New(mempool.Options{Validator: c})
	if err != nil {
		p.t.Fatal(err)
	}
	consensus := p.spec.Genesis.Consensus
	p.App, err = New(Options{Chain: c, Pool: pool, Ring: func() { p.rings++ }, Now: func() time.Time { return p.clock },
		Genesis: Genesis{ChainID: consensus.ChainID, ValidatorsHash: consensus.ValidatorsHash, ParamsHash: consensus.ParamsHash}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.store = s
}

// crash loses what was not synced and opens again.
func (p *peer) crash() {
	p.t.Helper()
	p.fs = p.fs.CrashClone(vfs.CrashCloneCfg{})
	p.open()
}

func pair(t *testing.T, name string) keys.Pair {
	t.Helper()
	one, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func (p *peer) transfer(from string, nonce uint32, amount uint64) []byte {
	p.t.Helper()
	v := p.chain.Version()
	implicit := extrinsic.Implicit{SpecVersion: v.SpecVersion, TransactionVersion: v.TransactionVersion,
		Genesis: p.chain.Genesis(), Mortality: p.chain.Genesis()}
	signed, err := extrinsic.Sign(wire.CallTransferKeepAlive(pair(p.t, "Ferdie").AccountID(), scale.U128From(amount)),
		extrinsic.Extensions{Nonce: nonce}, implicit, extrinsic.SignerOf(pair(p.t, from)))
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

func (p *peer) submit(transactions ...[]byte) {
	p.t.Helper()
	for _, transaction := range transactions {
		if _, err := p.pool.Submit(mempool.SourceExternal, transaction); err != nil {
			p.t.Fatal(err)
		}
	}
}

// block is what CometBFT decides on.
type block struct {
	height int64
	time   time.Time
	txs    [][]byte
	hash   []byte
}

func (b *block) name() {
	sum := mempool.HashOf(bytes.Join(b.txs, []byte{byte(b.height), 1}))
	b.hash = sum[:]
}

// claimed is the block of these transactions, with its true claim. What does not apply has no part in the claim.
func (p *peer) claimed(height int64, at time.Time, txs ...[]byte) block {
	p.t.Helper()
	builder, err := p.chain.Build(uint64(height), uint64(at.UnixMilli()))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, tx := range txs {
		if _, err := builder.Apply(tx); err != nil {
			p.t.Fatal(err)
		}
	}
	built, err := builder.Finish()
	if err != nil {
		p.t.Fatal(err)
	}
	b := block{height: height, time: at, txs: withClaim(built, txs)}
	b.name()
	return b
}

func (p *peer) prepare(height int64, at time.Time) block {
	p.t.Helper()
	response, err := p.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{MaxTxBytes: 1 << 20, Height: height, Time: at})
	if err != nil {
		p.t.Fatal(err)
	}
	b := block{height: height, time: at, txs: response.Txs}
	b.name()
	return b
}

func (p *peer) process(b block) bool {
	p.t.Helper()
	response, err := p.ProcessProposal(context.Background(), &abci.RequestProcessProposal{Hash: b.hash, Height: b.height, Time: b.time, Txs: b.txs})
	if err != nil {
		p.t.Fatal(err)
	}
	return response.IsAccepted()
}

func (p *peer) finalize(b block) *abci.ResponseFinalizeBlock {
	p.t.Helper()
	response, err := p.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Hash: b.hash, Height: b.height, Time: b.time, Txs: b.txs})
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

func (p *peer) commit() {
	p.t.Helper()
	if _, err := p.Commit(context.Background(), &abci.RequestCommit{}); err != nil {
		p.t.Fatal(err)
	}
}

// decide takes a block through all steps and gives the AppHash after it.
func (p *peer) decide(b block) []byte {
	p.t.Helper()
	if !p.process(b) {
		p.t.Fatalf("height %d is refused", b.height)
	}
	response := p.finalize(b)
	p.commit()
	return response.AppHash
}

func (p *peer) info() *abci.ResponseInfo {
	p.t.Helper()
	response, err := p.Info(context.Background(), &abci.RequestInfo{})
	if err != nil {
		p.t.Fatal(err)
	}
	return response
}

func at(ms int) time.Time { return genesisTime.Add(time.Duration(ms) * time.Millisecond) }

func TestInitChainRefuses(t *testing.T) {
	p := newPeer(t)
	for name, change := range map[string]func(*chainspec.CometBFT){
		"chain id":   func(c *chainspec.CometBFT) { c.ChainID = "other" },
		"validators": func(c *chainspec.CometBFT) { c.Validators[0].PublicKey[0] ^= 1 },
		"power":      func(c *chainspec.CometBFT) { c.Validators[0].Power++ },
		"block size": func(c *chainspec.CometBFT) { c.Params.MaxBlockBytes++ },
	} {
		other := p.spec.CometBFT
		other.Validators = slices.Clone(other.Validators)
		change(&other)
		if _, err := p.InitChain(context.Background(), initChain(other.GenesisDoc())); !errors.Is(err, ErrNetwork) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.decide(p.prepare(1, at(0)))
	if _, err := p.InitChain(context.Background(), initChain(p.spec.CometBFT.GenesisDoc())); !errors.Is(err, ErrNetwork) {
		t.Errorf("CometBFT starts anew over a chain: %v", err)
	}
	if _, err := p.Commit(context.Background(), nil); err == nil {
		t.Error("Commit without FinalizeBlock")
	}
}

func TestDoorbell(t *testing.T) {
	p := newPeer(t)
	ask := func(tx []byte, kind abci.CheckTxType) uint32 {
		t.Helper()
		response, err := p.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: tx, Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		return response.Code
	}
	if ask(Doorbell, abci.CheckTxType_New) != codeOK || ask([]byte("x"), abci.CheckTxType_New) == codeOK {
		t.Error("not the doorbell alone is taken")
	}
	if ask(Doorbell, abci.CheckTxType_Recheck) == codeOK {
		t.Error("it stays though nothing is ready")
	}
	p.submit(p.transfer("Alice", 0, cloak))
	if ask(Doorbell, abci.CheckTxType_Recheck) != codeOK {
		t.Error("it goes though something is ready")
	}
}

func TestGossip(t *testing.T) {
	from, to := newPeer(t), newPeer(t)
	tx := from.transfer("Alice", 0, cloak)
	from.submit(tx)
	reaped, err := from.ReapTxs(context.Background(), &abci.RequestReapTxs{})
	if err != nil || len(reaped.Txs) != 1 {
		t.Fatalf("reaped %v %v", reaped, err)
	}
	for i, want := range []uint32{codeOK, codeRefused} { // the second time it is known
		response, err := to.InsertTx(context.Background(), &abci.RequestInsertTx{Tx: reaped.Txs[0]})
		if err != nil || response.Code != want {
			t.Errorf("insertion %d: %v %v", i, response, err)
		}
	}
	if b := to.prepare(1, at(0)); len(b.txs) != 2 {
		t.Error("a peer's transaction is not proposed")
	}
}

func TestWatchersHearOfBlocks(t *testing.T) {
	p := newPeer(t)
	_, watcher, err := p.pool.SubmitAndWatch(mempool.SourceExternal, p.transfer("Alice", 0, cloak))
	if err != nil {
		t.Fatal(err)
	}
	p.decide(p.prepare(1, at(0)))
	hash := p.chain.Head().Hash
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	expect := func(want mempool.Status) {
		t.Helper()
		if got, ok := watcher.Next(ctx); !ok || got != want {
			t.Fatalf("status %+v %v, want %+v", got, ok, want)
		}
	}
	expect(mempool.Status{Kind: mempool.StatusReady})
	expect(mempool.Status{Kind: mempool.StatusInBlock, Block: hash})
	expect(mempool.Status{Kind: mempool.StatusFinalized, Block: hash})
}

// Signatures of another node's proposal are found by Preverify, mortal ones too.
func TestPreverify(t *testing.T) {
	p := newPeer(t)
	p.decide(p.prepare(1, at(1000)))
	v := p.chain.Version()
	var txs [][]byte
	for nonce := range uint32(minPreverify) {
		era := extrinsic.Mortal(64, uint64(p.chain.Head().Number))
		implicit := extrinsic.Implicit{SpecVersion: v.SpecVersion, TransactionVersion: v.TransactionVersion,
			Genesis: p.chain.Genesis(), Mortality: p.chain.Head().Hash}
		signed, err := extrinsic.Sign(wire.CallTransferKeepAlive(scale.AccountID{1}, scale.U128From(cloak)),
			extrinsic.Extensions{Nonce: nonce, Era: era}, implicit, extrinsic.SignerOf(pair(t, "Alice")))
		if err != nil {
			t.Fatal(err)
		}
		txs = append(txs, signed)
	}
	for i, valid := range keys.VerifyBatch(p.signed(append(txs, []byte{1}))) {
		if !valid {
			t.Errorf("signature %d is not what the runtime checks", i)
		}
	}
	p.decide(p.claimed(2, at(1010), txs...))
	if p.chain.Head().Number != 2 {
		t.Error("no block")
	}
}

// CometBFT is told which of its old blocks nobody needs.
func TestRetainHeights(t *testing.T) {
	p := newPeer(t)
	p.options.RetainHeights = 3
	for height := int64(1); height <= 5; height++ {
		p.finalize(block{height: height, time: at(int(height)), hash: make([]byte, 32)})
		response, err := p.Commit(context.Background(), &abci.RequestCommit{})
		if err != nil || response.RetainHeight != max(0, height-3) {
			t.Errorf("height %d: %v %v", height, response, err)
		}
	}
}
