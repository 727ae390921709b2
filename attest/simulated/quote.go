package simulated

import (
	"crypto/ed25519"
	"time"

	"github.com/bitcloak/bitcloak/attest"
)

// Offsets in a quote, in bytes.
const (
	platformAt   = 32
	reportDataAt = platformAt + 32
	signatureAt  = reportDataAt + attest.ReportDataSize
	quoteSize    = signatureAt + ed25519.SignatureSize
)

const quoteTag = "bitcloak/simulated-quote/v1"

// sign makes the quote of claims.
func sign(claims attest.Claims) []byte {
	quote := make([]byte, signatureAt, quoteSize)
	copy(quote, claims.Measurement[:])
	copy(quote[platformAt:], claims.Platform[:])
	copy(quote[reportDataAt:], claims.ReportData[:])
	return append(quote, ed25519.Sign(vendorKey, signed(quote))...)
}

// signed is the message under a quote's signature.
func signed(quote []byte) []byte {
	return append([]byte(quoteTag), quote[:signatureAt]...)
}

// Verifier checks simulated quotes.
type Verifier struct{}

// Kind is attest.Simulated.
func (Verifier) Kind() attest.Kind { return attest.Simulated }

// Verify checks the simulated vendor's signature; it never expires.
func (Verifier) Verify(evidence attest.Evidence, _ time.Time) (attest.Claims, error) {
	if evidence.Kind != attest.Simulated {
		return attest.Claims{}, attest.ErrKind
	}
	quote := evidence.Bytes
	if len(quote) != quoteSize {
		return attest.Claims{}, attest.ErrMalformed
	}
	if !ed25519.Verify(VendorPublicKey(), signed(quote), quote[signatureAt:]) {
		return attest.Claims{}, attest.ErrSignature
	}
	return attest.Claims{
		Measurement: [32]byte(quote[:platformAt]),
		Platform:    [32]byte(quote[platformAt:reportDataAt]),
		ReportData:  [attest.ReportDataSize]byte(quote[reportDataAt:signatureAt]),
	}, nil
}
