package node

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// TestRPCBlobs: the store of published snapshots refuses what the chain has not announced, a blob of the largest size
// too, which must reach it through the limits of requests.
func TestRPCBlobs(t *testing.T) {
	n := newRPCNode(t)
	for _, test := range []struct {
		method, reason string
		argument       any
		code           int
	}{
		{"bitcloak_putBlob", "no snapshot that the chain has announced", scale.HexBytes(make([]byte, wire.MaxBlob)), 5001},
		{"bitcloak_putBlob", "1,052,672 bytes", scale.HexBytes(make([]byte, wire.MaxBlob+1)), 5001},
		{"bitcloak_putBlob", "1,052,672 bytes", "0x", 5001},
		{"bitcloak_putBlob", "", "nonsense", -32602},
		{"bitcloak_missingBlobs", "latest two", scale.Hash{1}, 5001},
		{"bitcloak_missingBlobs", "", "0x01", -32602},
		{"bitcloak_blob", "", 7, -32602},
	} {
		if code, text := callError(t, n.client, test.method, test.argument); code != test.code || !strings.Contains(text, test.reason) {
			t.Errorf("%s: %d %.200s", test.method, code, text)
		}
	}
	if blob := call[json.RawMessage](t, n.client, "bitcloak_blob", scale.Hash{1}); string(blob) != "null" {
		t.Errorf("a blob that is not here: %.200s", blob)
	}
}
