// Package memory is a node in memory, for tests of wallets: the chain of light/memory, and transactions that it takes, checks and
// puts into blocks of their own. What a call does, a test says: Execute gives its events, messages and effects on the state. A test
// makes a dishonest node by wrapping it.
package memory
