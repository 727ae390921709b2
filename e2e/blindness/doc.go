// Package blindness tests invariant I7: a recorder captures all that an outsider can
// see of a node and a worker (blocks, events, state, RPC and worker traffic with sizes,
// logs, metrics, files), and two runs of equal shape with other sides, prices,
// quantities, kinds of commands and accounts must give transcripts that are equal in
// lengths, counts and event names. What does differ is listed in spec/leakage.md, and a
// test shows how far.
package blindness
