package governance

import (
	"bytes"
	"slices"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// expired reports whether the proposal's lifetime is over: since it was made or,
// once approved, since it could be executed.
func (p *proposal) expired(now uint64) bool {
	since := p.ProposedAt
	if p.ExecutableAt.Some {
		since = p.ExecutableAt.Value
	}
	return now > since && now-since > lifetime
}

// approve adds a member's approval. Those of former members make room for it.
func (p *proposal) approve(c *frame.Context, who scale.AccountID) {
	current := members.Get(c)
	p.Approvals = slices.DeleteFunc(p.Approvals, func(other scale.AccountID) bool { return !slices.Contains(current, other) })
	p.Approvals = append(p.Approvals, who)
}

// recount sets or takes back the time from which the call can be executed, as the
// approvals of present members reach the threshold or not. A time once set stays.
func (p *proposal) recount(c *frame.Context, now uint64) {
	current := members.Get(c)
	count := uint32(0)
	for _, who := range p.Approvals {
		if slices.Contains(current, who) {
			count++
		}
	}
	switch {
	case count < threshold.Get(c):
		p.ExecutableAt = scale.None[uint64]()
	case !p.ExecutableAt.Some:
		p.ExecutableAt = scale.Some(now + delay.Get(c)) // both far below 2^63 ms
	}
}

func compareAccounts(a, b scale.AccountID) int { return bytes.Compare(a[:], b[:]) }
