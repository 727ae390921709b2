package contract

import "github.com/bitcloak/bitcloak/wire"

// windowSize is how many sequences ahead have a known tag, and how far behind the
// highest used one an unused sequence is remembered.
const windowSize = 64

// window says which sequences of a session may still be used: those from next to
// next+63, and the unused ones of the 64 before next. Bit i of used stands for
// sequence next-1-i. It is the sliding window of RFC 4303, section 3.4.3.
type window struct {
	next uint64
	used uint64
}

// open tells whether a sequence may be used.
func (w *window) open(sequence uint64) bool {
	if sequence >= w.next {
		return sequence-w.next < windowSize
	}
	behind := w.next - 1 - sequence
	return behind < windowSize && w.used>>behind&1 == 0
}

// use takes an open sequence. I4: it is never open again.
func (w *window) use(sequence uint64) {
	if sequence < w.next {
		w.used |= 1 << (w.next - 1 - sequence)
		return
	}
	shift := sequence - w.next + 1
	w.used = w.used<<shift | 1 // a shift by 64 gives 0
	w.next = sequence + 1
}

// lowest is the lowest sequence that can be open.
func (w *window) lowest() uint64 {
	if w.next < windowSize {
		return 0
	}
	return w.next - windowSize
}

// tagRef is what a tag stands for. A closed session's tags stay in the tables for
// a while: its serial tells them from those of the account's next session.
type tagRef struct {
	sequence uint64
	account  uint32
	serial   uint32
}

func (s *session) tagRef(sequence uint64) tagRef {
	return tagRef{sequence: sequence, account: s.account, serial: s.serial}
}

// tags finds sessions by tag, in the current epoch and in the one before.
type tags [2]map[wire.Tag]tagRef

// Epochs of tags and session keys.
const (
	currentEpoch  = 0
	previousEpoch = 1
)

func newTags() tags { return tags{map[wire.Tag]tagRef{}, map[wire.Tag]tagRef{}} }

// find gives the session and the sequence of a tag, and the epoch it belongs to.
func (c *Contract) findTag(tag wire.Tag) (s *session, sequence uint64, epoch int) {
	for epoch := range c.tags {
		if ref, known := c.tags[epoch][tag]; known {
			if s := c.accounts.list[ref.account].session; s != nil && s.serial == ref.serial {
				return s, ref.sequence, epoch
			}
			break
		}
	}
	return nil, 0, 0
}

// useSequence takes a sequence of a session, found by its tag of an epoch: its
// tags are forgotten, those of sequences left behind too, and those of sequences
// come into reach are added.
func (c *Contract) useSequence(s *session, sequence uint64, tag wire.Tag, epoch int) {
	before := s.window
	s.window.use(sequence)
	delete(c.tags[epoch], tag)
	if cipher := s.ciphers[1-epoch]; cipher != nil {
		delete(c.tags[1-epoch], cipher.Tag(sequence))
	}
	for left := before.lowest(); left < s.window.lowest(); left++ {
		if before.open(left) && left != sequence {
			c.dropTags(s, left)
		}
	}
	for ahead := before.next + windowSize; ahead < s.window.next+windowSize; ahead++ {
		c.addTags(s, ahead)
	}
	c.markSession(s)
}

func (c *Contract) addTags(s *session, sequence uint64) {
	for epoch, cipher := range s.ciphers {
		if cipher != nil {
			c.tags[epoch][cipher.Tag(sequence)] = s.tagRef(sequence)
		}
	}
}

func (c *Contract) dropTags(s *session, sequence uint64) {
	for epoch, cipher := range s.ciphers {
		if cipher != nil {
			delete(c.tags[epoch], cipher.Tag(sequence))
		}
	}
}

// eachOpen calls do with every open sequence.
func (w *window) eachOpen(do func(sequence uint64)) {
	for sequence := w.lowest(); sequence < w.next+windowSize; sequence++ {
		if w.open(sequence) {
			do(sequence)
		}
	}
}
