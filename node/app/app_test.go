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
	"github.com/bitcloak/bitcloak/runtime"
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

// A block is executed once, however often it comes back.
func TestExecutedOnce(t *testing.T) {
	p := newPeer(t)
	p.submit(p.transfer("Alice", 0, cloak), p.transfer("Alice", 1, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 3 || p.executions != 1 {
		t.Fatalf("%d transactions proposed, %d executions", len(b.txs), p.executions)
	}
	for range 2 {
		if !p.process(b) {
			t.Fatal("its own proposal is refused")
		}
	}
	response := p.finalize(b)
	p.commit()
	if p.executions != 1 {
		t.Errorf("%d executions of one block", p.executions)
	}
	head := p.chain.Head()
	if head.Number != 1 || !bytes.Equal(response.AppHash, head.Hash[:]) || len(response.TxResults) != 3 {
		t.Errorf("head %+v, AppHash %x", head, response.AppHash)
	}
	if p.pool.HasReady() {
		t.Error("the pool still offers what is in the block")
	}
	// Another node executes it once, too, and agrees.
	other := newPeer(t)
	if hash := other.decide(b); !bytes.Equal(hash, response.AppHash) || other.executions != 1 {
		t.Errorf("another node: %x after %d executions, want %x", hash, other.executions, response.AppHash)
	}
}

// A result is not taken for another block's.
func TestResultsAreNotMixedUp(t *testing.T) {
	p := newPeer(t)
	p.submit(p.transfer("Alice", 0, cloak))
	first := p.prepare(1, at(0))
	later := first
	later.time = at(5)
	later.hash = bytes.Repeat([]byte{1}, 32)
	if !p.process(later) || p.executions != 2 {
		t.Errorf("the same transactions at another time: %d executions", p.executions)
	}
	if !p.process(first) {
		t.Error("the first is refused")
	}
	response := p.finalize(later)
	p.commit()
	if p.chain.Head().Timestamp != uint64(at(5).UnixMilli()) {
		t.Errorf("head %+v", p.chain.Head())
	}
	if other := newPeer(t); !bytes.Equal(other.decide(later), response.AppHash) {
		t.Error("another node disagrees")
	}
}

func TestEmptyBlocks(t *testing.T) {
	p := newPeer(t)
	genesis := p.chain.Genesis()
	height := int64(0)
	step := func(ms int, wantNumber uint32) {
		t.Helper()
		height++
		hash := p.decide(p.prepare(height, at(ms)))
		head := p.chain.Head()
		if head.Number != wantNumber || !bytes.Equal(hash, head.Hash[:]) || head.Height != uint64(height) {
			t.Fatalf("height %d at %d ms: %+v, AppHash %x, want block %d", height, ms, head, hash, wantNumber)
		}
	}
	step(0, 0)
	step(500, 0)
	step(999, 0)
	if head := p.chain.Head(); head.Hash != genesis {
		t.Error("empty blocks changed the AppHash")
	}
	step(1000, 1) // the heartbeat
	step(1001, 1)
	step(1999, 1)
	step(2000, 2)
	if p.info().LastBlockHeight != 7 {
		t.Errorf("info %+v", p.info())
	}
}

// The next block's time is this block's end: when the heartbeat is due by the clock, the node asks for that block.
func TestOverdueHeartbeatRings(t *testing.T) {
	p := newPeer(t)
	p.decide(p.prepare(1, at(1000)))
	p.clock = at(1500)
	p.decide(p.prepare(2, at(1010)))
	if p.rings != 0 {
		t.Error("rings before the heartbeat is due")
	}
	p.clock = at(2010)
	p.decide(p.prepare(3, at(1020)))
	if p.rings != 1 {
		t.Errorf("rang %d times for an overdue heartbeat", p.rings)
	}
}

func TestInvalidProposalIsRefused(t *testing.T) {
	p := newPeer(t)
	forged := p.transfer("Alice", 0, cloak)
	forged[60] ^= 1
	for name, txs := range map[string][][]byte{
		"forged":                {forged},
		"garbage":               {{1, 2, 3}},
		"submitted inherent":    {runtime.TimestampInherent(uint64(at(0).UnixMilli()))},
		"nonce ahead":           {p.transfer("Alice", 1, cloak)},
		"twice":                 {p.transfer("Alice", 0, cloak), p.transfer("Alice", 0, cloak)},
		"doorbell":              {Doorbell},
		"good, and then forged": {p.transfer("Bob", 0, cloak), forged},
	} {
		b := block{height: 1, time: at(0), txs: txs}
		b.name()
		if p.process(b) {
			t.Errorf("%s: accepted", name)
		}
	}
	if head := p.chain.Head(); head.Number != 0 || head.Height != 0 {
		t.Errorf("refused proposals changed the chain: %+v", head)
	}
}

// What is decided all the same skips what fails, and leaves it out of the Substrate block.
func TestDecidedBlockSkips(t *testing.T) {
	p := newPeer(t)
	good, bad := p.transfer("Alice", 0, cloak), p.transfer("Bob", 7, cloak)
	b := block{height: 1, time: at(0), txs: [][]byte{bad, good, {9}}}
	b.name()
	response := p.finalize(b)
	p.commit()
	codes := []uint32{response.TxResults[0].Code, response.TxResults[1].Code, response.TxResults[2].Code}
	if !slices.Equal(codes, []uint32{codeSkipped, 0, codeSkipped}) {
		t.Errorf("codes %v", codes)
	}
	body, err := p.store.Body(p.chain.Head().Hash)
	if err != nil || len(body) != 2 || !bytes.Equal(body[1], good) {
		t.Errorf("body %x %v", body, err)
	}
	nothing := block{height: 2, time: at(10), txs: [][]byte{bad}}
	nothing.name()
	before := p.chain.Head().Hash
	if response := p.finalize(nothing); !bytes.Equal(response.AppHash, before[:]) || response.TxResults[0].Code != codeSkipped {
		t.Errorf("a block in which nothing applies: %+v", response)
	}
	p.commit()
	if p.chain.Head().Number != 1 {
		t.Error("a block in which nothing applies made a Substrate block")
	}
}

func TestProposalDropsWhatFails(t *testing.T) {
	p := newPeer(t)
	// Each is valid alone; the first spends what the others need.
	all := uint64(999_990 * cloak)
	p.submit(p.transfer("Alice", 0, all), p.transfer("Alice", 1, all), p.transfer("Alice", 2, cloak), p.transfer("Bob", 0, cloak))
	b := p.prepare(1, at(0))
	if len(b.txs) != 4 { // calls that fail are applied: they pay the fee
		t.Fatalf("%d transactions", len(b.txs))
	}
	p.decide(b)
	// A transaction that the state no longer takes leaves the pool; those behind it wait.
	behind := p.transfer("Bob", 2, cloak)
	p.submit(p.transfer("Bob", 1, cloak), behind)
	other := block{height: 2, time: at(10), txs: [][]byte{p.transfer("Bob", 1, 2*cloak)}}
	other.name()
	p.decide(other)
	if b := p.prepare(3, at(20)); len(b.txs) != 1 || !bytes.Equal(b.txs[0], behind) {
		t.Errorf("%d transactions after another proposer's block", len(b.txs))
	}
}

func TestProposalKeepsToItsSize(t *testing.T) {
	p := newPeer(t)
	for nonce := range uint32(20) {
		p.submit(p.transfer("Alice", nonce, cloak))
	}
	response, err := p.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{MaxTxBytes: 1000, Height: 1, Time: at(0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := types.ToTxs(response.Txs).Validate(1000); err != nil || len(response.Txs) == 0 || len(response.Txs) == 20 {
		t.Errorf("%d transactions: %v", len(response.Txs), err)
	}
}

// A crash anywhere between two commits leaves the last one, and the replay gives the same chain.
func TestCrashes(t *testing.T) {
	reference, p := newPeer(t), newPeer(t)
	for height := int64(1); height <= 12; height++ {
		time := at(int(height) * 300)
		if height%3 == 0 {
			reference.submit(reference.transfer("Alice", uint32(height/3-1), cloak))
		}
		b := reference.prepare(height, time)
		want := reference.decide(b)
		switch height % 4 {
		case 0: // after the proposal was executed
			p.process(b)
			p.crash()
		case 1: // after the block was executed, before it was stored
			p.finalize(b)
			p.crash()
		case 2: // after it was stored
			p.decide(b)
			p.crash()
		}
		info := p.info()
		if stored := info.LastBlockHeight == height; stored != (height%4 == 2) {
			t.Fatalf("height %d: after the crash the store stands at %d", height, info.LastBlockHeight)
		}
		if info.LastBlockHeight < height {
			if got := p.finalize(b); !bytes.Equal(got.AppHash, want) {
				t.Fatalf("height %d: replayed to %x, want %x", height, got.AppHash, want)
			}
			p.commit()
		}
		if got := p.info(); !bytes.Equal(got.LastBlockAppHash, want) {
			t.Fatalf("height %d: AppHash %x, want %x", height, got.LastBlockAppHash, want)
		}
	}
	if p.chain.Head() != reference.chain.Head() {
		t.Errorf("head %+v, want %+v", p.chain.Head(), reference.chain.Head())
	}
}

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
	if b := to.prepare(1, at(0)); len(b.txs) != 1 {
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
	p.decide(p.prepare(2, at(5))) // carries the hash
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
	b := block{height: 2, time: at(1010), txs: txs}
	b.name()
	p.decide(b)
	if p.chain.Head().Number != 2 {
		t.Error("no block")
	}
}
