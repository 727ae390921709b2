package wire

import "github.com/bitcloak/bitcloak/substrate/scale"

// HandoverRequest asks a live worker for what a registered one lost or never had:
// the epoch's seed. The answer is sealed to Key, which the worker's key vouches for.
type HandoverRequest struct {
	Worker    [32]byte
	Evidence  Evidence
	Key       [PublicKeySize]byte // of MLKEM768-X25519, used once
	Signature [64]byte            // ed25519 of Worker, over the digest
}

// MaxHandoverRequest bounds an encoded request, in bytes.
const MaxHandoverRequest = MaxEvidence + 2<<10

// HandoverRequestCodec is the codec of HandoverRequest.
var HandoverRequestCodec = scale.Struct("bitcloak_wire::HandoverRequest", "A worker's request for the epoch's seed.",
	scale.Field("worker", scale.Bytes32, func(v *HandoverRequest) *[32]byte { return &v.Worker }),
	scale.Field("evidence", EvidenceCodec, func(v *HandoverRequest) *Evidence { return &v.Evidence }),
	scale.Field("key", scale.FixedBytes(func(v *[PublicKeySize]byte) []byte { return v[:] }),
		func(v *HandoverRequest) *[PublicKeySize]byte { return &v.Key }),
	scale.Field("signature", scale.Bytes64, func(v *HandoverRequest) *[64]byte { return &v.Signature }),
)

// Digest is what the worker signs.
func (v *HandoverRequest) Digest(instance Instance) Hash {
	return tagged("bitcloak/handover/v1", instance.Append(nil), v.Worker[:], EvidenceCodec.Marshal(v.Evidence), v.Key[:])
}

// HandoverSecrets is the answer before it is sealed: what a worker needs to open a
// published snapshot and go on from it.
type HandoverSecrets struct {
	Epoch uint32   // of Seed
	Seed  [32]byte // the oldest that is held
	State [32]byte // the state key
}

// HandoverSecretsCodec is the codec of HandoverSecrets.
var HandoverSecretsCodec = scale.Struct("bitcloak_wire::HandoverSecrets", "The oldest seed held, its epoch, and the state key.",
	scale.Field("epoch", scale.U32, func(v *HandoverSecrets) *uint32 { return &v.Epoch }),
	scale.Field("seed", scale.Bytes32, func(v *HandoverSecrets) *[32]byte { return &v.Seed }),
	scale.Field("state", scale.Bytes32, func(v *HandoverSecrets) *[32]byte { return &v.State }),
)

// String keeps secrets out of logs.
func (HandoverSecrets) String() string { return "[redacted]" }

// GoString keeps secrets out of %#v.
func (HandoverSecrets) GoString() string { return "[redacted]" }

// Wipe overwrites the secrets.
func (v *HandoverSecrets) Wipe() {
	clear(v.Seed[:])
	clear(v.State[:])
}
