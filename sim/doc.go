// Package sim is the whole of Bitcloak in one process under one seed: chain, workers, relays, traders, and those among
// them who are hostile or broken.
//
// What runs is the real code: the runtime under the node's application, pool and store (node/app, node/mempool, node/chain,
// node/store), the whole of package worker with its light client and contract, and the sealing of package wire/seal. What is
// modelled is what lies between: CometBFT's agreement (its blocks, commits and signatures are real ones, its rounds are not),
// the network, the disks, the clock and the machines that attest.
//
// A world runs inside a testing/synctest bubble, so its clock is virtual. One goroutine draws all chances. Workers meet
// the world only where they ask their node something; such a question waits until every goroutine of the bubble waits,
// and the world then answers one of them. So the order in which goroutines happen to run decides nothing, and a seed
// gives the same trace, byte for byte.
//
// An independent auditor (sim/auditor) follows from outside and counts again. It imports nothing of Bitcloak.
package sim
