package chain

import (
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// View is what a proven head's state says.
type View struct {
	Head   light.Head
	Commit scale.Optional[wire.LastCommit]
	Epoch  wire.Epoch
	// Halted says that commits and payouts have stopped until governance acts.
	Halted bool

	watched map[string][]byte // of the keys that Client.Watch named
}

// Covers tells whether commits have come as far as a block: what it held for the contract has been answered.
func (v *View) Covers(number uint32) bool { return v.Commit.Some && v.Commit.Value.Number >= number }

// viewKeys are read at every head, in this order.
var viewKeys = [][]byte{wire.StorageLastCommit(), wire.StorageEpoch(), wire.StorageDiscrepancy()}

func decodeView(head light.Head, values [][]byte) (View, error) {
	v := View{Head: head, Halted: values[2] != nil}
	if values[0] != nil {
		commit, err := wire.LastCommitCodec.Unmarshal(values[0])
		if err != nil {
			return View{}, fmt.Errorf("%w (Confidential.LastCommit: %w)", ErrState, err)
		}
		v.Commit = scale.Some(commit)
	}
	if values[1] != nil {
		var err error
		if v.Epoch, err = wire.EpochCodec.Unmarshal(values[1]); err != nil {
			return View{}, fmt.Errorf("%w (Confidential.Epoch: %w)", ErrState, err)
		}
	}
	return v, nil
}
