// Package relay carries envelopes of many traders to the chain under one account, so that the traders' accounts appear nowhere
// (spec/relay.md).
//
// Terms:
//   - ticket: an envelope that the relay has taken, found by a hash of its bytes.
//   - batch: the envelopes of one submit extrinsic, in the order in which they came.
//   - tick: the moments, at a fixed interval, at which batches leave. A batch's time tells nothing of an envelope's.
//   - under way: signed and handed to the nodes, its nonce not yet used up in a finalised block.
//
// What the chain holds is believed when it is proven (package wallet/chain), and it alone decides: what a node says of a
// submission is noted and not relied on. A batch keeps its nonce until a finalised block has used it up; until then it is handed in
// again, and signed again when its era has ended. So no envelope is paid for twice through a lost answer or a restarted node.
//
// I4: what the relay or the chain has had before is not sent again. I7: nothing is kept, logged or counted by client; logs hold no
// envelope.
package relay
