package light

import (
	"errors"
	"slices"
)

// Refusals: what an untrusted node served and why it was not accepted. Every
// error that means the node is wrong wraps one of them; Refused tells them from
// errors of the connection.
var (
	// ErrMalformed: an answer does not decode, or exceeds a bound.
	ErrMalformed = errors.New("light: the node's answer is malformed; use another node")
	// ErrChainID: a light block of another CometBFT chain.
	ErrChainID = errors.New("light: the light block is of another chain; check the node's address and the genesis hash")
	// ErrForgedHeader: a header that is not the one proven, or not linked to it.
	ErrForgedHeader = errors.New("light: the node served a forged header; use another node")
	// ErrValidatorSet: validators that are not those the trusted header names.
	ErrValidatorSet = errors.New("light: the light block has the wrong validator set; use another node")
	// ErrPower: signed by too little voting power.
	ErrPower = errors.New("light: the light block is signed by too little voting power; use another node")
	// ErrSignature: a commit signature does not verify.
	ErrSignature = errors.New("light: a commit signature does not verify; use another node")
	// ErrFuture: a header from the future.
	ErrFuture = errors.New("light: the light block's time lies in the future; check this machine's clock, or use another node")
	// ErrTime: time does not grow with height.
	ErrTime = errors.New("light: the light block is not later than the trusted one below it; use another node")
	// ErrRollback: an older chain than the one already accepted.
	ErrRollback = errors.New("light: the node is behind what was already accepted; let it catch up, or use another node")
	// ErrFork: another block where one is already accepted.
	ErrFork = errors.New("light: the node shows another block at a height already accepted; the validators signed twice or the data folder is of another chain")
	// ErrGenesis: the genesis served is not the configured one.
	ErrGenesis = errors.New("light: the node's genesis is not the configured one; check the genesis hash and the node's address")
	// ErrProof: a storage proof that does not lead from the head's state root to every key.
	ErrProof = errors.New("light: the storage proof is forged, incomplete or of another state; use another node")
	// ErrState: proven storage that does not decode, so this software does not fit the chain.
	ErrState = errors.New("light: the chain's state has an unknown format; update this software")
	// ErrInboxCount: bodies with more or fewer messages than the chain's inbox.
	ErrInboxCount = errors.New("light: the node dropped or repeated inbox messages; use another node")
	// ErrInboxHash: bodies that do not fold to the chain's inbox.
	ErrInboxHash = errors.New("light: the node altered or reordered inbox messages; use another node")
	// ErrInboxRollback: a proven inbox shorter than what was already read.
	ErrInboxRollback = errors.New("light: the proven inbox is older than what was already read; the data folder is of another chain or the head is old")
	// ErrCheckpoint: bodies not split as the chain's blocks are.
	ErrCheckpoint = errors.New("light: the node's checkpoints do not match the chain's blocks; use another node")
)

// Errors that are not the node's fault.
var (
	// ErrTrustExpired: the trusted light block is older than the trusting period.
	ErrTrustExpired = errors.New("light: the trusted header is older than the trusting period; configure the height and hash of a recent header that you trust")
	// ErrTrustStore: the record of the last trusted head cannot be used.
	ErrTrustStore = errors.New("light: the record of the last trusted head is damaged or of another chain; restore it, or remove it and configure a recent trusted header")
)

var refusals = []error{ErrMalformed, ErrChainID, ErrForgedHeader, ErrValidatorSet, ErrPower, ErrSignature, ErrFuture, ErrTime,
	ErrRollback, ErrFork, ErrGenesis, ErrProof, ErrState, ErrInboxCount, ErrInboxHash, ErrInboxRollback, ErrCheckpoint}

// Refused tells whether err means that an answer was refused for what it says.
func Refused(err error) bool {
	return !errors.Is(err, ErrTrustStore) && slices.ContainsFunc(refusals, func(refusal error) bool { return errors.Is(err, refusal) })
}
