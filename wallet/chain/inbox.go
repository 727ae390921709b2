package chain

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// InboxAfter reads the messages to the contract in the blocks after a head. The whole inbox is read, whatever is looked for: so the
// node does not learn which of it matters here. It is read by one goroutine at a time.
func (c *Client) InboxAfter(ctx context.Context, head light.Head) (*light.InboxReader, error) {
	values, err := c.light.Read(ctx, head, wire.StorageInbox(), wire.StorageCheckpointCount())
	if err != nil {
		return nil, err
	}
	position := light.Position{Block: head.BlockID}
	if values[0] != nil {
		if position.Inbox, err = decode("Confidential.Inbox", values[0], wire.InboxCodec); err != nil {
			return nil, err
		}
	}
	if values[1] != nil {
		if position.Next, err = decode("Confidential.CheckpointCount", values[1], scale.U64); err != nil {
			return nil, err
		}
	}
	// The count leaves the head's own block out, if that is a checkpoint. A node that lies about it is refused at the next read.
	bodies, err := c.node.Checkpoints(ctx, position.Next, 1)
	if err != nil {
		return nil, fmt.Errorf("chain: fetch checkpoint %d: %w", position.Next, err)
	}
	if len(bodies) > 0 && bodies[0].Index == position.Next && bodies[0].Number == head.Number {
		position.Next++
	}
	return c.InboxFrom(position), nil
}

// InboxFrom reads on from a position that another reader has reached, perhaps through another node.
func (c *Client) InboxFrom(position light.Position) *light.InboxReader {
	return light.NewInboxReader(c.light, c.node, position)
}
