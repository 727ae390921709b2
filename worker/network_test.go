package worker_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/bitcloak/bitcloak/attest/simulated"
	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/light/memory"
	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/rpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/worker"
)

// network is a chain in memory that takes a worker's extrinsics as the runtime
// does: it checks the worker's signatures and the order of commits. A block is
// made when a test says so.
type network struct {
	*memory.Chain
	instance wire.Instance
	market   wire.Market

	mutex    sync.Mutex
	pool     []func()
	last     scale.Optional[wire.LastCommit]
	commits  []wire.Commit
	ahead    map[uint64]wire.Commit // that wait for those before them
	against  []wire.Commit          // votes against what was accepted
	workers  map[[32]byte]wire.Hash // registered ones, and the platform of each
	epoch    uint32
	deposits uint64
	asked    []uint64 // first indices of the checkpoints asked for
	accounts map[scale.AccountID]uint32
	version  worker.RuntimeVersion

	blobs blobStore

	// forge lets a test have the chain accept something else than the worker's commit.
	forge func(*wire.Commit)

	// refuse lets a test have the pool refuse commits.
	refuse func(commit *wire.Commit) error
	// alter lets a test turn the node into a liar.
	alter func(bodies []light.Body) []light.Body
}

var errPool = errors.New("the pool refuses this")

// newNetwork makes a development network with one market, whose first checkpoint
// lists it.
func newNetwork(t testing.TB, change func(*network)) *network {
	t.Helper()
	return newNetworkOn(t, memory.New(memory.Options{}), change)
}

func newNetworkOn(t testing.TB, chain *memory.Chain, change func(*network)) *network {
	t.Helper()
	n := &network{Chain: chain, workers: map[[32]byte]wire.Hash{}, ahead: map[uint64]wire.Commit{}, accounts: map[scale.AccountID]uint32{},
		version: worker.RuntimeVersion{Spec: 7, Transaction: 3}}
	n.instance = wire.Instance{Genesis: n.Genesis()}
	n.market = wire.Market{ID: 0, Base: 1, Quote: 1000, LotSize: scale.U128From(1_000), TickValue: 10, MinQuantity: 1,
		MaxQuantity: 1_000_000, MaxPrice: 1_000_000, MakerFeePPM: 1_000, TakerFeePPM: 2_000}
	n.Set(item("SimulatedVendor"), simulated.VendorPublicKey())
	n.allow(0)
	if change != nil {
		change(n)
	}
	n.Block(wire.InboxMessage{Kind: wire.MessageMarket, Market: n.market})
	return n
}

func item(name string) []byte {
	key := hashing.StoragePrefix("Confidential", name)
	return key[:]
}

// allow admits a simulated worker's machine and program.
func (n *network) allow(worker uint32) {
	platform, err := simulated.DevelopmentPlatform(worker)
	if err != nil {
		panic(err)
	}
	n.Set(append(item("AllowedMeasurements"), simulated.DevelopmentMeasurement[:]...), []byte{1})
	n.Set(append(item("AllowedPlatforms"), platform[:]...), []byte{1})
}

// RuntimeVersion implements worker.Node.
func (n *network) RuntimeVersion(context.Context) (worker.RuntimeVersion, error) {
	return n.version, nil
}

// Checkpoints records what was asked for, and lies if told to.
func (n *network) Checkpoints(ctx context.Context, from uint64, limit uint32) ([]light.Body, error) {
	n.mutex.Lock()
	n.asked = append(n.asked, from)
	alter := n.alter
	n.mutex.Unlock()
	bodies, err := n.Chain.Checkpoints(ctx, from, limit)
	if err == nil && alter != nil {
		bodies = alter(bodies)
	}
	return bodies, err
}

// Submit implements worker.Node: it checks an extrinsic as the pool does, and
// keeps its effect for the next block.
func (n *network) Submit(_ context.Context, encoded []byte) error {
	x, err := extrinsic.Decode(encoded)
	if err != nil {
		return err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	d := scale.NewDecoder(x.Call)
	if d.U8() != wire.PalletConfidential {
		return errPool
	}
	switch d.U8() {
	case wire.CallIndexCommit:
		return n.submitCommit(d)
	case wire.CallIndexAnnounceKey:
		return n.submitKey(d)
	case wire.CallIndexAnnounceSnapshot:
		return n.submitSnapshot(d)
	case wire.CallIndexRegisterWorker:
		return n.submitRegistration(&x, d)
	}
	return errPool
}

func (n *network) submitCommit(d *scale.Decoder) error {
	var commit wire.Commit
	var votes []wire.Vote
	wire.CommitCodec.Decode(d, &commit)
	wire.VotesCodec.Decode(d, &votes)
	if err := d.Finish(); err != nil {
		return err
	}
	if err := n.checkVotes(commit.Digest(), votes); err != nil {
		return err
	}
	if n.refuse != nil {
		if err := n.refuse(&commit); err != nil {
			return err
		}
	}
	due := n.due()
	if n.last.Some && commit.Checkpoint < due && commit.StateRoot != n.last.Value.StateRoot {
		n.against = append(n.against, commit)
	}
	switch {
	case commit.Checkpoint < due || commit.Checkpoint > due+wire.MaxCommitsAhead:
		return &rpc.Error{Code: 1010, Message: fmt.Sprintf("checkpoint %d is due, not %d", due, commit.Checkpoint)}
	case commit.Instance != n.instance || commit.CheckPayouts() != nil:
		return fmt.Errorf("%w: the commit is of another network, or its totals are wrong", errPool)
	}
	bodies, _ := n.Chain.Checkpoints(context.Background(), commit.Checkpoint, 1)
	if len(bodies) != 1 || bodies[0].Number != commit.Number || bodies[0].Hash != commit.BlockHash {
		return fmt.Errorf("%w: the commit is of another block", errPool)
	}
	n.pool = append(n.pool, func() {
		n.ahead[commit.Checkpoint] = commit
		for n.accept() {
		}
	})
	return nil
}

// accept executes the commit that is due, if it is there and continues the last. The caller holds the lock.
func (n *network) accept() bool {
	commit, exists := n.ahead[n.due()]
	root, outbox := wire.Hash{}, uint64(0)
	if n.last.Some {
		root, outbox = n.last.Value.StateRoot, n.last.Value.Outbox
	}
	if !exists || commit.PreviousRoot != root || commit.OutboxStart != outbox {
		return false
	}
	delete(n.ahead, commit.Checkpoint)
	if n.forge != nil {
		n.forge(&commit)
	}
	n.last = scale.Some(commit.Next())
	n.commits = append(n.commits, commit)
	n.Set(wire.StorageLastCommit(), wire.LastCommitCodec.Marshal(n.last.Value))
	return true
}

// due is the checkpoint that the next commit must answer. The caller holds the lock.
func (n *network) due() uint64 {
	if !n.last.Some {
		return 0
	}
	return n.last.Value.Checkpoint + 1
}

func (n *network) submitKey(d *scale.Decoder) error {
	var key wire.ContractKey
	var votes []wire.Vote
	wire.ContractKeyCodec.Decode(d, &key)
	wire.VotesCodec.Decode(d, &votes)
	if err := d.Finish(); err != nil {
		return err
	}
	if err := n.checkVotes(key.Digest(n.instance), votes); err != nil {
		return err
	}
	if key.Epoch > n.epoch+1 || key.Epoch < n.epoch {
		return errPool
	}
	n.pool = append(n.pool, func() {
		n.Set(wire.StorageContractKey(key.Epoch), scale.Bytes(wire.PublicKeySize).Marshal(key.Public[:]))
	})
	return nil
}

func (n *network) checkVotes(digest wire.Hash, votes []wire.Vote) error {
	if len(votes) != 1 || !n.registered(votes[0].Worker) || !ed25519.Verify(votes[0].Worker[:], digest[:], votes[0].Signature[:]) {
		return fmt.Errorf("%w: the vote is not a registered worker's", errPool)
	}
	return nil
}

func (n *network) submitRegistration(x *extrinsic.Extrinsic, d *scale.Decoder) error {
	var public [32]byte
	var evidence wire.Evidence
	d.Fill(public[:])
	wire.EvidenceCodec.Decode(d, &evidence)
	if err := d.Finish(); err != nil {
		return err
	}
	quote, err := wire.QuoteCodec.Unmarshal(evidence.Bytes)
	if err != nil || quote.ReportData != wire.ReportData(n.instance, public) {
		return fmt.Errorf("%w: the evidence is of another worker", errPool)
	}
	operator := x.Address.ID
	best := n.Best()
	implicit := extrinsic.Implicit{SpecVersion: n.version.Spec, TransactionVersion: n.version.Transaction, Genesis: n.instance.Genesis}
	birth, _ := n.Headers(context.Background(), uint32(x.Era.Birth(uint64(best.Number))), uint32(x.Era.Birth(uint64(best.Number))))
	implicit.Mortality = hashing.Blake2_256(birth[0])
	if !keys.Verify(keys.Sr25519, operator, x.SigningPayload(nil, &implicit), [64]byte(x.Signature.Bytes[:64])) || x.Nonce != n.accounts[operator] {
		return fmt.Errorf("%w: the operator's signature or nonce is wrong", errPool)
	}
	n.pool = append(n.pool, func() {
		n.accounts[operator]++
		info := scale.U32.Marshal(n.accounts[operator])
		n.Set(wire.StorageAccount(operator), append(info, make([]byte, 76)...))
		n.replace(public, quote.Platform)
		record := wire.Worker{Measurement: quote.Measurement, Platform: quote.Platform, Operator: operator}
		n.Set(wire.StorageWorker(public), wire.WorkerCodec.Marshal(record))
	})
	return nil
}

// produce makes a block of what the pool holds and of messages.
func (n *network) produce(messages ...wire.InboxMessage) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, apply := range n.pool {
		apply()
	}
	n.pool = nil
	n.Block(messages...)
}

// startEpoch makes the next block a checkpoint of the next epoch.
func (n *network) startEpoch() {
	n.mutex.Lock()
	n.epoch++
	n.SetEpoch(n.epoch)
	n.Set(wire.StorageEpoch(), wire.EpochCodec.Marshal(wire.Epoch{Index: n.epoch, StartedAt: uint64(n.Now().UnixMilli())}))
	n.mutex.Unlock()
	n.produce(n.deposit(scale.AccountID{0xee}, 1, 1)) // any message makes a checkpoint
}

// deposit is the message of a plain deposit.
func (n *network) deposit(to scale.AccountID, asset uint32, amount uint64) wire.InboxMessage {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.deposits++
	return wire.InboxMessage{Kind: wire.MessageDeposit, Deposit: wire.Deposit{ID: n.deposits - 1, Depositor: to, Asset: asset,
		Amount: scale.U128From(amount), Beneficiary: wire.PlainBeneficiary(to)}}
}

func envelopes(bytes ...[]byte) []wire.InboxMessage {
	messages := make([]wire.InboxMessage, len(bytes))
	for i, b := range bytes {
		messages[i] = wire.InboxMessage{Kind: wire.MessageEnvelope, Envelope: wire.Envelope{Bytes: b}}
	}
	return messages
}

// committed is the chain's last commit.
func (n *network) committed() (wire.LastCommit, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.last.Value, n.last.Some
}

// contractKey is an epoch's key on the chain.
func (n *network) contractKey(epoch uint32) (key wire.ContractKey, ok bool) {
	value, found := n.Get(wire.StorageContractKey(epoch))
	if !found {
		return key, false
	}
	public, err := scale.Bytes(wire.PublicKeySize).Unmarshal(value)
	if err != nil {
		panic(err)
	}
	key.Epoch = epoch
	copy(key.Public[:], public)
	return key, true
}

// checkpoints is how many there are.
func (n *network) checkpoints() uint64 {
	value, _ := n.Get(wire.StorageCheckpointCount())
	count, err := scale.U64.Unmarshal(value)
	if err != nil {
		panic(err)
	}
	return count
}
