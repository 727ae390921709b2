package api

import (
	"context"
	"errors"
)

// Service is the worker behind the interface. Its methods may be called at once.
type Service interface {
	// Status is what everybody may know.
	Status() Status
	// Query answers a sealed request of wire.QueryRequestSize bytes.
	Query(ctx context.Context, request []byte) ([]byte, error)
	// Subscribe starts the stream that a sealed request asks for.
	Subscribe(ctx context.Context, request []byte) (Stream, error)
	// Handover answers another worker's request for the contract's seed.
	Handover(ctx context.Context, request []byte) ([]byte, error)
}

// Stream gives sealed frames.
type Stream interface {
	// Next waits for the next frame. ErrSlow ends a stream whose frames were not
	// taken in time, ErrEnded one whose session has ended.
	Next(ctx context.Context) ([]byte, error)
	Close()
}

// Errors of a Service that clients see by their text.
var (
	ErrUnreadable = errors.New("the request does not open: seal it to the contract key of the current epoch")
	ErrRefused    = errors.New("no open session authorises this request")
	ErrNotReady   = errors.New("the worker is catching up with the chain: try again later")
	ErrBusy       = errors.New("the worker is busy: try again later")
	ErrSlow       = errors.New("frames were not read in time: connect again")
	ErrEnded      = errors.New("the session has ended or was replaced: connect again")
	ErrRequest    = errors.New("the request is not a HandoverRequest of spec/wire.md, section 7")
	ErrHandover   = errors.New("nothing is handed over to this key: the request must be signed by a registered worker, with evidence of its registration's hardware")
	ErrTooOften   = errors.New("handovers are rare: try again in a few seconds")
	ErrNoHandover = errors.New("this network does not accept simulated attestation: its workers hand nothing over")
)

// Errors of the interface itself.
var (
	errLength = errors.New("a request has exactly 1536 bytes")
	errRate   = errors.New("too many requests from this address: slow down")
	errOrigin = errors.New("pages of this origin may not call this worker")
	errMethod = errors.New("the method or path is unknown: see spec/worker-api.md")
	errServer = errors.New("the worker could not answer: try again later")
)

// Status is public. Hashes, keys and evidence are 0x-hex.
type Status struct {
	Instance    Instance    `json:"instance"`
	Worker      string      `json:"worker"`
	Evidence    Evidence    `json:"evidence"`
	Epoch       uint32      `json:"epoch"`
	ContractKey string      `json:"contractKey"`
	Head        *Block      `json:"head"`       // the newest finalised block seen
	Checkpoint  *Checkpoint `json:"checkpoint"` // the last one finished: what answers are about
	Committed   *Checkpoint `json:"committed"`  // the last one that the chain has accepted
	Ready       bool        `json:"ready"`
}

// Instance names the network and the contract.
type Instance struct {
	Genesis  string `json:"genesis"`
	Contract uint32 `json:"contract"`
}

// Evidence is the worker's attestation.
type Evidence struct {
	Kind  uint8  `json:"kind"`
	Bytes string `json:"bytes"`
}

// Block names a block.
type Block struct {
	Number uint32 `json:"number"`
	Hash   string `json:"hash"`
}

// Checkpoint is a checkpoint and the contract's state root after it.
type Checkpoint struct {
	Index     uint64 `json:"index"`
	Number    uint32 `json:"number"`
	BlockHash string `json:"blockHash"`
	StateRoot string `json:"stateRoot"`
}
