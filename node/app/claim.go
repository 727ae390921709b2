package app

import (
	"errors"
	"fmt"
	"sync"

	"github.com/bitcloak/bitcloak/node/chain"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// claimRoom is what a claim takes of a CometBFT block, with what its encoding adds: a tag and a length.
const claimRoom = wire.BlockClaimSize + 2

// Why a block is not accepted for what it says of its own outcome.
var (
	errNoClaim    = errors.New("app: a block with transactions, or a heartbeat, does not begin with the claim of what it makes")
	errIdleClaim  = errors.New("app: a block claims to make something, but has no transactions and is no heartbeat")
	errWrongClaim = errors.New("app: a block makes another Substrate block than it claims")
)

// readClaim parts a block's claim from its transactions; claim is nil if there is nothing at all.
func readClaim(proposed [][]byte) (claim *scale.Hash, transactions [][]byte, err error) {
	if len(proposed) == 0 {
		return nil, nil, nil
	}
	hash, err := wire.ParseBlockClaim(proposed[0])
	if err != nil {
		return nil, nil, errNoClaim
	}
	return &hash, proposed[1:], nil
}

// withClaim puts the claim of what was built before the transactions it was built of.
func withClaim(built *chain.Built, transactions [][]byte) [][]byte {
	claim := wire.BlockClaim(built.Block.Header.Hash())
	return append(append(make([][]byte, 0, 1+len(transactions)), claim), transactions...)
}

// checkClaim compares a claim with what was built.
func checkClaim(claim scale.Hash, built *chain.Built) error {
	if made := built.Block.Header.Hash(); made != claim {
		return fmt.Errorf("%w (it makes %v, the claim is %v)", errWrongClaim, made, claim)
	}
	return nil
}

// latest remembers what CometBFT's last committed block consists of, so that followers need not wait for CometBFT's store.
type latest struct {
	mutex    sync.Mutex
	height   uint64
	proposed [][]byte
}

// Latest is the height committed last and all that CometBFT's block of that height consists of.
func (a *App) Latest() (height uint64, proposed [][]byte) {
	a.latest.mutex.Lock()
	defer a.latest.mutex.Unlock()
	return a.latest.height, a.latest.proposed
}

// Height is the height stored last.
func (a *App) Height() uint64 { return a.chain.Head().Height }

func (l *latest) set(height uint64, proposed [][]byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.height, l.proposed = height, proposed
}
