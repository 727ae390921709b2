package main

import (
	"time"

	"github.com/spf13/cobra"
)

// walletFlags are the flags of every wallet command (spec/interface.md).
type walletFlags struct {
	nodes         []string
	worker        string
	home          string
	account       string
	genesis       string
	trustedHeader string
	timeout       time.Duration
	relays        []string
	direct        bool
	yes, json     bool
	baseUnits     bool
}

func newWalletCommand() *cobra.Command {
	w := &walletRun{}
	command := group(&cobra.Command{
		Use:   "wallet",
		Short: "Trade: accounts, deposits, orders, fills, withdrawals",
		Long: `The wallet of a trader. It keeps your keys, seals your orders so that nobody but the contract can read them, and believes an answer
only when it is proven: the chain by the wallet's own light client, your balances by the state that the chain has committed.

To trade: make an account and fund it on the chain, open a session, deposit, place orders, withdraw.

  bitcloak wallet account new savings
  bitcloak wallet session open
  bitcloak wallet deposit 1000 USDT
  bitcloak wallet order place buy 2 KSM at 25 USDT
  bitcloak wallet fills
  bitcloak wallet withdraw 1.5 KSM

With --relay your account appears on the chain with deposits and withdrawals only; the relay is refunded out of your CLOAK in the pool.

On a development network use the well-known accounts: --account //Alice.`,
	}, w.accountCommand(), w.sessionCommand(), w.assetsCommand(), w.marketsCommand(), w.depositCommand(), w.balancesCommand(),
		w.orderCommand(), w.tradeCommand(), w.cadenceCommand(), w.fillsCommand(), w.historyCommand(), w.receiptCommand(), w.withdrawCommand(), w.claimCommand(),
		w.transferCommand(), w.watchCommand(), w.statusCommand())
	flags := command.PersistentFlags()
	flags.StringSliceVar(&w.flags.nodes, "node", []string{"ws://127.0.0.1:9944"},
		"URL of a node's JSON-RPC; it is not trusted; may be repeated: the first is asked, and the others' heads must agree with its own")
	flags.StringVar(&w.flags.worker, "worker", "http://127.0.0.1:9955", "URL of a worker; it is not trusted")
	flags.StringSliceVar(&w.flags.relays, "relay", nil, "URL of a relay that carries sealed commands under its own account; may be repeated: the next is tried when one does not deliver")
	flags.BoolVar(&w.flags.direct, "direct-fallback", false, "submit directly what no relay delivers, which shows your account on the chain")
	flags.StringVar(&w.flags.home, "home", "", "folder of accounts and sessions (default: $BITCLOAK_HOME, else ~/.bitcloak/wallet)")
	flags.StringVar(&w.flags.account, "account", "", "account's NAME in the home, or a secret URI such as //Alice (default: the only one in the home)")
	flags.StringVar(&w.flags.genesis, "genesis", "", "genesis hash of the network to trust (default: the one this home met first)")
	flags.StringVar(&w.flags.trustedHeader, "trusted-header", "", "HEIGHT:HASH of a recent consensus header you trust; needed where the home was not used for two weeks")
	flags.DurationVar(&w.flags.timeout, "timeout", 2*time.Minute, "give up after this time")
	flags.BoolVar(&w.flags.yes, "yes", false, "do not ask before moving money")
	flags.BoolVar(&w.flags.json, "json", false, "print one JSON value on standard output")
	flags.BoolVar(&w.flags.baseUnits, "base-units", false, "amounts are typed in base units instead of whole ones")
	return command
}
