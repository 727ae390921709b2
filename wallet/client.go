package wallet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/ss58"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// Config is what a Client works with. Chain and Worker may be shared by the clients of several accounts.
type Config struct {
	Chain  *chain.Client
	Worker Worker
	Pair   keys.Pair
	// Vault keeps the session; nil keeps it in memory.
	Vault Vault
	// Progress hears what is being done; nil hears nothing.
	Progress func(text string)
	// Patience is how long a worker may lag behind the chain, or the chain behind a worker, before an answer is refused. Default: 20 s.
	Patience time.Duration
	// Relays carry envelopes, the first that takes them; without one they are submitted directly, which shows the account.
	Relays []Relay
	// DirectFallback submits directly what no relay delivers. It shows the account, so it is off unless it is asked for.
	DirectFallback bool
	// RelayPatience is how long a relay may take before the next gets the same envelope. Default: 20 s.
	RelayPatience time.Duration
}

// defaultPatience is twice what a worker needs to catch up after a slow checkpoint.
const defaultPatience = 20 * time.Second

// Client is one account on one network. Its methods may be called at once; commands of one account are sealed one after another.
type Client struct {
	chain    *chain.Client
	worker   Worker
	pair     keys.Pair
	vault    Vault
	progress func(string)
	patience time.Duration
	instance wire.Instance
	account  scale.AccountID

	relays        []Relay
	direct        bool
	relayPatience time.Duration

	mutex   sync.Mutex
	keys    map[uint32]*seal.PublicKey // contract keys by epoch
	listing *Listing
}

// New makes the client of the pair's account.
func New(config Config) *Client {
	c := &Client{
		chain: config.Chain, worker: config.Worker, pair: config.Pair, vault: config.Vault, progress: config.Progress, patience: config.Patience,
		instance: Instance(config.Chain.Genesis()), account: config.Pair.AccountID(), keys: map[uint32]*seal.PublicKey{},
		relays: config.Relays, direct: config.DirectFallback, relayPatience: config.RelayPatience,
	}
	if c.relayPatience == 0 {
		c.relayPatience = defaultRelayPatience
	}
	if c.vault == nil {
		c.vault = &MemoryVault{}
	}
	if c.patience == 0 {
		c.patience = defaultPatience
	}
	if c.progress == nil {
		c.progress = func(string) {}
	}
	return c
}

// Instance is the only contract of a network.
func Instance(genesis scale.Hash) wire.Instance { return wire.Instance{Genesis: genesis} }

// Account is whose client it is.
func (c *Client) Account() scale.AccountID { return c.account }

// Chain is the client's connection to the chain.
func (c *Client) Chain() *chain.Client { return c.chain }

// Address writes an account for people.
func Address(account scale.AccountID) string {
	address, err := ss58.Encode(AddressPrefix, account)
	if err != nil {
		panic("wallet: SS58 refuses prefix 2: " + err.Error()) // fixed and valid
	}
	return address
}

// ParseAddress reads an account as people write it.
func ParseAddress(text string) (scale.AccountID, error) {
	account, err := ss58.DecodeFor(AddressPrefix, text)
	if err != nil {
		return account, refusedBy(err, "check the address: those of this network carry Kusama's prefix 2", "%q is not an address", text)
	}
	return account, nil
}

func (c *Client) say(format string, args ...any) { c.progress(fmt.Sprintf(format, args...)) }

func (c *Client) signer() extrinsic.Signer { return extrinsic.SignerOf(c.pair) }

// now is the chain's time: that of the newest head.
func now(view *chain.View) time.Time { return view.Head.Time }

// contractKey gives the contract's key of an epoch, proven once.
func (c *Client) contractKey(ctx context.Context, epoch uint32) (*seal.PublicKey, error) {
	c.mutex.Lock()
	known := c.keys[epoch]
	c.mutex.Unlock()
	if known != nil {
		return known, nil
	}
	key, found, err := c.chain.ContractKey(ctx, epoch)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, refusedf("wait until a worker has announced it; 'bitcloak wallet status' shows whether one runs", "the chain has no contract key of epoch %d", epoch)
	}
	parsed, err := seal.ParsePublicKey(c.instance, &key)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	c.keys[epoch] = parsed
	c.mutex.Unlock()
	return parsed, nil
}

// transact signs a call, hands it in and waits until it is in a finalised block.
func (c *Client) transact(ctx context.Context, what string, call []byte) (*chain.Inclusion, error) {
	var sent *chain.Sent
	err := c.vault.Exclusive(ctx, func() (err error) {
		sent, err = c.chain.SubmitAndWatch(ctx, c.signer(), call)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, c.explainRejection(ctx, err))
	}
	c.say("%s sent in transaction %s", what, sent.Hash)
	inclusion, err := sent.Included(ctx)
	if err != nil {
		return inclusion, fmt.Errorf("%s: %w", what, err)
	}
	c.say("%s is in finalised block %d", what, inclusion.Block.Number)
	return inclusion, nil
}

// explainRejection finds out whether a transaction was refused because the account cannot pay for it.
func (c *Client) explainRejection(ctx context.Context, err error) error {
	var rejected *chain.RejectedError
	if !errors.As(err, &rejected) {
		return err
	}
	info, readErr := c.chain.Account(ctx, c.account)
	if readErr != nil || !info.Free.IsZero() {
		return err
	}
	return refusedBy(err, "send some of the network's own currency to "+Address(c.account), "the account has nothing to pay fees with")
}
