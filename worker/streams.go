package worker

import (
	"context"
	"sync"

	"github.com/bitcloak/bitcloak/contract"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker/api"
)

// maxQueuedFrames is how many frames wait for a reader before it is dropped.
const maxQueuedFrames = 256

// streams are the subscribers. Every one gets one frame a checkpoint, whether or
// not anything happened to its account (I7).
type streams struct {
	mutex sync.Mutex
	open  map[*subscriber]struct{}
}

func newStreams() *streams { return &streams{open: map[*subscriber]struct{}{}} }

// subscriber is one stream; it implements api.Stream.
type subscriber struct {
	streams  *streams
	viewer   contract.Viewer
	question *seal.Question
	number   uint64 // of the next frame
	frames   chan wire.Frame

	mutex sync.Mutex
	ended error // why frames was closed
}

// delivery is a subscriber's frame of a checkpoint; ok is false if its session is
// over.
type delivery struct {
	to    *subscriber
	frame wire.Frame
	ok    bool
}

// add starts a stream. The contract's lock is held, so that the first frame is
// that of the next checkpoint.
func (s *streams) add(viewer contract.Viewer, question *seal.Question) *subscriber {
	subscribed := &subscriber{streams: s, viewer: viewer, question: question, frames: make(chan wire.Frame, maxQueuedFrames)}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.open[subscribed] = struct{}{}
	return subscribed
}

// collect takes every subscriber's frame; the contract's lock is held.
func (s *streams) collect(c *contract.Contract) []delivery {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	deliveries := make([]delivery, 0, len(s.open))
	for subscribed := range s.open {
		frame, ok := c.Frame(subscribed.viewer)
		deliveries = append(deliveries, delivery{to: subscribed, frame: frame, ok: ok})
	}
	return deliveries
}

// publish hands frames over without waiting: who does not read is dropped.
func (s *streams) publish(deliveries []delivery) {
	for i := range deliveries {
		d := &deliveries[i]
		if !d.ok {
			d.to.end(api.ErrEnded)
			continue
		}
		select {
		case d.to.frames <- d.frame:
		default:
			d.to.end(api.ErrSlow)
		}
	}
}

// endAll ends all streams.
func (s *streams) endAll(reason error) {
	s.mutex.Lock()
	open := make([]*subscriber, 0, len(s.open))
	for subscribed := range s.open {
		open = append(open, subscribed)
	}
	s.mutex.Unlock()
	for _, subscribed := range open {
		subscribed.end(reason)
	}
}

// end closes a stream for a reason, once. Only the goroutine that publishes sends
// frames and calls end while it runs, so nothing is sent after the close.
func (s *subscriber) end(reason error) {
	s.streams.mutex.Lock()
	_, open := s.streams.open[s]
	delete(s.streams.open, s)
	s.streams.mutex.Unlock()
	if !open {
		return
	}
	s.mutex.Lock()
	s.ended = reason
	s.mutex.Unlock()
	close(s.frames)
}

// Next seals the next frame. Frames that wait when the stream ends are given up
// for a slow reader, delivered otherwise.
func (s *subscriber) Next(ctx context.Context) ([]byte, error) {
	select {
	case frame, open := <-s.frames:
		if !open {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			return nil, s.ended
		}
		sealed, err := s.question.SealFrame(s.number, &frame)
		s.number++
		return sealed, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the stream from the reader's side.
func (s *subscriber) Close() {
	s.streams.mutex.Lock()
	defer s.streams.mutex.Unlock()
	delete(s.streams.open, s)
}
