package chain

// Commit stores what CometBFT's height made, nil if nothing, and tells the news. The store is synced when it returns.
func (c *Chain) Commit(height uint64, built *Built) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	before := c.Head()
	if built == nil {
		if err := c.store.Commit(height, nil); err != nil {
			return err
		}
	} else {
		if err := c.store.Commit(height, &built.Block); err != nil {
			return err
		}
		c.validators.reset(c)
		c.news.best.Set(c.Head().Number)
		if c.versions.Load() == nil { // the state was brought in from elsewhere
			if err := c.keepVersion(); err != nil {
				return err
			}
		}
	}
	if after := c.Head().Finalized(); after > before.Finalized() {
		c.news.finalized.Set(after)
	}
	return nil
}
