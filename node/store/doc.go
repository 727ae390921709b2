// Package store keeps the chain in one Pebble database: state tries, headers, bodies, and the inbox messages of every
// checkpoint, so that a follower can always be served from the beginning.
//
// Everything that one CometBFT height changes is one synced batch ([Store.Commit]): after a crash the store stands at
// exactly some height, and CometBFT replays what came after it.
//
// State records (trie nodes and detached values) are shared between states and counted as package trie describes: the
// count of a record is the number of places at which the oldest kept state holds it, plus those at which later blocks
// brought it in. The state of genesis is pinned by counting its records once more: who starts to follow the chain from
// its genesis hash needs proofs from it. Leaving the oldest state behind takes off what its successor removed, which that block's journal
// lists. A record whose count is zero is gone, so exactly what kept states reach is kept.
//
// Nothing read is taken on trust: packages above check state records against their hash (package trie), this one checks
// headers and bodies, and says [ErrDamaged] with the name of what is.
package store
