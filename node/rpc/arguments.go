package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/bitcloak/bitcloak/node/jsonrpc"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/substrate/trie"
)

// Bounds of what one call may ask for.
const (
	maxKeys       = 1_024 // storage keys in one call
	maxKeyBytes   = trie.MaxKeySize
	maxPage       = 1_000  // of state_getKeysPaged, as in Substrate
	maxAllKeys    = 10_000 // of state_getKeys, which has no pages
	maxRange      = 256    // blocks of state_queryStorage
	maxHashes     = 256    // numbers of chain_getBlockHash
	maxHeaders    = 512    // spec/blocks.md
	maxCheckpoint = 256    // spec/blocks.md
	// maxMessages is about how many bytes of messages bitcloak_checkpoints gives at once (spec/blocks.md): the answer is
	// twice as long in hexadecimal.
	maxMessages = 8 << 20 * 3 / 4
	// maxPending is how many bytes of transactions author_pendingExtrinsics gives.
	maxPending      = 4 << 20
	maxPendingCount = 8_192
)

// blockNumber is a number, or the same in 0x-hex, as clients write either.
type blockNumber uint32

// UnmarshalJSON reads both forms.
func (n *blockNumber) UnmarshalJSON(text []byte) error {
	digits, base := string(text), 10
	if len(text) > 0 && text[0] == '"' {
		var quoted string
		if err := json.Unmarshal(text, &quoted); err != nil {
			return err
		}
		if len(quoted) < 3 || quoted[:2] != "0x" {
			return fmt.Errorf("%q is not a block number: write a number, or 0x and hexadecimal digits", quoted)
		}
		digits, base = quoted[2:], 16
	}
	value, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return fmt.Errorf("%s is not a block number: write one of 32 bits", text)
	}
	*n = blockNumber(value)
	return nil
}

// blockNumbers is one block number or a list of them.
type blockNumbers struct {
	list    bool
	numbers []blockNumber
}

// UnmarshalJSON reads both forms.
func (n *blockNumbers) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '[' {
		n.list = true
		return json.Unmarshal(text, &n.numbers)
	}
	n.numbers = make([]blockNumber, 1)
	return json.Unmarshal(text, &n.numbers[0])
}

// storageKey is a key in 0x-hex of bounded length.
type storageKey []byte

// UnmarshalText reads 0x-hex.
func (k *storageKey) UnmarshalText(text []byte) error {
	if len(text) > 2+2*maxKeyBytes {
		return fmt.Errorf("a storage key has at most %d bytes", maxKeyBytes)
	}
	return (*scale.HexBytes)(k).UnmarshalText(text)
}

// MarshalText writes 0x-hex.
func (k storageKey) MarshalText() ([]byte, error) { return scale.HexBytes(k).MarshalText() }

// checkKeys bounds a list of keys.
func checkKeys(keys []storageKey) error {
	if len(keys) > maxKeys {
		return &jsonrpc.Error{Code: codeInvalidCount, Message: fmt.Sprintf("count exceeds maximum value. value: %d, max: %d", len(keys), maxKeys)}
	}
	return nil
}

// hexList is byte strings in 0x-hex.
func hexList(items [][]byte) []scale.HexBytes {
	out := make([]scale.HexBytes, len(items))
	for i := range items {
		out[i] = items[i]
	}
	return out
}
