package keys

import (
	"fmt"
	"slices"
)

// devAccounts are the well-known development accounts, in their usual order.
var devAccounts = []string{"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"}

// DevAccounts returns the names of the well-known development accounts.
func DevAccounts() []string { return slices.Clone(devAccounts) }

// DevPair returns the pair of a well-known development account: DevPhrase with
// one hard junction, its name. Everybody has these keys.
func DevPair(kind Kind, name string) (Pair, error) {
	if !slices.Contains(devAccounts, name) {
		return nil, fmt.Errorf("%w: %q", ErrUnknownAccount, name)
	}
	return PairFromSURI(kind, "//"+name)
}
