package attest

import "fmt"

// Kind names a way of attestation; it is the first byte of evidence on the wire.
type Kind uint8

// Simulated evidence proves nothing: anyone can make it.
const Simulated Kind = 0

// String is the kind's name for people.
func (k Kind) String() string {
	if k == Simulated {
		return "simulated"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// MaxEvidence bounds the bytes of one evidence: 16 KiB, enough for a TDX quote
// with its certificate chain.
const MaxEvidence = 16 << 10

// ReportDataSize is the length in bytes of what every quote binds.
const ReportDataSize = 64

// Evidence is a quote of some kind.
type Evidence struct {
	Kind  Kind
	Bytes []byte
}

// Claims are what verified evidence proves.
type Claims struct {
	Measurement [32]byte
	Platform    [32]byte
	ReportData  [ReportDataSize]byte
}
