// Package memory is a Bitcloak network in memory, for tests: Substrate blocks
// over a real state trie, finalised by CometBFT light blocks with real validator
// signatures, with an inbox and its checkpoints. It executes nothing: a test
// says what each block's state and messages are. Chain is a light.Transport; a
// test makes a dishonest node by wrapping it.
package memory
