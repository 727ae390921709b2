package node

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// Steps of a round, as privval numbers them.
const (
	stepPropose   int8 = 1
	stepPrevote   int8 = 2
	stepPrecommit int8 = 3
)

// signer signs for the validator, and never twice for one height, round and step. The rules are those of privval, which also
// answers for what was signed already; it differs in how what is signed is kept.
type signer struct {
	validator *privval.FilePV // never asked to sign anything new: it would write its own file
	file      *signedFile
	closing   sync.Once
	closed    error
}

var _ types.PrivValidator = (*signer)(nil)

// Close gives the file free. It may be called more than once: CometBFT closes the validator of a node that has run.
func (s *signer) Close() error {
	s.closing.Do(func() { s.closed = s.file.Close() })
	return s.closed
}

// GetPubKey implements types.PrivValidator.
func (s *signer) GetPubKey() (crypto.PubKey, error) { return s.public(), nil }

func (s *signer) public() crypto.PubKey { return s.validator.Key.PubKey }

// SignProposal implements types.PrivValidator.
func (s *signer) SignProposal(chainID string, proposal *cmtproto.Proposal) error {
	again, err := s.validator.LastSignState.CheckHRS(proposal.Height, proposal.Round, stepPropose)
	if err != nil {
		return fmt.Errorf("sign a proposal: %w", err)
	}
	if again {
		return s.validator.SignProposal(chainID, proposal) // the same signature, or a conflict
	}
	signature, err := s.sign(proposal.Height, proposal.Round, stepPropose, types.ProposalSignBytes(chainID, proposal))
	if err != nil {
		return fmt.Errorf("sign a proposal: %w", err)
	}
	proposal.Signature = signature
	return nil
}

// SignVote implements types.PrivValidator.
func (s *signer) SignVote(chainID string, vote *cmtproto.Vote) error {
	var step int8
	switch vote.Type {
	case cmtproto.PrevoteType:
		step = stepPrevote
	case cmtproto.PrecommitType:
		step = stepPrecommit
	default:
		return fmt.Errorf("sign a vote: it is of an unknown type, %v", vote.Type)
	}
	again, err := s.validator.LastSignState.CheckHRS(vote.Height, vote.Round, step)
	if err != nil {
		return fmt.Errorf("sign a vote: %w", err)
	}
	if again {
		return s.validator.SignVote(chainID, vote) // the same signature, or a conflict
	}
	extension, err := s.signExtension(chainID, vote)
	if err != nil {
		return fmt.Errorf("sign a vote: %w", err)
	}
	signature, err := s.sign(vote.Height, vote.Round, step, types.VoteSignBytes(chainID, vote))
	if err != nil {
		return fmt.Errorf("sign a vote: %w", err)
	}
	vote.Signature, vote.ExtensionSignature = signature, extension
	return nil
}

// signExtension signs what a precommit for a block carries beside, even if it is empty; other votes carry nothing.
func (s *signer) signExtension(chainID string, vote *cmtproto.Vote) ([]byte, error) {
	if vote.Type == cmtproto.PrecommitType && !types.ProtoBlockIDIsNil(&vote.BlockID) {
		return s.validator.Key.PrivKey.Sign(types.VoteExtensionSignBytes(chainID, vote))
	}
	if len(vote.Extension) > 0 {
		return nil, errors.New("only a precommit for a block may have an extension")
	}
	return nil, nil
}

// sign keeps what is signed before it gives the signature away.
func (s *signer) sign(height int64, round int32, step int8, message []byte) ([]byte, error) {
	signature, err := s.validator.Key.PrivKey.Sign(message)
	if err != nil {
		return nil, err
	}
	next := s.validator.LastSignState
	next.Height, next.Round, next.Step = height, round, step
	next.Signature, next.SignBytes = signature, message
	if err := s.file.write(&next); err != nil {
		return nil, fmt.Errorf("keep what is signed: %w", err)
	}
	s.validator.LastSignState = next
	return signature, nil
}
