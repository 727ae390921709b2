// Package governance is the Governance pallet: a few members decide calls of origin
// Root together, in the open and after a delay.
//
// Terms:
//   - proposal: a call, kept until it is executed, withdrawn or expired.
//   - threshold: how many members must approve.
//   - delay: how long an approved call waits, for all to see, before anyone may
//     execute it. A later change of the delay does not touch calls that wait.
//   - lifetime: how long a proposal is kept without being executed.
//
// Calls by members: propose, approve, revoke. By anyone: execute. By Root:
// set_members, set_delay.
//
// No other way leads to origin Root. A call that governance has executed and that
// fails changes nothing; the event Executed says why.
//
// I10: nothing that governance decides can stop claims, withdrawals or commits: no
// pallet has a Root call that does.
package governance
