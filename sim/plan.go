package sim

import (
	"time"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime/assets"
	"github.com/bitcloak/bitcloak/runtime/balances"
	"github.com/bitcloak/bitcloak/runtime/confidential"
	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// Assets of the world's genesis, as in the development network.
const (
	cloak uint32 = 0
	ksm   uint32 = 1
	kar   uint32 = 2
	usdt  uint32 = 1000
)

var allAssets = []uint32{cloak, ksm, kar, usdt}

// minimumBalance is the least that an account of the chain may hold of an asset.
var minimumBalance = map[uint32]uint64{cloak: 1_000_000_000, ksm: 1_000_000, kar: 100_000_000, usdt: 100}

// plan is what a seed chooses of a world before it begins. Rates are in thousandths.
type plan struct {
	nodes, workers, traders, relays int
	threshold                       uint32
	liar                            bool // one more worker is registered, and lies
	ticks                           int
	heartbeat                       time.Duration
	epoch                           time.Duration
	snapshotInterval                time.Duration
	stateWindow                     uint32
	leaves, orders, outbox          uint32 // limits of the contract

	loss, delay, repeat int // of messages
	nodeCrash           int // of a node, each tick
	workerCrash         int // of a worker, each tick
	tamper              int // of a crash: the host changes the worker's disk
	lies                int // of a node's answers
	badProposal         int // of blocks
	garbage             int // of hostile traders' actions, each tick
	governance          int // of a change by governance, each tick
	activity            int // trader actions in a tick, at most
}

func newPlan(c chance) plan {
	rate := func(low, high int) int { return pick(c, []int{0, low, high}) }
	p := plan{
		nodes: pick(c, []int{1, 1, 2, 3, 4}), workers: 3, traders: c.between(3, 5), relays: c.between(1, 2), threshold: 2,
		liar: c.in(1, 3), ticks: c.between(20, 45), heartbeat: time.Second,
		epoch:            time.Duration(c.between(4, 30)) * time.Second,
		snapshotInterval: time.Duration(c.between(1, 20)) * time.Second,
		stateWindow:      pick(c, []uint32{4, 32, 256}),
		leaves:           pick(c, []uint32{13, 20, 120}), orders: pick(c, []uint32{6, 24}), outbox: pick(c, []uint32{2, 48}),
		loss: rate(30, 150), delay: rate(50, 300), repeat: rate(30, 150),
		nodeCrash: rate(8, 40), workerCrash: rate(8, 40), tamper: rate(200, 600), lies: rate(10, 60),
		badProposal: rate(50, 200), garbage: rate(100, 500), governance: rate(30, 120), activity: c.between(2, 9),
	}
	return p
}

// endowments of every trader and relay.
var endowment = map[uint32]uint64{cloak: 1_000_000_000_000_000, ksm: 1_000_000_000_000_000, kar: 10_000_000_000_000_000, usdt: 1_000_000_000_000}

// newSpec is the chain spec of the world: the development network's, with the world's own accounts and times.
func newSpec(w *World) *chainspec.Spec {
	spec := chainspec.NewDevelopment(scale.Hash{1}, w.start)
	spec.CometBFT.Validators = nil
	for i, v := range w.consensus.set.Validators {
		spec.CometBFT.Validators = append(spec.CometBFT.Validators,
			chainspec.Validator{Name: string(rune('a' + i)), PublicKey: scale.Hash(v.PubKey.Bytes()), Power: v.VotingPower})
	}
	genesis := &spec.Genesis
	for _, account := range w.endowed() {
		address := frame.Address(account)
		genesis.Balances.Balances = append(genesis.Balances.Balances,
			balances.Endowment{Account: address, Free: scale.U128From(endowment[cloak])})
		for i := range genesis.Assets.Assets {
			if r := &genesis.Assets.Assets[i]; r.ID != cloak {
				r.Holdings = append(r.Holdings, assets.Endowment{Account: address, Balance: scale.U128From(endowment[r.ID])})
			}
		}
	}
	genesis.Confidential.Threshold = w.plan.threshold
	genesis.Confidential.Heartbeat = uint64(w.plan.heartbeat.Milliseconds())
	genesis.Confidential.EpochDuration = uint64(w.plan.epoch.Milliseconds())
	genesis.Confidential.Markets = worldMarkets()
	genesis.Governance.Delay = 500
	spec.Bind()
	return spec
}

// worldMarkets are of small lots, so that amounts round, and with fees on both sides in one of them.
func worldMarkets() []confidential.Market {
	return []confidential.Market{
		{ID: 1, Base: ksm, Quote: usdt, LotSize: scale.U128From(1_000_000_000), TickValue: 7, MinQuantity: 1,
			MaxQuantity: 1_000_000, MaxPrice: 1_000_000, MakerFeePPM: 333, TakerFeePPM: 777},
		{ID: 2, Base: kar, Quote: ksm, LotSize: scale.U128From(10_000_000_000), TickValue: 99_991, MinQuantity: 3,
			MaxQuantity: 1_000_000, MaxPrice: 1_000_000, TakerFeePPM: 500},
		{ID: 3, Base: cloak, Quote: usdt, LotSize: scale.U128From(1_000_000_000), TickValue: 1, MinQuantity: 1,
			MaxQuantity: 1_000_000, MaxPrice: 1_000_000, MakerFeePPM: 100_000, TakerFeePPM: 100_000},
	}
}

// endowed lists the accounts that the genesis funds beside the well-known ones.
func (w *World) endowed() []scale.AccountID {
	var out []scale.AccountID
	for i := range w.plan.traders {
		out = append(out, mustPair(keys.Sr25519, secretOf(w.seed, "trader %d", i)).AccountID())
	}
	out = append(out, w.mallory.account(), w.treasurer.account())
	for i := range w.plan.relays {
		out = append(out, mustPair(keys.Ed25519, secretOf(w.seed, "relay %d", i)).AccountID())
	}
	for i := range w.plan.workers + 1 {
		out = append(out, mustPair(keys.Ed25519, secretOf(w.seed, "operator %d", i)).AccountID())
	}
	return out
}

func mustPair(kind keys.Kind, secret [32]byte) keys.Pair {
	pair, err := keys.NewPair(kind, secret)
	if err != nil {
		panic(err)
	}
	return pair
}
