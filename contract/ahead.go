package contract

import "github.com/bitcloak/bitcloak/wire"

// The tags of a new epoch must all be known at its first block: 64 a session, which
// for many sessions takes seconds. So most of it is done at the ends of the
// checkpoints before, a bounded part at each, and at the new epoch's first block only
// what is left. All of this is a cache: it follows from the sessions, is in no
// digest and no snapshot, and a restored contract starts without it. Whether a tag
// was computed ahead or at the block cannot show (I5).

// Tags of the next epoch that are computed at the end of one checkpoint, at most:
// some 2 ms, less for each message that the checkpoint had.
const (
	aheadTags        = 4096
	aheadTagsMinimum = 128
)

// ahead is what is known of the next epoch.
type ahead struct {
	tags     map[wire.Tag]tagRef
	position int    // in Contract.open, of the session to be looked at next
	messages uint64 // inbox count at the end of the last checkpoint
}

func newAhead() ahead { return ahead{tags: map[wire.Tag]tagRef{}} }

// nextKeys is what a session will have in the next epoch.
type nextKeys struct {
	root   [32]byte
	cipher Cipher // nil: nothing is known yet
	window window // whose open sequences have a tag in ahead.tags
	item   digest // of its keys, then
}

// prepareEpoch goes on with the sessions, in turn, at the end of a checkpoint.
func (c *Contract) prepareEpoch() {
	messages := c.inbox.Count - c.ahead.messages
	c.ahead.messages = c.inbox.Count
	budget := aheadTags - 2*int(min(messages, aheadTags))
	budget = max(budget, aheadTagsMinimum)
	for ; len(c.closed) > 0 && budget > 0; c.closed = c.closed[:len(c.closed)-1] {
		budget -= c.forgetTags(&c.closed[len(c.closed)-1])
	}
	for seen := 0; seen < min(len(c.open), aheadTags) && budget > 0; seen++ {
		if c.ahead.position >= len(c.open) {
			c.ahead.position = 0
		}
		budget -= c.bringAhead(c.open[c.ahead.position])
		c.ahead.position++
	}
}

// bringAhead brings what is known of a session's next epoch up to date with its
// window, and says how many tags that took.
func (c *Contract) bringAhead(s *session) (tags int) {
	next := &s.next
	if next.cipher == nil {
		next.root = c.config.Opener.RatchetKey(s.roots[currentEpoch], c.block.Epoch+1)
		next.cipher = c.config.Opener.Cipher(next.root)
		next.item = hashItem(c.keysItem(s, &next.root, &s.roots[currentEpoch]))
		next.window = s.window
		s.window.eachOpen(func(sequence uint64) {
			tags++
			c.ahead.tags[next.cipher.Tag(sequence)] = s.tagRef(sequence)
		})
		return tags
	}
	if next.window == s.window {
		return 0
	}
	was := next.window
	next.window = s.window
	was.eachOpen(func(sequence uint64) {
		if !s.window.open(sequence) {
			tags++
			delete(c.ahead.tags, next.cipher.Tag(sequence))
		}
	})
	s.window.eachOpen(func(sequence uint64) {
		if !was.open(sequence) {
			tags++
			c.ahead.tags[next.cipher.Tag(sequence)] = s.tagRef(sequence)
		}
	})
	return tags
}

// startEpoch ratchets the keys of all sessions to the block's epoch and erases
// those of epochs before the last one.
func (c *Contract) startEpoch(epoch uint32) error {
	if err := c.config.Opener.StartEpoch(epoch); err != nil {
		return err
	}
	if epoch-c.block.Epoch == 1 {
		c.stepEpoch()
	} else {
		c.skipEpochs(epoch)
	}
	c.ahead.tags, c.ahead.position = map[wire.Tag]tagRef{}, 0
	return nil
}

// stepEpoch goes to the next epoch, with what was computed ahead.
func (c *Contract) stepEpoch() {
	for _, s := range c.open {
		c.bringAhead(s)
		s.roots[previousEpoch], s.ciphers[previousEpoch] = s.roots[currentEpoch], s.ciphers[currentEpoch]
		s.roots[currentEpoch], s.ciphers[currentEpoch] = s.next.root, s.next.cipher
		c.items.subtract(&s.keysItem)
		s.keysItem = s.next.item
		c.items.add(&s.keysItem)
		s.next = nextKeys{}
	}
	for i := range c.closed {
		known := &c.closed[i].known
		known[previousEpoch], known[currentEpoch], known[nextEpoch] = known[currentEpoch], known[nextEpoch], knownTags{}
	}
	c.tags = tags{c.ahead.tags, c.tags[currentEpoch]}
}

// skipEpochs goes to an epoch when others passed without a checkpoint. What was
// computed ahead is of no use.
func (c *Contract) skipEpochs(epoch uint32) {
	c.tags, c.closed = newTags(), nil
	for _, s := range c.open {
		root := s.roots[currentEpoch]
		for at := c.block.Epoch + 1; at < epoch; at++ {
			root = c.config.Opener.RatchetKey(root, at)
		}
		s.next = nextKeys{}
		c.setKeys(s, previousEpoch, root)
		c.setKeys(s, currentEpoch, c.config.Opener.RatchetKey(root, epoch))
		s.window.eachOpen(func(sequence uint64) { c.addTags(s, sequence) })
		c.replaceItem(&s.keysItem, c.currentKeysItem(s))
	}
}
