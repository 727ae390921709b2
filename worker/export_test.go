package worker

import (
	"context"

	"github.com/bitcloak/bitcloak/attest"
	"github.com/bitcloak/bitcloak/wire"
)

// OpenSealed opens a file of a worker's folder with the sealing keys of its hardware, as
// an attacker could who has both; nil if it is none that these keys open.
func OpenSealed(ctx context.Context, backend attest.Backend, instance wire.Instance, contents []byte) []byte {
	v, err := newVault(ctx, backend, instance)
	if err != nil {
		return nil
	}
	for kind := range purposes {
		if _, plaintext, err := v.open(kind, append([]byte(nil), contents...)); err == nil {
			return plaintext
		}
	}
	return nil
}
