package sim

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/tmhash"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"

	pbtypes "github.com/cometbft/cometbft/proto/tendermint/types"
	pbversion "github.com/cometbft/cometbft/proto/tendermint/version"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// consensus is CometBFT as far as others see it: heights that were decided, each with a header, and the validators'
// signatures over it. What it has decided it never forgets: it stands for the block stores of all nodes together.
type consensus struct {
	chainID string
	params  []byte // hash of the consensus parameters
	keys    map[string]ed25519.PrivKey
	set     *types.ValidatorSet
	decided []*decision // decided[i] is height i+1
	appHash scale.Hash  // after the last height
}

// decision is a decided height.
type decision struct {
	height int64
	time   time.Time
	txs    [][]byte
	header types.Header
	light  []byte // its light block, encoded
}

// newConsensus makes validators of equal power, one for each node.
func newConsensus(seed uint64, validators int) *consensus {
	c := &consensus{keys: map[string]ed25519.PrivKey{}}
	var members []*types.Validator
	for i := range validators {
		secret := secretOf(seed, "validator %d", i)
		key := ed25519.GenPrivKeyFromSecret(secret[:])
		member := types.NewValidator(key.PubKey(), 10)
		c.keys[string(member.Address)] = key
		members = append(members, member)
	}
	c.set = types.NewValidatorSet(members)
	return c
}

func (c *consensus) height() int64 { return int64(len(c.decided)) }

// propose makes the header of the next height.
func (c *consensus) propose(at time.Time, txs [][]byte) *decision {
	d := &decision{height: c.height() + 1, time: at.UTC(), txs: txs}
	d.header = types.Header{
		Version: pbversion.Consensus{Block: version.BlockProtocol}, ChainID: c.chainID, Height: d.height, Time: d.time,
		ValidatorsHash: c.set.Hash(), NextValidatorsHash: c.set.Hash(), ConsensusHash: c.params, AppHash: slices.Clone(c.appHash[:]),
		DataHash: list(txs).Hash(), ProposerAddress: c.set.Validators[0].Address,
	}
	if len(c.decided) > 0 {
		last := c.decided[len(c.decided)-1].header
		d.header.LastBlockID = blockID(last.Hash())
	}
	return d
}

// decide appends a height that the validators named have signed, and what its execution gave.
func (c *consensus) decide(d *decision, signers []int, appHash scale.Hash) {
	d.light = c.lightBlock(&d.header, signers)
	if len(d.txs) > 0 {
		d.light = append(d.light, claimOf(d.txs)...)
	}
	c.decided = append(c.decided, d)
	c.appHash = appHash
}

func list(txs [][]byte) types.Txs {
	out := make(types.Txs, len(txs))
	for i := range txs {
		out[i] = txs[i]
	}
	return out
}

// claimOf is the field of a light block that proves the height's claim: its first transaction (spec/blocks.md).
func claimOf(txs [][]byte) []byte {
	message := list(txs).Proof(0)
	encoded := message.ToProto()
	proof, err := encoded.Marshal()
	if err != nil {
		panic(err)
	}
	field := []byte{wire.BlockClaimField<<3 | 2}
	return append(binary.AppendUvarint(field, uint64(len(proof))), proof...)
}

func blockID(hash []byte) types.BlockID {
	return types.BlockID{Hash: hash, PartSetHeader: types.PartSetHeader{Total: 1, Hash: tmhash.Sum(hash)}}
}

// lightBlock is a header with the signatures of some validators, by their places in the set.
func (c *consensus) lightBlock(h *types.Header, signers []int) []byte {
	commit := &types.Commit{Height: h.Height, BlockID: blockID(h.Hash())}
	for i, member := range c.set.Validators {
		if !slices.Contains(signers, i) {
			commit.Signatures = append(commit.Signatures, types.NewCommitSigAbsent())
			continue
		}
		vote := types.CommitSig{BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: member.Address, Timestamp: h.Time.Add(time.Millisecond)}
		signature, err := c.keys[string(member.Address)].Sign(types.VoteSignBytes(h.ChainID, &pbtypes.Vote{
			Type: pbtypes.PrecommitType, Height: h.Height, BlockID: commit.BlockID.ToProto(), Timestamp: vote.Timestamp}))
		if err != nil {
			panic(err)
		}
		vote.Signature = signature
		commit.Signatures = append(commit.Signatures, vote)
	}
	block := types.LightBlock{SignedHeader: &types.SignedHeader{Header: h, Commit: commit}, ValidatorSet: c.set}
	message, err := block.ToProto()
	if err == nil {
		var encoded []byte
		if encoded, err = message.Marshal(); err == nil {
			return encoded
		}
	}
	panic(fmt.Sprintf("sim: encode a light block: %v", err))
}

// quorum is how many of equal validators are more than two thirds.
func (c *consensus) quorum() int { return len(c.set.Validators)*2/3 + 1 }
