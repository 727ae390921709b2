package chain

import (
	"context"
	"fmt"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/metadata"
)

// facts are what is asked once: they change with a new runtime only.
type facts struct {
	mutex    sync.Mutex
	version  *Version
	metadata *metadata.Runtime
}

// version asks for the runtime's version once.
func (c *Client) version(ctx context.Context) (Version, error) {
	c.facts.mutex.Lock()
	defer c.facts.mutex.Unlock()
	return c.versionLocked(ctx)
}

func (c *Client) versionLocked(ctx context.Context) (Version, error) {
	if c.facts.version == nil {
		version, err := c.node.Version(ctx)
		if err != nil {
			return Version{}, fmt.Errorf("chain: ask for the runtime's version: %w", err)
		}
		c.facts.version = &version
	}
	return *c.facts.version, nil
}

// runtime gives the runtime's metadata, read once.
func (c *Client) runtime(ctx context.Context) (*metadata.Runtime, error) {
	c.facts.mutex.Lock()
	defer c.facts.mutex.Unlock()
	if c.facts.metadata != nil {
		return c.facts.metadata, nil
	}
	version, err := c.versionLocked(ctx)
	if err != nil {
		return nil, err
	}
	encoded := c.config.Metadata
	if encoded == nil || version.Spec != c.config.MetadataSpec {
		if encoded, err = c.node.Metadata(ctx); err != nil {
			return nil, fmt.Errorf("chain: ask for the runtime's metadata: %w", err)
		}
	}
	decoded, err := metadata.Decode(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrEvents, err)
	}
	c.facts.metadata = decoded
	return decoded, nil
}

// forget has version and metadata asked for again: a transaction was refused, perhaps because the runtime is a new one.
func (c *Client) forget() {
	c.facts.mutex.Lock()
	defer c.facts.mutex.Unlock()
	c.facts.version, c.facts.metadata = nil, nil
}

// trusts tells whether the runtime's metadata is this program's own.
func (c *Client) trusts(ctx context.Context) (bool, error) {
	version, err := c.version(ctx)
	return c.config.Metadata != nil && version.Spec == c.config.MetadataSpec, err
}
