package chain

// Commit stores what CometBFT's height made, nil if nothing. Followers hear of it from Announce.
func (c *Chain) Commit(height uint64, built *Built) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if built == nil {
		if err := c.store.Commit(height, nil); err != nil {
			return err
		}
	} else {
		if err := c.store.Commit(height, &built.Block); err != nil {
			return err
		}
		c.validators.reset(c)
		if c.versions.Load() == nil { // the state was brought in from elsewhere
			if err := c.keepVersion(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Announce tells followers of the head. It comes after everything that they may ask about the head, or build upon it, is ready for
// them: the transaction pool among it.
func (c *Chain) Announce() {
	c.news.Set(c.Head().Number)
}
