package governance

import "github.com/bitcloak/bitcloak/runtime/frame"

// Errors.
var (
	ErrNotMember = frame.NewError(module, 0, "NotMember",
		"Only members may do this; see Governance.Members.")
	ErrUnknownProposal = frame.NewError(module, 1, "UnknownProposal",
		"No open proposal has this identifier: it was executed, withdrawn, has expired or never was.")
	ErrApproved = frame.NewError(module, 2, "AlreadyApproved",
		"The member has approved this proposal.")
	ErrNotApprovedBy = frame.NewError(module, 3, "NotApprovedByMember",
		"The member has not approved this proposal, so there is nothing to revoke.")
	ErrTooMany = frame.NewError(module, 4, "TooManyProposals",
		"Too many proposals are open; execute some, or withdraw them by revoking the last approval.")
	ErrTooHeavy = frame.NewError(module, 5, "TooHeavy",
		"The call weighs more than MaxCallWeight; propose its parts.")
	ErrNotApproved = frame.NewError(module, 6, "NotApproved",
		"Fewer members than the threshold approve.")
	ErrTooEarly = frame.NewError(module, 7, "TooEarly",
		"The delay is not over; execute the proposal from its executable_at on.")
	ErrExpired = frame.NewError(module, 8, "Expired",
		"The proposal is older than its lifetime; propose the call again.")
	ErrMembers = frame.NewError(module, 9, "Members",
		"There are 1 to MaxMembers members, each once, and the threshold lies between 1 and their number.")
	ErrDelay = frame.NewError(module, 10, "Delay",
		"The delay is at most 30 days.")
)
