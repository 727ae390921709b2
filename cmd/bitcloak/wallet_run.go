package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/runtime"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// walletRun is one wallet command being run: what its flags say, and what was opened on the way.
type walletRun struct {
	flags   walletFlags
	command *cobra.Command

	home   *wallet.Home
	node   chain.RPC
	chain  *chain.Client
	worker *wallet.WorkerClient
	opened []func()
}

// runs makes a command's function of one that may open things: they are closed at the end, and errors told as JSON if asked for.
func (w *walletRun) runs(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		w.command = command
		ctx, cancel := context.WithTimeout(command.Context(), w.flags.timeout)
		defer cancel()
		defer w.close()
		err := work(ctx, args)
		if err == nil || !w.flags.json {
			return err
		}
		cause, remedy := wallet.Explain(err)
		problem := map[string]any{"error": map[string]string{"cause": cause, "remedy": remedy}}
		if err := json.NewEncoder(command.OutOrStdout()).Encode(problem); err != nil {
			return err
		}
		return &reportedError{err}
	}
}

func (w *walletRun) close() {
	for i := len(w.opened) - 1; i >= 0; i-- {
		w.opened[i]()
	}
	w.opened = nil
}

// say tells of progress, beside the result.
func (w *walletRun) say(text string) { fmt.Fprintln(w.command.ErrOrStderr(), "·", text) }

// print gives the result: as JSON, or by table to people.
func (w *walletRun) print(value any, table func(out io.Writer)) error {
	out := w.command.OutOrStdout()
	if w.flags.json {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(value)
	}
	tabs := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	table(tabs)
	return tabs.Flush()
}

func (w *walletRun) openHome() (*wallet.Home, error) {
	if w.home != nil {
		return w.home, nil
	}
	folder := w.flags.home
	if folder == "" {
		var err error
		if folder, err = wallet.DefaultHome(); err != nil {
			return nil, err
		}
	}
	home, err := wallet.OpenHome(folder)
	w.home = home
	return home, err
}

// connect follows the network that the home trusts, or meets one.
func (w *walletRun) connect(ctx context.Context) (*chain.Client, error) {
	if w.chain != nil {
		return w.chain, nil
	}
	home, err := w.openHome()
	if err != nil {
		return nil, err
	}
	witnesses, err := w.dialNodes()
	if err != nil {
		return nil, err
	}
	genesis, met, err := w.trusted(ctx, home)
	if err != nil {
		return nil, err
	}
	store, err := home.HeadStore(genesis)
	if err != nil {
		return nil, err
	}
	w.opened = append(w.opened, func() { _ = store.Close() })
	header, err := parseTrustedHeader(w.flags.trustedHeader)
	if err != nil {
		return nil, err
	}
	config := chain.Config{Genesis: genesis, Store: store, Trusted: header, Witnesses: witnesses,
		Metadata: runtime.Metadata(14), MetadataSpec: runtime.New(nil).Version().SpecVersion}
	w.chain, err = chain.Connect(ctx, w.node, config)
	if errors.Is(err, light.ErrTrustExpired) {
		return nil, &wallet.Refused{Cause: "what this wallet last proved of the network is too old to prove anything newer", Err: err,
			Remedy: "ask somebody you trust for a recent consensus header, and name it with --trusted-header HEIGHT:HASH"}
	}
	if err != nil {
		return nil, err
	}
	w.opened = append(w.opened, w.chain.Close)
	if !met {
		err = home.Meet(wallet.Network{Genesis: genesis, Node: w.flags.nodes[0], Met: time.Now().UTC().Truncate(time.Second)})
		w.say(fmt.Sprintf("This wallet now trusts the network %s, the first it met. Compare that with what the network's operators publish.", genesis))
	}
	return w.chain, err
}

// dialNodes makes the first node the one that is asked, and gives the others.
func (w *walletRun) dialNodes() (witnesses []chain.Node, err error) {
	if len(w.flags.nodes) == 0 {
		return nil, usagef("name a node with --node")
	}
	for i, url := range w.flags.nodes {
		node := chain.DialRPC(url)
		w.opened = append(w.opened, func() { _ = node.Close() })
		if i == 0 {
			w.node = node
		} else {
			witnesses = append(witnesses, node)
		}
	}
	return witnesses, nil
}

// trusted is the network to follow; met is false if the node alone has named it.
func (w *walletRun) trusted(ctx context.Context, home *wallet.Home) (genesis scale.Hash, met bool, err error) {
	served, err := w.node.GenesisHash(ctx)
	if err != nil {
		return genesis, false, &wallet.Refused{Cause: "the node at " + w.flags.nodes[0] + " does not answer", Err: err,
			Remedy: "check --node and that a node runs there; 'bitcloak dev' starts a development network"}
	}
	if w.flags.genesis != "" {
		if genesis, err = scale.ParseHash(w.flags.genesis); err != nil {
			return genesis, false, usagef("--genesis: %w", err)
		}
		met = true
	} else {
		network, found, err := home.Network()
		if err != nil {
			return genesis, false, err
		}
		if genesis, met = network.Genesis, found; !found {
			return served, false, nil
		}
	}
	if served != genesis {
		return genesis, met, &wallet.Refused{
			Cause:  fmt.Sprintf("the node at %s serves the network %s, and this wallet trusts %s", w.flags.nodes[0], served, genesis),
			Remedy: "check --node; if you have started a development network anew, name it with --genesis, or remove " + home.NetworkFile() + " to forget the old one"}
	}
	return genesis, met, nil
}

// client is the account's wallet on the network.
func (w *walletRun) client(ctx context.Context) (*wallet.Client, error) {
	pair, err := w.unlock()
	if err != nil {
		return nil, err
	}
	w.opened = append(w.opened, pair.Wipe)
	return w.clientOf(ctx, pair)
}

func (w *walletRun) clientOf(ctx context.Context, pair keys.Pair) (*wallet.Client, error) {
	network, err := w.connect(ctx)
	if err != nil {
		return nil, err
	}
	vault, err := w.home.Vault(pair, wallet.Instance(network.Genesis()))
	if err != nil {
		return nil, err
	}
	if w.worker, err = wallet.DialWorker(w.flags.worker); err != nil {
		return nil, err
	}
	w.opened = append(w.opened, w.worker.Close)
	relays, err := w.dialRelays()
	if err != nil {
		return nil, err
	}
	return wallet.New(wallet.Config{Chain: network, Worker: w.worker, Pair: pair, Vault: vault, Progress: w.say,
		Relays: relays, DirectFallback: w.flags.direct}), nil
}

func (w *walletRun) dialRelays() (relays []wallet.Relay, err error) {
	if w.flags.direct && len(w.flags.relays) == 0 {
		return nil, usagef("--direct-fallback is about relays: name one with --relay; without one everything is submitted directly")
	}
	for _, url := range w.flags.relays {
		relay, err := wallet.DialRelay(url)
		if err != nil {
			return nil, err
		}
		w.opened = append(w.opened, relay.Close)
		relays = append(relays, relay)
	}
	return relays, nil
}

// listing is the network's assets and markets.
func (w *walletRun) listing(ctx context.Context) (*wallet.Listing, error) {
	network, err := w.connect(ctx)
	if err != nil {
		return nil, err
	}
	return wallet.ReadListing(ctx, network)
}
