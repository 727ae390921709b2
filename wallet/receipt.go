package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/header"
	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// Receipt shows a fill to whoever knows the network's genesis: the worker's signed answer, and the proof that the chain has
// committed the state it is about and lists the worker. It does not need this wallet's word, nor the worker's nor a node's again.
type Receipt struct {
	Answer wire.Answer
	// Header is a finalised block's, in whose state Nodes prove the commit and the worker.
	Header header.Header
	Nodes  [][]byte
}

// Bounds of a receipt's proof.
const (
	maximumNodes    = 256
	maximumNodeSize = 64 << 10
	// MaximumReceipt bounds an encoded receipt, in bytes.
	MaximumReceipt = 4 << 20
)

// ReceiptCodec is the codec of Receipt.
var ReceiptCodec = scale.Struct("bitcloak_wallet::Receipt", "A fill, and what proves it.",
	scale.Field("answer", wire.AnswerCodec, func(r *Receipt) *wire.Answer { return &r.Answer }),
	scale.Field("header", header.Codec, func(r *Receipt) *header.Header { return &r.Header }),
	scale.Field("nodes", scale.Vec(scale.Bytes(maximumNodeSize), maximumNodes), func(r *Receipt) *[][]byte { return &r.Nodes }))

// Receipt asks for the proof of one of the account's fills.
func (c *Client) Receipt(ctx context.Context, fill uint64) (*Receipt, error) {
	session, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Wipe()
	started := time.Now()
	for {
		answer, err := c.ask(ctx, session, wire.Query{Kind: wire.QueryReceipt, Fill: fill}, 0)
		if err != nil {
			return nil, err
		}
		if err := c.checkMarket(ctx, answer); err != nil {
			return nil, err
		}
		proof, err := c.chain.ProveCommit(ctx, answer.Checkpoint, answer.Worker)
		if err == nil {
			receipt := &Receipt{Answer: *answer, Header: proof.Block.Header, Nodes: proof.Nodes}
			return receipt, receipt.Verify(c.chain.Genesis())
		}
		// No state has a commit that another followed in its own block: a newer one may do.
		if !errors.Is(err, chain.ErrForgotten) || time.Since(started) > c.patience {
			return nil, err
		}
	}
}

// checkMarket sees that the two balances are those of the fill's market.
func (c *Client) checkMarket(ctx context.Context, answer *wire.Answer) error {
	listing, err := c.Listing(ctx)
	if err != nil {
		return err
	}
	pair, err := listing.PairByID(answer.Body.Fill.Market)
	if err != nil {
		return err
	}
	if answer.Body.Base.Leaf.Asset != pair.Market.Base || answer.Body.Quote.Leaf.Asset != pair.Market.Quote {
		return ErrAnswerKind
	}
	return nil
}

// Block is the finalised block that the receipt rests on: whoever verifies it checks, by a node or explorer of his own, that this
// block is on the network's finalised chain.
func (r *Receipt) Block() light.BlockID {
	return light.BlockID{Number: r.Header.Number, Hash: r.Header.Hash()}
}

// Verify checks everything but that Block is final on the network of that genesis.
func (r *Receipt) Verify(genesis scale.Hash) error {
	answer := &r.Answer
	if answer.Instance != Instance(genesis) {
		return refusedf("name the network that the receipt is of", "the receipt is of the network %s, contract %d", answer.Instance.Genesis, answer.Instance.Contract)
	}
	if answer.Body.Kind != wire.QueryReceipt {
		return ErrAnswerKind
	}
	if !keys.Verify(keys.Ed25519, answer.Worker, digest(answer), answer.Signature) {
		return ErrAnswerSignature
	}
	if err := r.verifyLeaves(); err != nil {
		return err
	}
	return r.verifyCommit()
}

func (r *Receipt) verifyLeaves() error {
	body := &r.Answer.Body
	base, quote := &body.Base.Leaf, &body.Quote.Leaf
	if base.Account != quote.Account || base.Asset == quote.Asset {
		return ErrAnswerAccount
	}
	if !body.Base.Verify(r.Answer.StateRoot) || !body.Quote.Verify(r.Answer.StateRoot) {
		return ErrAnswerLeaf
	}
	return nil
}

// verifyCommit checks the storage proof against the header, and the answer against what it proves.
func (r *Receipt) verifyCommit() error {
	commit, err := provenValue(r, "Confidential.LastCommit", wire.StorageLastCommit(), wire.LastCommitCodec)
	if err != nil {
		return err
	}
	answer := &r.Answer
	if commit.Checkpoint != answer.Checkpoint || commit.StateRoot != answer.StateRoot || commit.Number != answer.Number ||
		commit.BlockHash != answer.BlockHash {
		return ErrAnswerRoot
	}
	_, err = provenValue(r, "Confidential.Workers", wire.StorageWorker(answer.Worker), wire.WorkerCodec)
	return err
}

func provenValue[T any](r *Receipt, name string, key []byte, codec scale.Codec[T]) (value T, err error) {
	encoded, found, err := trie.Verify(r.Header.StateRoot, r.Nodes, key)
	if err != nil {
		return value, fmt.Errorf("%w (%s: %w)", light.ErrProof, name, err)
	}
	if !found {
		return value, fmt.Errorf("%w (block %d has no %s for it)", ErrAnswerWorker, r.Header.Number, name)
	}
	if value, err = codec.Unmarshal(encoded); err != nil {
		return value, fmt.Errorf("%w (%s: %w)", light.ErrState, name, err)
	}
	return value, nil
}

// Account is whose receipt it is.
func (r *Receipt) Account() scale.AccountID { return r.Answer.Body.Base.Leaf.Account }
