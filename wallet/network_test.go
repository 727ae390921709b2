package wallet_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/contract"
	lightmemory "github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wallet/memory"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// opener joins the contract with wire/seal, as a worker does.
type opener struct{ *seal.Keyring }

func (o opener) Cipher(root [32]byte) contract.Cipher { return o.CommandCipher(root) }

const (
	ksm    = 1
	usdt   = 1000
	market = 7

	relayFee = 300_000_000 // what an envelope costs, in base units of CLOAK
)

// network is a chain in memory whose contract is the real one. Each transaction with messages is a checkpoint, whose commit
// follows in the next block.
type network struct {
	*memory.Node
	t       *testing.T
	keyring *seal.Keyring
	signer  keys.Pair // the worker's key

	mutex     sync.Mutex
	contract  *contract.Contract
	next      uint64 // checkpoint to be applied
	deposits  uint64
	claimable map[scale.AccountID]scale.U128 // of KSM
	held      *wire.LastCommit               // not on the chain yet
	streams   []*stream

	holdCommits bool                  // commits wait for release
	failPayouts bool                  // payouts become claimable
	drop        bool                  // envelopes vanish
	bend        func(*wire.Answer)    // before it is signed
	twist       func(*wire.Answer)    // after it was signed
	scramble    func([]byte) []byte   // the sealed answer
	bendFrame   func(*wire.Frame)     // before it is sealed
	envelopes   [][]byte              // all that were submitted
	senders     []scale.AccountID     // of each of them
	crowd       []wire.InboxMessage   // come before the next envelope, in its block
	keepFrames  func(number int) bool // nil keeps all
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{Node: memory.New(lightmemory.Options{}), t: t, claimable: map[scale.AccountID]scale.U128{}}
	instance := wallet.Instance(n.Genesis())
	var err error
	if n.keyring, err = seal.NewKeyring(instance, 0, seal.Seed{0x5d}); err != nil {
		t.Fatal(err)
	}
	if n.signer, err = keys.NewPair(keys.Ed25519, [32]byte{0x77}); err != nil {
		t.Fatal(err)
	}
	n.contract, err = contract.New(contract.Config{Instance: instance, StateKey: [32]byte{1}, Opener: opener{n.keyring}})
	if err != nil {
		t.Fatal(err)
	}
	n.Execute, n.Sealed = n.execute, n.settle
	n.found()
	return n
}

// found stores what a wallet reads and lists the market in a first checkpoint.
func (n *network) found() {
	key, err := n.keyring.Public(0)
	if err != nil {
		n.t.Fatal(err)
	}
	n.Put(wire.StorageEpoch(), wire.EpochCodec.Marshal(wire.Epoch{}))
	n.Put(wire.StorageContractKey(0), scale.Bytes(wire.PublicKeySize).Marshal(key.Public[:]))
	n.Put(wire.StorageWorker(n.signer.Public()), wire.WorkerCodec.Marshal(wire.Worker{}))
	n.asset(0, chain.KindNative, "CLOAK", 12)
	n.asset(ksm, chain.KindRelay, "KSM", 12)
	n.asset(usdt, chain.KindUserIssued, "USDT", 6)
	listed := wire.Market{ID: market, Base: ksm, Quote: usdt, LotSize: scale.U128From(1_000_000_000), TickValue: 10, MinQuantity: 1,
		MaxQuantity: 1_000_000, MaxPrice: 1_000_000, MakerFeePPM: 0, TakerFeePPM: 500}
	n.Put(wire.StorageMarket(market), wire.MarketCodec.Marshal(listed))
	n.SetTime(uint64(n.Now().UnixMilli()))
	n.Block(wire.InboxMessage{Kind: wire.MessageMarket, Market: listed})
	n.settle()
}

func (n *network) asset(id uint32, kind chain.AssetKind, symbol string, decimals uint8) {
	e := scale.NewEncoder(nil)
	e.U8(uint8(kind))
	e.Raw(make([]byte, 4*32+16))
	e.U128(scale.U128From(10))
	e.U32(0)
	e.U8(0)
	n.Put(wire.StorageAsset(id), e.Encoded())
	e = scale.NewEncoder(nil)
	e.Bytes([]byte(symbol))
	e.Bytes([]byte(symbol))
	e.U8(decimals)
	n.Put(wire.StorageAssetMetadata(id), e.Encoded())
}

// trader gives an account everything to trade with.
func (n *network) trader(name string) keys.Pair {
	n.t.Helper()
	pair, err := keys.DevPair(keys.Sr25519, name)
	if err != nil {
		n.t.Fatal(err)
	}
	n.Fund(pair.AccountID(), units("1000000000000000"))
	for _, asset := range []uint32{ksm, usdt} {
		n.Put(wire.StorageAssetAccount(asset, pair.AccountID()), append(scale.U128Codec.Marshal(units("1000000000000000")), 0))
	}
	n.Block()
	return pair
}

func units(decimal string) scale.U128 {
	amount, err := scale.ParseU128(decimal)
	if err != nil {
		panic(err)
	}
	return amount
}

// execute is what the pallets would do.
func (n *network) execute(signer scale.AccountID, call []byte) memory.Effects {
	d := scale.NewDecoder(call)
	pallet, index := d.U8(), d.U8()
	switch {
	case pallet == wire.PalletPrivateAssets && index == wire.CallIndexDeposit:
		return n.deposit(signer, d)
	case pallet == wire.PalletPrivateAssets && index == wire.CallIndexClaim:
		n.Delete(wire.StorageClaimable(signer, d.U32()))
		return memory.Effects{}
	case pallet == wire.PalletConfidential && index == wire.CallIndexSubmit:
		var envelopes [][]byte
		wire.EnvelopesCodec.Decode(d, &envelopes)
		effects := memory.Effects{Messages: n.crowd}
		n.crowd = nil
		for _, envelope := range envelopes {
			n.envelopes, n.senders = append(n.envelopes, envelope), append(n.senders, signer)
			if n.drop {
				envelope = make([]byte, wire.CommandEnvelopeSize)
				envelope[0] = wire.ClassCommand
			}
			effects.Messages = append(effects.Messages, wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Sender: signer, Fee: relayFee, Bytes: envelope}})
		}
		return effects
	}
	n.t.Errorf("an unknown call %x", call)
	return memory.Effects{}
}

func (n *network) deposit(signer scale.AccountID, d *scale.Decoder) memory.Effects {
	deposit := wire.Deposit{ID: n.deposits, Depositor: signer, Asset: d.U32(), Amount: d.Compact128()}
	wire.BeneficiaryCodec.Decode(d, &deposit.Beneficiary)
	n.deposits++
	fields := scale.NewEncoder(nil)
	fields.U64(deposit.ID)
	fields.Raw(signer[:])
	fields.U32(deposit.Asset)
	fields.U128(deposit.Amount)
	n.Set(wire.StorageDeposit(deposit.ID), wire.PendingDepositCodec.Marshal(wire.PendingDeposit{Depositor: signer, Asset: deposit.Asset, Amount: deposit.Amount}))
	return memory.Effects{Events: []memory.Event{{Pallet: wire.PalletPrivateAssets, Index: 0, Fields: fields.Encoded()}},
		Messages: []wire.InboxMessage{{Kind: wire.MessageDeposit, Deposit: deposit}}}
}

// settle has the contract apply new checkpoints, and puts their commits on the chain.
func (n *network) settle() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	bodies, err := n.Checkpoints(context.Background(), n.next, 100)
	if err != nil {
		n.t.Error(err)
	}
	for _, body := range bodies {
		for _, encoded := range body.Messages {
			message, err := wire.InboxMessageCodec.Unmarshal(encoded)
			if err != nil {
				n.t.Error(err)
			}
			if err := n.contract.Apply(&message); err != nil {
				n.t.Error(err)
			}
			if message.Kind == wire.MessageDeposit {
				n.Delete(wire.StorageDeposit(message.Deposit.ID))
			}
		}
		commit, err := n.contract.EndCheckpoint(body.Hash)
		if err != nil {
			n.t.Error(err)
			return
		}
		n.next++
		n.commit(commit)
	}
}

// commit accepts a commit and pays its outbox.
func (n *network) commit(commit *wire.Commit) {
	var events []memory.Event
	for i, message := range commit.Outbox {
		fields := scale.NewEncoder(nil)
		fields.U64(commit.OutboxStart + uint64(i))
		fields.Raw(message.To[:])
		fields.U32(message.Asset)
		fields.U128(message.Amount)
		index := uint8(2)
		if n.failPayouts {
			index = 3
			n.Set(wire.StorageClaimable(message.To, message.Asset), scale.U128Codec.Marshal(message.Amount))
		}
		events = append(events, memory.Event{Pallet: wire.PalletPrivateAssets, Index: index, Fields: fields.Encoded()})
	}
	for _, s := range n.streams {
		s.push(n)
	}
	last := commit.Next()
	if n.holdCommits {
		n.held = &last
		return
	}
	n.Events(events...)
	n.Set(wire.StorageLastCommit(), wire.LastCommitCodec.Marshal(last))
	n.SetTime(uint64(n.Now().UnixMilli()))
	n.Block()
}

// release puts the commit that was held on the chain.
func (n *network) release() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.Events()
	n.Set(wire.StorageLastCommit(), wire.LastCommitCodec.Marshal(*n.held))
	n.Block()
}

// Query implements wallet.Worker.
func (n *network) Query(_ context.Context, request []byte) ([]byte, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	question, err := n.keyring.Query(request)
	if err != nil {
		return nil, err
	}
	body := wire.AnswerBody{Kind: wire.AnswerRefused, Reason: contract.RefusedViewer}
	if viewer, authentic := n.contract.Authenticate(question.Account, question.Authentic); authentic {
		body = n.contract.Answer(viewer, &question.Query)
	}
	last, _ := n.contract.Last()
	answer := wire.Answer{AnswerStatement: wire.AnswerStatement{Instance: wallet.Instance(n.Genesis()), Request: question.Hash(),
		Checkpoint: last.Checkpoint, Number: last.Number, BlockHash: last.BlockHash, StateRoot: last.StateRoot, Body: body}, Worker: n.signer.Public()}
	if n.bend != nil {
		n.bend(&answer)
	}
	digest := answer.Digest()
	answer.Signature = n.signer.Sign(digest[:])
	if n.twist != nil {
		n.twist(&answer)
	}
	sealed, err := question.SealAnswer(&answer)
	if err == nil && n.scramble != nil {
		sealed = n.scramble(sealed)
	}
	return sealed, err
}

// stream is a subscriber.
type stream struct {
	question *seal.Question
	viewer   contract.Viewer
	frames   chan []byte
	number   uint64
}

// push makes the frame of the last checkpoint; the mutex is held.
func (s *stream) push(n *network) {
	frame, ok := n.contract.Frame(s.viewer)
	if !ok {
		return
	}
	if n.bendFrame != nil {
		n.bendFrame(&frame)
	}
	number := s.number
	s.number++
	if n.keepFrames != nil && !n.keepFrames(int(number)) {
		return
	}
	sealed, err := s.question.SealFrame(number, &frame)
	if err != nil {
		n.t.Error(err)
	}
	s.frames <- sealed
}

// Subscribe implements wallet.Worker.
func (n *network) Subscribe(_ context.Context, request []byte) (wallet.Frames, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	question, err := n.keyring.Query(request)
	if err != nil {
		return nil, err
	}
	viewer, authentic := n.contract.Authenticate(question.Account, question.Authentic)
	if !authentic {
		return nil, wallet.ErrNoSession
	}
	s := &stream{question: question, viewer: viewer, frames: make(chan []byte, 256)}
	n.streams = append(n.streams, s)
	return s, nil
}

// Next implements wallet.Frames.
func (s *stream) Next(ctx context.Context) ([]byte, error) {
	select {
	case frame := <-s.frames:
		return frame, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close implements wallet.Frames.
func (s *stream) Close() {}

// timeout bounds what a test waits for.
const timeout = 10 * time.Second

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	return ctx
}

// connect follows the network with an honest node.
func (n *network) connect() *chain.Client {
	n.t.Helper()
	client, err := chain.Connect(soon(n.t), n.Node, chain.Config{Genesis: n.Genesis(), Now: n.Now})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(client.Close)
	return client
}

// client is a trader's wallet with an open session.
func (n *network) client(name string) *wallet.Client {
	n.t.Helper()
	client := wallet.New(wallet.Config{Chain: n.connect(), Worker: n, Pair: n.trader(name), Patience: 1500 * time.Millisecond})
	n.open(client)
	return client
}

func (n *network) open(client *wallet.Client) {
	n.t.Helper()
	if _, err := client.OpenSession(soon(n.t), 24*time.Hour); err != nil {
		n.t.Fatal(err)
	}
}

// funded is a trader's wallet with KSM and USDT in the pool.
func (n *network) funded(name string) *wallet.Client {
	n.t.Helper()
	client := n.client(name)
	for _, asset := range []uint32{ksm, usdt} {
		listed := n.listing(client).AssetByID(asset)
		if _, err := client.Deposit(soon(n.t), &listed, units("100000000000000"), client.Account(), false); err != nil {
			n.t.Fatal(err)
		}
	}
	return client
}

func (n *network) listing(client *wallet.Client) *wallet.Listing {
	n.t.Helper()
	listing, err := client.Listing(soon(n.t))
	if err != nil {
		n.t.Fatal(err)
	}
	return listing
}

// order is one on the network's only market.
func (n *network) order(client *wallet.Client, side uint8, price, lots uint64) wallet.Order {
	n.t.Helper()
	return wallet.Order{Pair: &n.listing(client).Pairs[0], Side: side, Price: price, Quantity: lots}
}
