package node

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
)

// signing is something to be signed: step 1 a proposal, 2 a prevote, 3 a precommit.
type signing struct {
	height int64
	round  int32
	step   int8
	block  byte // 0: nil
	at     int64
}

func (s signing) blockID() (id cmtproto.BlockID) {
	if s.block != 0 {
		id.Hash = bytes.Repeat([]byte{s.block}, 32)
		id.PartSetHeader = cmtproto.PartSetHeader{Total: 1, Hash: bytes.Repeat([]byte{s.block}, 32)}
	}
	return id
}

type validatorKind interface {
	SignVote(string, *cmtproto.Vote) error
	SignProposal(string, *cmtproto.Proposal) error
}

// by has a validator sign; the time may come out as another.
func (s signing) by(v validatorKind) (signature, extension []byte, at time.Time, err error) {
	when := time.UnixMilli(s.at).UTC()
	if s.step == stepPropose {
		p := &cmtproto.Proposal{Type: cmtproto.ProposalType, Height: s.height, Round: s.round, PolRound: -1, BlockID: s.blockID(), Timestamp: when}
		err = v.SignProposal("chain", p)
		return p.Signature, nil, p.Timestamp, err
	}
	kind := cmtproto.PrevoteType
	if s.step == stepPrecommit {
		kind = cmtproto.PrecommitType
	}
	vote := &cmtproto.Vote{Type: kind, Height: s.height, Round: s.round, BlockID: s.blockID(), Timestamp: when, ValidatorAddress: make([]byte, 20)}
	err = v.SignVote("chain", vote)
	return vote.Signature, vote.ExtensionSignature, vote.Timestamp, err
}

func openTestValidator(t *testing.T, dir string) *signer {
	t.Helper()
	s, err := openValidator(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// The signer does whatever CometBFT's own validator does, asked in any order, and over restarts.
func TestSignerSignsAsCometBFTs(t *testing.T) {
	dir := t.TempDir()
	ours := openTestValidator(t, dir)
	folder := t.TempDir()
	theirs := privval.NewFilePV(ours.validator.Key.PrivKey, filepath.Join(folder, "key"), filepath.Join(folder, "state"))
	random := rand.New(rand.NewPCG(1, 1))
	next, signed, refused := signing{height: 1, step: 1}, 0, 0
	for range 600 {
		ask := next
		switch random.IntN(6) {
		case 0: // again, or of another block
			ask.block = byte(random.IntN(2))
		case 1: // of a neighbour, past or ahead
			ask.height += int64(random.IntN(3) - 1)
		case 2:
			ask.round += int32(random.IntN(2))
		default: // what comes next
			if ask.step++; ask.step > 3 {
				ask.height, ask.round, ask.step = ask.height+1, 0, 1
			}
			ask.block = 1
		}
		ask.at = random.Int64N(3)
		a, x, at, err := ask.by(ours)
		b, y, bt, wrong := ask.by(theirs)
		if (err == nil) != (wrong == nil) || !bytes.Equal(a, b) || !bytes.Equal(x, y) || err == nil && !at.Equal(bt) {
			t.Fatalf("%+v: %x %x %v %v, CometBFT's %x %x %v %v", ask, a, x, at, err, b, y, bt, wrong)
		}
		if err != nil {
			refused++
		} else {
			next, signed = ask, signed+1
		}
		if random.IntN(20) == 0 {
			if err := ours.Close(); err != nil {
				t.Fatal(err)
			}
			ours = openTestValidator(t, dir)
		}
	}
	if signed < 100 || refused < 50 {
		t.Errorf("%d were signed, %d refused: too few to tell", signed, refused)
	}
}

// A record that was half written is not used, and its signature was never given away; the one before is.
func TestSignedFileOutlivesATornWrite(t *testing.T) {
	dir := t.TempDir()
	s := openTestValidator(t, dir)
	for height := int64(1); height <= 3; height++ {
		if _, _, _, err := (signing{height: height, step: stepPrevote, block: 1}).by(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, cometFolder, validatorStateFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newest := int(s.file.count % signedPlaces * signedPlace)
	for _, torn := range []int{8, signedHeader + 5, signedHeader + 60} { // bytes of the newest place that were not written
		damaged := bytes.Clone(whole)
		clear(damaged[newest+torn : newest+signedPlace])
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		again := openTestValidator(t, dir)
		if got := again.validator.LastSignState.Height; got != 2 {
			t.Errorf("torn at %d: the newest whole record is of height %d, want 2", torn, got)
		}
	}
	for copied := range signedCopies { // a page of the newest place that goes bad later
		damaged := bytes.Clone(whole)
		damaged[newest+copied*signedPage+signedHeader] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		again := openTestValidator(t, dir)
		if got := again.validator.LastSignState.Height; got != 3 {
			t.Errorf("copy %d damaged: the newest whole record is of height %d, want 3", copied, got)
		}
	}
	clear(whole)
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openValidator(dir); !errors.Is(err, ErrValidatorState) {
		t.Errorf("no whole record: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := openValidator(dir); !errors.Is(err, ErrValidatorState) {
		t.Errorf("no file: %v", err)
	}
}

// Nothing is signed that cannot be kept.
func TestSignerRefusesWhatItCannotKeep(t *testing.T) {
	s := openTestValidator(t, t.TempDir())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for step := stepPropose; step <= stepPrecommit; step++ {
		if signature, _, _, err := (signing{height: 1, step: step, block: 1}).by(s); err == nil || signature != nil {
			t.Errorf("step %d: signed %x, %v", step, signature, err)
		}
	}
	if s.validator.LastSignState.Height != 0 {
		t.Error("what was not kept counts as signed")
	}
	unknown := &cmtproto.Vote{Type: cmtproto.UnknownType, Height: 1}
	if err := s.SignVote("chain", unknown); err == nil {
		t.Error("a vote of an unknown type was signed")
	}
}

// A folder that CometBFT's own validator has used is taken over, with what it signed.
func TestSignerAdoptsCometBFTsState(t *testing.T) {
	dir := t.TempDir()
	s := openTestValidator(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, cometFolder, validatorStateFile)); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, cometFolder, cometStateFile)
	text, err := cmtjson.Marshal(&privval.FilePVLastSignState{Height: 7, Step: stepPrecommit, Signature: []byte{1}, SignBytes: []byte{2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, text, 0o600); err != nil {
		t.Fatal(err)
	}
	adopted := openTestValidator(t, dir)
	if _, _, _, err := (signing{height: 7, step: stepPrevote, block: 1}).by(adopted); err == nil {
		t.Error("a vote before the last signed one was signed")
	}
	if _, _, _, err := (signing{height: 8, step: stepPropose, block: 1}).by(adopted); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file is still there: %v", err)
	}
}

func BenchmarkSign(b *testing.B) {
	s, err := openValidator(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for height := int64(1); b.Loop(); height++ {
		if _, _, _, err := (signing{height: height, step: stepPrecommit, block: 1}).by(s); err != nil {
			b.Fatal(err)
		}
	}
}
