package memory

import (
	"encoding/binary"
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

// Validator is a validator by name: its key is derived from it.
type Validator struct {
	Name  string
	Power int64
	// Silent validators belong to the set but sign nothing.
	Silent bool
}

func (v Validator) key() ed25519.PrivKey { return ed25519.GenPrivKeyFromSecret([]byte(v.Name)) }

// consensus is the CometBFT side of a chain.
type consensus struct {
	chainID    string
	start      time.Time
	interval   time.Duration
	paramsHash []byte

	validators *types.ValidatorSet
	next       *types.ValidatorSet
	keys       map[string]Validator // by address
	blocks     []*types.LightBlock  // blocks[i] is height i + 1
	claims     [][]byte             // of the same heights, encoded; nil where none is made
}

func newConsensus(options Options) consensus {
	s := consensus{chainID: options.ChainID, start: options.Start, interval: options.Interval,
		paramsHash: types.DefaultConsensusParams().Hash(), keys: map[string]Validator{}}
	s.validators = s.set(options.Validators)
	s.next = s.validators
	return s
}

func (s *consensus) set(validators []Validator) *types.ValidatorSet {
	set := make([]*types.Validator, len(validators))
	for i, v := range validators {
		set[i] = types.NewValidator(v.key().PubKey(), v.Power)
		s.keys[string(set[i].Address)] = v
	}
	return types.NewValidatorSet(set)
}

// height is that of the last light block.
func (s *consensus) height() int64 { return int64(len(s.blocks)) }

// time is the last light block's.
func (s *consensus) time() time.Time {
	return s.start.Add(time.Duration(len(s.blocks)) * s.interval)
}

// append makes the next height, which carries appHash. If it makes a Substrate
// block, it claims that.
func (s *consensus) append(appHash scale.Hash, made *scale.Hash) {
	h := types.Header{
		Version:            pbversion.Consensus{Block: version.BlockProtocol},
		ChainID:            s.chainID,
		Height:             s.height() + 1,
		ValidatorsHash:     s.validators.Hash(),
		NextValidatorsHash: s.next.Hash(),
		ConsensusHash:      s.paramsHash,
		AppHash:            appHash[:],
		ProposerAddress:    s.validators.Validators[0].Address,
	}
	h.Time = s.start.Add(time.Duration(h.Height) * s.interval)
	var claim []byte
	if made != nil {
		h.DataHash, claim = proveClaim(*made)
	}
	s.claims = append(s.claims, claim)
	if len(s.blocks) > 0 {
		h.LastBlockID = s.blocks[len(s.blocks)-1].Commit.BlockID
	}
	s.blocks = append(s.blocks, &types.LightBlock{SignedHeader: s.sign(&h, s.validators), ValidatorSet: s.validators})
	s.validators = s.next
}

// proveClaim is the root of a height's transactions, of which a block's claim is
// the first, and the proof of that.
func proveClaim(block scale.Hash) (root, proof []byte) {
	transactions := types.Txs{wire.BlockClaim(block), []byte("one"), []byte("two")}
	message := transactions.Proof(0)
	encoded := message.ToProto()
	proof, err := encoded.Marshal()
	if err != nil {
		panic("memory: encode a claim: " + err.Error())
	}
	return transactions.Hash(), proof
}

// sign commits to a header with every validator of the set that is not silent.
func (s *consensus) sign(h *types.Header, set *types.ValidatorSet) *types.SignedHeader {
	commit := &types.Commit{Height: h.Height, BlockID: types.BlockID{
		Hash:          h.Hash(),
		PartSetHeader: types.PartSetHeader{Total: 1, Hash: tmhash.Sum(h.Hash())},
	}}
	for i, member := range set.Validators {
		validator := s.keys[string(member.Address)]
		if validator.Silent {
			commit.Signatures = append(commit.Signatures, types.NewCommitSigAbsent())
			continue
		}
		commit.Signatures = append(commit.Signatures, types.CommitSig{
			BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: member.Address, Timestamp: h.Time.Add(time.Millisecond)})
		vote := types.VoteSignBytes(s.chainID, &pbtypes.Vote{Type: pbtypes.PrecommitType, Height: h.Height,
			BlockID: commit.BlockID.ToProto(), Timestamp: commit.Signatures[i].Timestamp})
		signature, err := validator.key().Sign(vote)
		if err != nil {
			panic("memory: sign a vote: " + err.Error())
		}
		commit.Signatures[i].Signature = signature
	}
	return &types.SignedHeader{Header: h, Commit: commit}
}

// SetValidators changes the set from the height after the next on.
func (c *Chain) SetValidators(validators ...Validator) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.consensus.next = c.consensus.set(validators)
}

// Forge is the light block of a height after change and signed anew by validators:
// what a dishonest set of them could make.
func (c *Chain) Forge(height int64, validators []Validator, change func(*types.Header)) []byte {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	h := *c.consensus.blocks[height-1].Header
	set := c.consensus.validators
	if validators != nil {
		set = c.consensus.set(validators)
		h.ValidatorsHash = set.Hash()
	}
	change(&h)
	return encode(&types.LightBlock{SignedHeader: c.consensus.sign(&h, set), ValidatorSet: set})
}

// AttachClaim adds the proof of a claim to an encoded light block.
func AttachClaim(lightBlock, claim []byte) []byte {
	encoded := append(slices.Clone(lightBlock), wire.BlockClaimField<<3|2)
	return append(binary.AppendUvarint(encoded, uint64(len(claim))), claim...)
}

// encode is a light block's protobuf.
func encode(b *types.LightBlock) []byte {
	message, err := b.ToProto()
	if err == nil {
		var encoded []byte
		if encoded, err = message.Marshal(); err == nil {
			return encoded
		}
	}
	panic("memory: encode a light block: " + err.Error())
}
