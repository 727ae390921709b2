package store

import (
	"errors"
	"fmt"
)

// Errors of this package; test with errors.Is.
var (
	ErrNotFound  = errors.New("store: not found")
	ErrDamaged   = errors.New("store: the database is damaged; restore a backup of the data folder, or, where other nodes have the chain, remove its chain and cometbft/data but for validator_signed and let the node sync again")
	ErrUnopened  = errors.New("store: the database cannot be opened; see that the disk has room and may be written, and if a file is missing or cut, restore a backup of the data folder, or sync again")
	ErrPruned    = errors.New("store: the state of this block is pruned; ask for a newer block, or a node that runs with --archive")
	ErrLocked    = errors.New("store: the database is in use by another process; stop that node, or choose another data folder")
	ErrFormat    = errors.New("store: the database has a format that this version does not read; use the version that wrote it, or sync again")
	ErrOrder     = errors.New("store: blocks must be committed in order")
	ErrNoGenesis = errors.New("store: the database holds no genesis yet")
	ErrOrigin    = errors.New("store: this node began by state sync and has nothing older; ask a node that has synced from the first block")
	ErrNotEmpty  = errors.New("store: the database holds a chain, which state sync would replace; remove the data folder's chain and cometbft/data, or start without state sync")
	ErrGenesis   = errors.New("store: the database belongs to another chain; choose another data folder, or the chain spec it was made with")
)

// damaged names the record that does not hold what it must.
func damaged(what string, arguments ...any) error {
	return fmt.Errorf("%w (%s)", ErrDamaged, fmt.Sprintf(what, arguments...))
}

// beforeOrigin names what was asked for and is older than what state sync brought.
func beforeOrigin(what string, arguments ...any) error {
	return fmt.Errorf("%w (asked for %s)", ErrOrigin, fmt.Sprintf(what, arguments...))
}
