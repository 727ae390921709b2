package light

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	cmtmath "github.com/cometbft/cometbft/libs/math"
	"github.com/cometbft/cometbft/types"
)

// trustLevel is the share of a trusted validator set that must have signed a
// later block directly: more than a third holds at least one honest validator.
var trustLevel = cmtmath.Fraction{Numerator: 1, Denominator: 3}

// Clock bounds of verification.
const (
	// DefaultTrustingPeriod is below the time for which validators stay punishable.
	DefaultTrustingPeriod = 14 * 24 * time.Hour
	// DefaultClockDrift is how far a header's time may lie ahead of this clock.
	DefaultClockDrift = 10 * time.Second
)

// errCannotSkip asks for a light block in between: too little of the trusted
// validator set signed the new block.
var errCannotSkip = errors.New("light: the trusted validators do not vouch for this height")

// verifier holds what verification needs beside the two light blocks.
type verifier struct {
	chainID        string
	trustingPeriod time.Duration
	clockDrift     time.Duration
}

// verify accepts untrusted, which is above trusted, as CometBFT's light client
// does (its spec/light-client/verification): adjacent blocks need the validators
// that trusted names next, others a third of those it has; all need more than
// two thirds of their own.
func (v *verifier) verify(trusted, untrusted *lightBlock, now time.Time) error {
	if err := v.checkTimes(trusted, untrusted, now); err != nil {
		return err
	}
	if untrusted.Height == trusted.Height+1 {
		if !bytes.Equal(untrusted.ValidatorsHash, trusted.NextValidatorsHash) {
			return fmt.Errorf("%w (height %d: the header below names others)", ErrValidatorSet, untrusted.Height)
		}
	} else if err := v.checkSkip(trusted, untrusted); err != nil {
		return err
	}
	return v.checkCommit(untrusted)
}

// checkTimes needs no signature.
func (v *verifier) checkTimes(trusted, untrusted *lightBlock, now time.Time) error {
	if err := v.checkNotExpired(trusted, now); err != nil {
		return err
	}
	if untrusted.Height <= trusted.Height {
		return fmt.Errorf("%w (height %d, accepted %d)", ErrRollback, untrusted.Height, trusted.Height)
	}
	if !untrusted.Time.After(trusted.Time) {
		return fmt.Errorf("%w (height %d)", ErrTime, untrusted.Height)
	}
	return v.checkNotFuture(untrusted, now)
}

func (v *verifier) checkNotExpired(trusted *lightBlock, now time.Time) error {
	if expiry := trusted.Time.Add(v.trustingPeriod); !expiry.After(now) {
		return fmt.Errorf("%w (height %d of %s, trusted for %s)", ErrTrustExpired, trusted.Height, trusted.Time.UTC().Format(time.RFC3339), v.trustingPeriod)
	}
	return nil
}

func (v *verifier) checkNotFuture(untrusted *lightBlock, now time.Time) error {
	if !untrusted.Time.Before(now.Add(v.clockDrift)) {
		return fmt.Errorf("%w (height %d: %s, here it is %s)", ErrFuture, untrusted.Height,
			untrusted.Time.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return nil
}

// checkSkip asks for a third of the trusted validators.
func (v *verifier) checkSkip(trusted, untrusted *lightBlock) error {
	err := trusted.ValidatorSet.VerifyCommitLightTrusting(v.chainID, untrusted.Commit, trustLevel)
	if types.IsErrNotEnoughVotingPowerSigned(err) {
		return errCannotSkip
	}
	return signatureError(untrusted, err)
}

// checkCommit asks for more than two thirds of the block's own validators.
func (v *verifier) checkCommit(b *lightBlock) error {
	err := b.ValidatorSet.VerifyCommitLight(v.chainID, b.Commit.BlockID, b.Height, b.Commit)
	if types.IsErrNotEnoughVotingPowerSigned(err) {
		return fmt.Errorf("%w (height %d: %w)", ErrPower, b.Height, err)
	}
	return signatureError(b, err)
}

func signatureError(b *lightBlock, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (height %d: %w)", ErrSignature, b.Height, err)
}
