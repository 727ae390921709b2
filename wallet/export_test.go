package wallet

// Idle tells whether a paced session is done with its last tick.
func (l *Live) Idle() bool {
	if !l.pace.handing.TryLock() {
		return false
	}
	defer l.pace.handing.Unlock()
	if !l.pace.asking.TryLock() {
		return false
	}
	l.pace.asking.Unlock()
	return true
}
