package chain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/bitcloak/bitcloak/substrate/extrinsic"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// mortality is for how many blocks a transaction is valid: within the runtime's BlockHashCount, and a power of two that era counts
// in single blocks.
const mortality = 2048

// nonces counts the nonces of the accounts that sign here, so that several transactions can be under way. One account's
// transactions are signed and handed in one after another.
type nonces struct {
	mutex    sync.Mutex
	accounts map[scale.AccountID]*nonce
}

// maxNonceAge is for how long nonces are counted here before the node is asked again: one that has crashed has lost what was in its
// pool, and what comes after a gap is never executed.
const maxNonceAge = time.Second

type nonce struct {
	mutex sync.Mutex
	next  uint32
	known bool
	asked time.Time
}

func (n *nonce) forget() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.known = false
}

func newNonces() nonces { return nonces{accounts: map[scale.AccountID]*nonce{}} }

func (n *nonces) of(account scale.AccountID) *nonce {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.accounts[account] == nil {
		n.accounts[account] = &nonce{}
	}
	return n.accounts[account]
}

// Sent is an extrinsic that a node's pool has taken.
type Sent struct {
	Hash scale.Hash

	client    *Client
	signer    scale.AccountID
	extrinsic []byte
	watch     Watch  // nil if it is not watched
	after     uint32 // the head when it was signed
	death     uint32 // the first block in which it is no longer valid
}

// Submit signs a call and hands it in, without watching what becomes of it.
func (c *Client) Submit(ctx context.Context, signer extrinsic.Signer, call []byte) (*Sent, error) {
	return c.send(ctx, signer, call, func(s *Sent) error { return c.node.Submit(ctx, s.extrinsic) })
}

// SubmitAndWatch signs a call and hands it in; Sent.Included then tells what became of it.
func (c *Client) SubmitAndWatch(ctx context.Context, signer extrinsic.Signer, call []byte) (*Sent, error) {
	return c.send(ctx, signer, call, func(s *Sent) (err error) {
		s.watch, err = c.node.Watch(ctx, s.extrinsic)
		return err
	})
}

func (c *Client) send(ctx context.Context, signer extrinsic.Signer, call []byte, hand func(*Sent) error) (*Sent, error) {
	n := c.nonces.of(signer.Account)
	n.mutex.Lock()
	defer n.mutex.Unlock()
	counted := n.known // a nonce counted here may have been overtaken by another wallet of the account
	sent, err := c.sendOnce(ctx, n, signer, call, hand)
	var rejected *RejectedError
	if counted && errors.As(err, &rejected) {
		return c.sendOnce(ctx, n, signer, call, hand)
	}
	return sent, err
}

func (c *Client) sendOnce(ctx context.Context, n *nonce, signer extrinsic.Signer, call []byte, hand func(*Sent) error) (*Sent, error) {
	if !n.known || time.Since(n.asked) > maxNonceAge {
		next, err := c.node.NextNonce(ctx, signer.Account)
		if err != nil {
			return nil, fmt.Errorf("chain: ask for the account's nonce: %w", err)
		}
		n.next, n.known, n.asked = next, true, time.Now()
	}
	sent, err := c.sign(ctx, n.next, signer, call)
	if err != nil {
		return nil, err
	}
	if err := hand(sent); err != nil {
		n.known = false
		c.forget()
		var rejected *RejectedError
		if !errors.As(err, &rejected) {
			err = fmt.Errorf("%w (valid until block %d: %w)", ErrUnclear, sent.death-1, err)
		}
		return nil, err
	}
	n.next++
	return sent, nil
}

// sign makes a transaction that is valid from the newest head on.
func (c *Client) sign(ctx context.Context, nonce uint32, signer extrinsic.Signer, call []byte) (*Sent, error) {
	version, err := c.version(ctx)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	head, disagreement := c.view.Head, c.disagreement
	c.mutex.Unlock()
	if disagreement != nil {
		return nil, disagreement
	}
	era := extrinsic.Mortal(mortality, uint64(head.Number)) // begins at the head
	signed, err := extrinsic.Sign(call, extrinsic.Extensions{Era: era, Nonce: nonce}, extrinsic.Implicit{
		SpecVersion: version.Spec, TransactionVersion: version.Transaction, Genesis: c.config.Genesis, Mortality: head.Hash,
	}, signer)
	if err != nil {
		return nil, fmt.Errorf("chain: sign a transaction: %w", err)
	}
	return &Sent{Hash: hashing.Blake2_256(signed), client: c, signer: signer.Account, extrinsic: signed, after: head.Number,
		death: uint32(era.Death(uint64(head.Number)))}, nil
}
