package seal

import (
	"testing"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

// sized is b cut or filled with zeros to n bytes.
func sized(b []byte, n int) []byte {
	out := make([]byte, n)
	copy(out, b)
	return out
}

// FuzzOpeners feeds every opener bytes that nobody sealed, as they come and in
// the length that the opener expects. None may panic, and none may open.
func FuzzOpeners(f *testing.F) {
	ring, public := newTestKeyring(f, 2)
	session, signature := newTestSession(f, keys.Sr25519, 2)
	envelope, err := session.Open(public, signature)
	if err != nil {
		f.Fatal(err)
	}
	request, answers, err := public.Query(session.account, session.QueryKey(), &wire.Query{})
	if err != nil {
		f.Fatal(err)
	}
	command, err := session.Seal(2, 0, &wire.Command{})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{envelope[:1300], request[:1300], command[:200], nil, {2, 2, 0, 0, 0}} {
		f.Add(seed)
	}
	cipher := NewCommandCipher(RootKey(session.secret, testInstance, session.account, 2), testInstance)
	scratch := make([]byte, ScratchSize)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1400 { // never a whole sealed message of the seeds above
			b = b[:1400]
		}
		for _, b := range [][]byte{b, sized(b, wire.OpeningEnvelopeSize), sized(b, wire.FrameSize), sized(b, 4096)} {
			_, openingError := ring.Opening(b)
			_, queryError := ring.Query(b)
			_, answerError := answers.OpenAnswer(b)
			_, frameError := answers.OpenFrame(0, b)
			deposit := wire.Deposit{Beneficiary: wire.SealedBeneficiary(b)}
			_, beneficiaryError := ring.Beneficiary(&deposit)
			if openingError == nil || queryError == nil || answerError == nil || frameError == nil || beneficiaryError == nil {
				t.Fatalf("%x opens: %v %v %v %v %v", b, openingError, queryError, answerError, frameError, beneficiaryError)
			}
		}
		if len(b) > 200 {
			b = b[:200]
		}
		for _, b := range [][]byte{b, sized(b, wire.CommandEnvelopeSize)} {
			if _, ok := cipher.Open(scratch, 0, b); ok {
				t.Fatalf("%x opens as a command", b)
			}
		}
		deposit := wire.Deposit{Beneficiary: wire.SealedBeneficiary(sized(b, beneficiarySize))}
		if _, err := ring.Beneficiary(&deposit); err == nil {
			t.Fatalf("%x opens as a beneficiary", b)
		}
	})
}
