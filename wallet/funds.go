package wallet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Balance is what the account has of an asset, all of it proven.
type Balance struct {
	Asset     chain.Asset
	Public    scale.U128 // on the chain
	Claimable scale.U128 // on the chain, of payouts that could not be made
	Available scale.U128 // in the pool
	Held      scale.U128 // in the pool, by open orders
}

// Balances are the account's balances on the chain and, with a session, in the pool. Without a session pooled is false.
func (c *Client) Balances(ctx context.Context) (balances []Balance, pooled bool, err error) {
	listing, err := c.Listing(ctx)
	if err != nil {
		return nil, false, err
	}
	holdings, err := c.chain.Holdings(ctx, c.account, listing.Assets)
	if err != nil {
		return nil, false, err
	}
	for i := range listing.Assets {
		balances = append(balances, Balance{Asset: listing.Assets[i], Public: holdings[i].Balance, Claimable: holdings[i].Claimable})
	}
	session, err := c.findSession(ctx)
	if err != nil || session == nil {
		return balances, false, err
	}
	defer session.Wipe()
	leaves, _, err := c.leaves(ctx, session, 0)
	if err != nil {
		return nil, false, err
	}
	for i := range leaves {
		balances = pool(balances, listing, &leaves[i].Leaf)
	}
	return balances, true, nil
}

// pool enters a leaf among the balances.
func pool(balances []Balance, listing *Listing, leaf *wire.Leaf) []Balance {
	for i := range balances {
		if balances[i].Asset.ID == leaf.Asset {
			balances[i].Available, balances[i].Held = leaf.Available, leaf.Held
			return balances
		}
	}
	return append(balances, Balance{Asset: listing.AssetByID(leaf.Asset), Available: leaf.Available, Held: leaf.Held})
}

// Deposited is a deposit that a commit has passed: it is in the contract's ledger.
type Deposited struct {
	ID     uint64
	Block  scale.Hash
	Number uint32
}

// Deposit moves an amount from the chain into the pool, for the account itself or another. A sealed one does not show for whom.
func (c *Client) Deposit(ctx context.Context, asset *chain.Asset, amount scale.U128, to scale.AccountID, sealed bool) (*Deposited, error) {
	if err := c.depositable(ctx, asset, amount); err != nil {
		return nil, err
	}
	beneficiary := wire.PlainBeneficiary(to)
	if sealed {
		view := c.chain.View()
		key, err := c.contractKey(ctx, view.Epoch.Index)
		if err != nil {
			return nil, err
		}
		if beneficiary, err = key.Beneficiary(to, c.account, asset.ID, amount); err != nil {
			return nil, err
		}
	}
	call, err := wire.CallDeposit(asset.ID, amount, beneficiary)
	if err != nil {
		return nil, err
	}
	inclusion, err := c.transact(ctx, "deposit", call)
	if err != nil {
		return nil, err
	}
	return c.awaitDeposit(ctx, inclusion)
}

// depositable refuses what the chain would refuse, before a fee is paid for that.
func (c *Client) depositable(ctx context.Context, asset *chain.Asset, amount scale.U128) error {
	if amount.IsZero() || amount.Less(asset.MinBalance) {
		return refusedf(fmt.Sprintf("deposit at least %s %s", FormatAmount(asset.MinBalance, asset.Decimals), asset.Symbol),
			"%s %s is too little to deposit", FormatAmount(amount, asset.Decimals), asset.Symbol)
	}
	paused, err := c.chain.Paused(ctx)
	if err != nil {
		return err
	}
	if paused {
		return refusedf("wait until governance resumes them; withdrawals go on", "deposits are paused")
	}
	return c.spendable(ctx, asset, amount)
}

// spendable compares an amount with the account's balance on the chain.
func (c *Client) spendable(ctx context.Context, asset *chain.Asset, amount scale.U128) error {
	holdings, err := c.chain.Holdings(ctx, c.account, []chain.Asset{*asset})
	if err != nil {
		return err
	}
	if holdings[0].Frozen {
		return refusedf("ask the issuer of the asset", "the account's %s is frozen by its issuer", asset.Symbol)
	}
	if have := holdings[0].Balance; have.Less(amount) {
		return refusedf("lower the amount", "not enough on the chain: %s %s wanted, the account has %s %s",
			FormatAmount(amount, asset.Decimals), asset.Symbol, FormatAmount(have, asset.Decimals), asset.Symbol)
	}
	return nil
}

// awaitDeposit waits until a commit has passed the deposit, and sees that the chain no longer keeps it as waiting.
func (c *Client) awaitDeposit(ctx context.Context, inclusion *chain.Inclusion) (*Deposited, error) {
	deposited := &Deposited{Block: inclusion.Block.Hash, Number: inclusion.Block.Number}
	found := false
	for i := range inclusion.Events {
		if id, is := inclusion.Events[i].DepositID(); is {
			deposited.ID, found = id, true
		}
	}
	if !found {
		return nil, fmt.Errorf("%w (no deposit in block %d)", chain.ErrEvents, deposited.Number)
	}
	for {
		view, err := c.chain.Covered(ctx, deposited.Number)
		if err != nil {
			return nil, err
		}
		_, waiting, err := c.chain.Deposit(ctx, view.Head, deposited.ID)
		if err != nil {
			return nil, err
		}
		if !waiting {
			c.say("deposit %d is in the ledger as of checkpoint %d", deposited.ID, view.Commit.Value.Checkpoint)
			return deposited, nil
		}
		if view, err = c.chain.Wait(ctx, func(v *chain.View) bool { return v.Head.Number > view.Head.Number }); err != nil {
			return nil, err
		}
	}
}

// Withdrawal is a payout that the contract has ordered and the chain has executed.
type Withdrawal struct {
	Outbox uint64
	Paid   bool // false: it could not be paid, and its receiver can claim it
	Block  scale.Hash
	Number uint32
}

// errOtherPayout says that an outbox message is not the withdrawal's.
var errOtherPayout = errors.New("it pays something else")

// Withdraw pays out of the pool to an account on the chain, and waits for the payout.
func (c *Client) Withdraw(ctx context.Context, asset *chain.Asset, amount scale.U128, to scale.AccountID) (*Withdrawal, error) {
	command := wire.Command{Kind: wire.CommandWithdraw, Asset: asset.ID, Amount: amount, To: to}
	e, entries, err := c.moveOut(ctx, "withdrawal", command, asset, wire.EventWithdrawn, wire.EventWithdrawalWaiting)
	if err != nil {
		return nil, err
	}
	defer e.session.Wipe()
	return c.followWithdrawal(ctx, e, entries)
}

// Transfer moves an amount to another account inside the pool: nothing of it shows on the chain.
func (c *Client) Transfer(ctx context.Context, asset *chain.Asset, amount scale.U128, to scale.AccountID) error {
	e, _, err := c.moveOut(ctx, "transfer", wire.Command{Kind: wire.CommandTransfer, Asset: asset.ID, Amount: amount, To: to}, asset, wire.EventTransferOut)
	if err == nil {
		e.session.Wipe()
	}
	return err
}

// moveOut executes a command that takes an amount out of the account's balance in the pool, and gives the history from the entry on
// that says so, which is of one of the kinds. The session is the caller's to wipe, unless there is an error.
func (c *Client) moveOut(ctx context.Context, what string, command wire.Command, asset *chain.Asset, kinds ...uint8) (e *executed, entries []wire.HistoryEntry, err error) {
	s, err := c.stand(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			s.session.Wipe()
		}
	}()
	if command.Amount.IsZero() {
		return nil, nil, refusedf("type an amount above zero", "a %s of nothing", what)
	}
	if have := s.available(asset.ID); have.Less(command.Amount) {
		return nil, nil, refusedf("lower the amount, or cancel open orders that hold some", "not enough in the pool: available is %s %s",
			FormatAmount(have, asset.Decimals), asset.Symbol)
	}
	if e, err = c.execute(ctx, what, s, command, false); err != nil {
		return nil, nil, err
	}
	entries, err = e.find(func(event *wire.HistoryEvent) bool {
		return slices.Contains(kinds, event.Kind) && event.Asset == command.Asset && event.Amount == command.Amount
	})
	return e, entries, err
}

// followWithdrawal waits until a withdrawal has its place in the outbox, which may be some checkpoints later, and then for its payout.
// An earlier withdrawal of the same amount to somebody else may be entered before it: the payout's receiver tells them apart.
func (c *Client) followWithdrawal(ctx context.Context, e *executed, entries []wire.HistoryEntry) (*Withdrawal, error) {
	command := &e.command
	waiting, checkpoint := entries[0].Event.Kind == wire.EventWithdrawalWaiting, e.checkpoint
	if waiting {
		c.say("the withdrawal waits for its turn in the outbox")
	}
	for {
		last := entries[len(entries)-1].Index
		for i := range entries {
			event := &entries[i].Event
			if event.Kind != wire.EventWithdrawn || event.Asset != command.Asset || event.Amount != command.Amount {
				continue
			}
			payout := chain.Payout{Sequence: event.Number, To: command.To, Asset: command.Asset, Amount: command.Amount}
			if paid, err := c.awaitPayout(ctx, e.number, payout); err == nil || !waiting || !errors.Is(err, errOtherPayout) {
				return paid, err
			}
		}
		for entries = nil; len(entries) == 0; {
			view, err := c.chain.Wait(ctx, func(v *chain.View) bool { return v.Commit.Some && v.Commit.Value.Checkpoint > checkpoint || v.Halted })
			if err != nil {
				return nil, fmt.Errorf("wallet: the withdrawal is taken and waits for its turn in the outbox; look at 'bitcloak wallet history' later (%w)", err)
			}
			if view.Halted {
				return nil, fmt.Errorf("%w (the withdrawal waits for its turn in the outbox)", chain.ErrHalted)
			}
			checkpoint = view.Commit.Value.Checkpoint
			if entries, err = c.entries(ctx, e.session, last, checkpoint, 0); err != nil {
				return nil, err
			}
		}
	}
}

// awaitPayout waits until the chain has executed an outbox message and finds what became of it in the blocks since the command's.
func (c *Client) awaitPayout(ctx context.Context, from uint32, payout chain.Payout) (*Withdrawal, error) {
	view, err := c.chain.Wait(ctx, func(v *chain.View) bool { return v.Commit.Some && v.Commit.Value.Outbox > payout.Sequence || v.Halted })
	if err != nil {
		return nil, err
	}
	if !view.Commit.Some || view.Commit.Value.Outbox <= payout.Sequence {
		return nil, fmt.Errorf("%w (outbox message %d)", chain.ErrHalted, payout.Sequence)
	}
	c.say("outbox message %d is executed; looking for its payout", payout.Sequence)
	for number := from + 1; number <= view.Head.Number; number++ {
		block, known := c.chain.Block(number)
		if !known {
			return nil, fmt.Errorf("%w (block %d)", chain.ErrForgotten, number)
		}
		events, err := c.chain.Events(ctx, block)
		if err != nil {
			return nil, err
		}
		for i := range events {
			found, paid, is := events[i].Payout()
			if !is || found.Sequence != payout.Sequence {
				continue
			}
			if found != payout {
				return nil, fmt.Errorf("%w: %w (outbox message %d)", chain.ErrEvents, errOtherPayout, payout.Sequence)
			}
			return &Withdrawal{Outbox: payout.Sequence, Paid: paid, Block: block.Hash, Number: block.Number}, nil
		}
	}
	return nil, fmt.Errorf("%w (no payout of outbox message %d)", chain.ErrEvents, payout.Sequence)
}

// Claimed is what a claim has brought.
type Claimed struct {
	Amount scale.U128
	Block  scale.Hash
	Number uint32
}

// ErrNothingToClaim says that no payout of the asset waits for the account.
var ErrNothingToClaim = errors.New("wallet: nothing of this asset is claimable; see 'bitcloak wallet balances'")

// Claim receives payouts that could not be made, at the account itself or another.
func (c *Client) Claim(ctx context.Context, asset *chain.Asset, to scale.AccountID) (*Claimed, error) {
	holdings, err := c.chain.Holdings(ctx, c.account, []chain.Asset{*asset})
	if err != nil {
		return nil, err
	}
	if holdings[0].Claimable.IsZero() {
		return nil, ErrNothingToClaim
	}
	destination := scale.None[scale.AccountID]()
	if to != c.account {
		destination = scale.Some(to)
	}
	inclusion, err := c.transact(ctx, "claim", wire.CallClaim(asset.ID, destination))
	if err != nil {
		return nil, err
	}
	return &Claimed{Amount: holdings[0].Claimable, Block: inclusion.Block.Hash, Number: inclusion.Block.Number}, nil
}
