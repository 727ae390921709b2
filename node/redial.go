package node

import (
	"context"
	"time"

	"github.com/cometbft/cometbft/p2p"
)

// redialInterval is how often a named peer that is away is dialed. CometBFT does so for two minutes, then at pauses that grow to
// most of a day, and then never again: a validator that was away for an hour would find nobody to let it back in. It also
// forgets peers whose names could not be looked up at the start.
const redialInterval = 5 * time.Second

// redial dials named peers that are away until the context ends. Each is dialed by one goroutine at a time.
func redial(ctx context.Context, switcher p2p.Switcher, peers []string) {
	dialer, ok := switcher.(*p2p.Switch)
	if !ok || len(peers) == 0 {
		return
	}
	ticker := time.NewTicker(redialInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, peer := range peers {
			address, err := p2p.NewNetAddressString(peer)
			if err == nil && !dialer.IsDialingOrExistingAddress(address) {
				go func() { _ = dialer.DialPeerWithAddress(address) }() // CometBFT logs what fails; it ends with the node
			}
		}
	}
}
