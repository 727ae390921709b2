package wallet

import "context"

// Worker is the worker that a wallet asks. It is not trusted: requests and answers are sealed to the contract and back, and answers
// are proven (see Client.ask).
type Worker interface {
	// Query carries a sealed request and brings the sealed answer.
	Query(ctx context.Context, request []byte) ([]byte, error)
	// Subscribe starts the stream that a sealed request asks for.
	Subscribe(ctx context.Context, request []byte) (Frames, error)
}

// Frames are the sealed frames of a stream.
type Frames interface {
	// Next waits for the next frame.
	Next(ctx context.Context) ([]byte, error)
	Close()
}
