// Package polkadot runs @polkadot/api and smoldot's executor, unchanged from npm, against a running node. Its tests need
// Node.js and are built with the tag `outside`; `make test-outside` sets both up.
package polkadot
