package governance

import (
	"errors"
	"slices"

	"github.com/bitcloak/bitcloak/runtime/frame"
)

// What tryState finds.
var (
	ErrMembership = errors.New("governance: members are not in ascending order, or the threshold is out of range")
	ErrProposals  = errors.New("governance: proposals are too many, or one has no approval, the same twice, or a time without enough of them")
)

// tryState checks members and proposals.
func tryState(c *frame.Context) error {
	current, needed := members.Get(c), threshold.Get(c)
	if !slices.IsSortedFunc(current, compareAccounts) || int(needed) > len(current) || (needed == 0) != (len(current) == 0) {
		return ErrMembership
	}
	count, next := uint32(0), nextProposal.Get(c)
	for id, p := range proposals.All(c) {
		sorted := slices.SortedFunc(slices.Values(p.Approvals), compareAccounts)
		recounted := p
		recounted.recount(c, p.ExecutableAt.Value)
		if len(sorted) == 0 || len(slices.Compact(sorted)) != len(p.Approvals) || id >= next ||
			recounted.ExecutableAt.Some != p.ExecutableAt.Some {
			return ErrProposals
		}
		count++
	}
	if count > maxProposals {
		return ErrProposals
	}
	return nil
}
