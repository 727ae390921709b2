package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Files of a test network.
const (
	testnetSpec   = "chain-spec.json"
	testnetNode   = "node.json"
	workerSecret  = "operator"
	workerSeed    = "seed"
	workerData    = "data"
	testnetWeight = 10 // votes of each validator
)

// writeValidators draws the validators' keys and writes the chain spec and their configurations.
func (t *testnet) writeValidators(now time.Time) (*chainspec.Spec, error) {
	validators, ids := make([]chainspec.Validator, t.validators), make([]string, t.validators)
	for i := range validators {
		public, err := node.ValidatorPublicKey(t.validatorDir(i))
		if err != nil {
			return nil, err
		}
		if ids[i], err = node.PeerID(t.validatorDir(i)); err != nil {
			return nil, err
		}
		validators[i] = chainspec.Validator{Name: fmt.Sprintf("validator-%d", i), PublicKey: public, Power: testnetWeight}
	}
	spec := chainspec.NewTestnet(validators, now)
	t.genesis.apply(spec)
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	text, err := spec.JSON()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(t.output, testnetSpec), text, 0o600); err != nil {
		return nil, err
	}
	for i := range validators {
		if err := t.writeNode(i, ids); err != nil {
			return nil, err
		}
	}
	return spec, nil
}

// writeNode writes a validator's configuration. It dials those before it and expects those behind it: two nodes that dial
// each other at the same moment could hang up on each other, again and again.
func (t *testnet) writeNode(i int, ids []string) error {
	file := nodeFile{
		ChainSpec: filepath.Join("..", testnetSpec), Data: ".",
		RPC: local(t.ports.rpc, i), P2P: local(t.ports.p2p, i), Metrics: local(t.ports.metrics, i),
		Peers: []string{}, KnownPeers: ids, SnapshotInterval: &t.interval,
	}
	for j := range i {
		file.Peers = append(file.Peers, ids[j]+"@"+local(t.ports.p2p, j))
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(t.validatorDir(i), testnetNode), append(text, '\n'), 0o600)
}

// writeWorkers writes each worker's operator and the seed that they share.
func (t *testnet) writeWorkers() error {
	var seed seal.Seed
	if _, err := rand.Read(seed[:]); err != nil {
		return err
	}
	defer clear(seed[:])
	for i, account := range runtime.DevelopmentAccounts()[:t.workers] {
		if err := os.Mkdir(t.workerDir(i), 0o700); err != nil {
			return err
		}
		for name, text := range map[string]string{workerSecret: "//" + account.Name, workerSeed: hex.EncodeToString(seed[:])} {
			if err := os.WriteFile(filepath.Join(t.workerDir(i), name), []byte(text+"\n"), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// guide says how the network is started and used.
func (t *testnet) guide(spec *chainspec.Spec, genesis scale.Hash) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# %s

%d validators, %d workers of which %d must sign; %s, genesis %s.
All accounts are the well-known development accounts, and attestation is simulated: for trying things out only.

Each command in a terminal of its own, the validators first:

`, spec.Name, t.validators, t.workers, t.genesis.threshold, spec.ID, genesis)
	for i := range t.validators {
		fmt.Fprintf(&b, "    bitcloak node --config %s\n", filepath.Join(t.validatorDir(i), testnetNode))
	}
	if t.workers > 0 {
		b.WriteString("\n")
	}
	for i := range t.workers {
		fmt.Fprintf(&b, "    %s\n", t.workerCommand(i))
	}
	fmt.Fprintf(&b, `
Then, to look at it:

    bitcloak wallet --node ws://%s --account //Alice status
    open https://polkadot.js.org/apps/?rpc=ws://%s

A further node that follows the network (with --state-sync, see 'bitcloak node --help', it need not execute all blocks):

    bitcloak node --chain-spec %s --data %s --rpc 127.0.0.1:9943%s

Remove the folder to remove the network. Whoever has the keys in a validator's folder can vote in its place, and whoever has the
seed can read all orders: keep both from others if the network is to show anything.
`, local(t.ports.rpc, 0), local(t.ports.rpc, 0), filepath.Join(t.output, testnetSpec), filepath.Join(t.output, "full-node"), t.peerFlags())
	return b.String()
}

func (t *testnet) workerCommand(i int) string {
	at := func(name string) string { return filepath.Join(t.workerDir(i), name) }
	return fmt.Sprintf("bitcloak worker --chain-spec %s --node ws://%s --data %s --listen %s --metrics %s --operator-file %s --seed-file %s --simulated-number %d",
		filepath.Join(t.output, testnetSpec), local(t.ports.rpc, i%t.validators), at(workerData), local(t.ports.worker, i), local(t.ports.workerMetrics, i),
		at(workerSecret), at(workerSeed), i)
}

// peerFlags name all validators to a further node.
func (t *testnet) peerFlags() string {
	var b strings.Builder
	for i := range t.validators {
		if id, err := node.PeerID(t.validatorDir(i)); err == nil {
			fmt.Fprintf(&b, " --peer %s@%s", id, local(t.ports.p2p, i))
		}
	}
	return b.String()
}
