package trie

import (
	"bytes"
	"slices"

	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

const (
	// MaxProofRecords and MaxProofSize bound a read proof: its number of nodes and
	// values, and their bytes together.
	MaxProofRecords = 1 << 17
	MaxProofSize    = 32 << 20
)

// Prove returns the read proof of keys, present or absent: every record that
// reading them touches, once, in ascending order of the bytes.
func (t *Trie) Prove(keys ...[]byte) ([][]byte, error) {
	if t.empty {
		return [][]byte{{emptyNode}}, nil
	}
	t.Root() // encodes what is pending
	p := prover{trie: t, seen: make(map[scale.Hash]struct{})}
	for _, key := range keys {
		if err := p.key(key); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.proof, bytes.Compare)
	return p.proof, nil
}

type prover struct {
	trie  *Trie
	seen  map[scale.Hash]struct{}
	proof [][]byte
}

// key records the path of a key; it mirrors Trie.find.
func (p *prover) key(key []byte) error {
	at, depth := &p.trie.root, 0
	for {
		n, err := p.trie.load(at)
		if err != nil {
			return err
		}
		p.node(at, n)
		rest := keyNibbles(key, depth)
		if !rest.hasPrefix(n.partial) {
			return nil
		}
		depth += n.partial.len()
		if depth == 2*len(key) {
			return p.value(n)
		}
		i, ok := n.index(rest.at(n.partial.len()))
		if !ok {
			return nil
		}
		at = &n.children[i]
		depth++
	}
}

// node records n unless it is inline, so part of the node above.
func (p *prover) node(c *child, n *node) {
	if c.hash == (scale.Hash{}) || !p.add(c.hash) {
		return
	}
	if n.pending != nil {
		p.proof = append(p.proof, bytes.Clone(n.pending.encoded))
	} else {
		p.proof = append(p.proof, encodeNode(n))
	}
}

// value records the value of n if it is detached.
func (p *prover) value(n *node) error {
	if n.kind != valueDetached || !p.add(scale.Hash(n.data)) {
		return nil
	}
	data, err := p.trie.bytes(n)
	if err != nil {
		return err
	}
	p.proof = append(p.proof, bytes.Clone(data))
	return nil
}

// add reports whether the record was not yet there.
func (p *prover) add(hash scale.Hash) bool {
	if _, seen := p.seen[hash]; seen {
		return false
	}
	p.seen[hash] = struct{}{}
	return true
}

// OpenProof stands a trie on a read proof. What the proof does not decide gives
// ErrIncomplete; everything else is as under root, if root can be trusted.
// Records that no key leads to are ignored. The proof must not change afterwards.
func OpenProof(root scale.Hash, proof [][]byte, options Options) (*Trie, error) {
	if len(proof) > MaxProofRecords {
		return nil, ErrProofSize
	}
	size := 0
	for _, record := range proof {
		if size += len(record); size > MaxProofSize {
			return nil, ErrProofSize
		}
	}
	store := make(proofStore, len(proof))
	for _, record := range proof {
		hash := scale.Hash(hashing.Blake2_256(record))
		if _, repeated := store[hash]; repeated {
			return nil, &RecordError{Hash: hash, Cause: ErrProofRepeat}
		}
		store[hash] = record
	}
	t := Open(store, root, options)
	t.trusted = true // each record is kept under the hash computed here
	return t, nil
}

type proofStore map[scale.Hash][]byte

func (s proofStore) Get(hash scale.Hash) ([]byte, error) {
	if record, ok := s[hash]; ok {
		return record, nil
	}
	return nil, ErrIncomplete
}

// Verify returns the value that key has under root according to a read proof.
// found is false when the proof shows that there is none; a proof that shows
// neither is an error. It reads both layouts.
func Verify(root scale.Hash, proof [][]byte, key []byte) (value []byte, found bool, err error) {
	t, err := OpenProof(root, proof, Options{})
	if err != nil {
		return nil, false, err
	}
	return t.Get(key)
}
