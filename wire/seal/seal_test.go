package seal

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wire"
)

var (
	testInstance = wire.Instance{Genesis: wire.Hash{1, 2, 3}, Contract: 0}
	testSeed     = Seed{9, 9, 9}
)

func newTestKeyring(t testing.TB, epoch uint32) (*Keyring, *PublicKey) {
	t.Helper()
	ring, err := NewKeyring(testInstance, epoch, testSeed)
	if err != nil {
		t.Fatal(err)
	}
	return ring, publicOf(t, ring, epoch)
}

func publicOf(t testing.TB, ring *Keyring, epoch uint32) *PublicKey {
	t.Helper()
	key, err := ring.Public(epoch)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ParsePublicKey(testInstance, &key)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func newTestPair(t testing.TB, kind keys.Kind) keys.Pair {
	t.Helper()
	pair, err := keys.NewPair(kind, [32]byte{byte(kind) + 1})
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func newTestSession(t testing.TB, kind keys.Kind, epoch uint32) (*Session, wire.SessionSignature) {
	t.Helper()
	pair := newTestPair(t, kind)
	session := NewSession(testInstance, pair.AccountID(), [32]byte{7}, 1000, epoch)
	return session, wire.SessionSignature{Scheme: uint8(kind), Bytes: pair.Sign(session.Message())}
}

func TestOpeningOpens(t *testing.T) {
	ring, public := newTestKeyring(t, 4)
	for _, kind := range []keys.Kind{keys.Ed25519, keys.Sr25519} {
		session, signature := newTestSession(t, kind, 4)
		envelope, err := session.Open(public, signature)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.CheckEnvelope(envelope); err != nil {
			t.Fatal(err)
		}
		opening, err := ring.Opening(envelope)
		if err != nil {
			t.Fatal(err)
		}
		want := wire.Opening{Account: session.account, Secret: session.secret, ExpiresAt: 1000, Signature: signature}
		if opening != want {
			t.Errorf("%v: got %+v", kind, opening.Account)
		}
		for at := range envelope {
			bad := bytes.Clone(envelope)
			bad[at] ^= 1
			if at > 20 && at%97 != 0 && at != len(bad)-1 {
				continue // every byte is authenticated; a sample keeps the test fast
			}
			if _, err := ring.Opening(bad); err == nil {
				t.Fatalf("byte %d altered and still opened", at)
			}
		}
	}
}

func TestOpeningIsBound(t *testing.T) {
	ring, public := newTestKeyring(t, 4)
	session, signature := newTestSession(t, keys.Sr25519, 4)
	open := func(s *Session, signature wire.SessionSignature) error {
		envelope, err := s.Open(public, signature)
		if err != nil {
			return err
		}
		_, err = ring.Opening(envelope)
		return err
	}
	later := NewSession(testInstance, session.account, session.secret, session.expiresAt+1, 4)
	if err := open(later, signature); !errors.Is(err, ErrSignature) {
		t.Errorf("a signature for another expiry: %v", err)
	}
	other := NewSession(testInstance, session.account, [32]byte{8}, session.expiresAt, 4)
	if err := open(other, signature); !errors.Is(err, ErrSignature) {
		t.Errorf("a signature for another secret: %v", err)
	}
	thief := NewSession(testInstance, wire.AccountID{5}, session.secret, session.expiresAt, 4)
	if err := open(thief, signature); !errors.Is(err, ErrSignature) {
		t.Errorf("a signature of another account: %v", err)
	}
	raw := newTestPair(t, keys.Sr25519).Sign(bytes.TrimSuffix(bytes.TrimPrefix(session.Message(), []byte("<Bytes>")), []byte("</Bytes>")))
	if err := open(session, wire.SessionSignature{Scheme: 1, Bytes: raw}); !errors.Is(err, ErrSignature) {
		t.Errorf("a signature of the text without <Bytes>: %v", err)
	}
	foreign := wire.Instance{Genesis: wire.Hash{66}}
	foreignRing, err := NewKeyring(foreign, 4, testSeed)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := session.Open(public, signature)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreignRing.Opening(envelope); !errors.Is(err, ErrSealed) {
		t.Errorf("an opening for another network: %v", err)
	}
	if err := open(NewSession(testInstance, session.account, session.secret, 1000, 5), signature); !errors.Is(err, ErrSessionEpoch) {
		t.Errorf("a session of another epoch: %v", err)
	}
}

// TestEpochsPass follows a keyring through epochs: the epoch before opens, older
// ones do not, and the next one's public key is known ahead.
func TestEpochsPass(t *testing.T) {
	ring, public := newTestKeyring(t, 4)
	ahead := publicOf(t, ring, 5)
	session, signature := newTestSession(t, keys.Sr25519, 4)
	envelope, err := session.Open(public, signature)
	if err != nil {
		t.Fatal(err)
	}
	next := NewSession(testInstance, session.account, session.secret, 1000, 5)
	early, err := next.Open(ahead, signature)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Opening(early); !errors.Is(err, ErrEpoch) {
		t.Errorf("an opening to an epoch that has not begun: %v", err)
	}
	if err := ring.StartEpoch(5); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Opening(envelope); err != nil {
		t.Errorf("the epoch before is honoured no longer: %v", err)
	}
	if _, err := ring.Opening(early); err != nil {
		t.Errorf("the key announced ahead is not the epoch's: %v", err)
	}
	if epoch, seed := ring.Seed(); epoch != 4 || seed != testSeed {
		t.Errorf("the oldest seed is of epoch %d", epoch)
	}
	if err := ring.StartEpoch(6); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Opening(envelope); !errors.Is(err, ErrEpoch) {
		t.Errorf("an erased epoch opens: %v", err)
	}
	for _, epoch := range []uint32{5, 6 + MaxEpochStep + 1} {
		if err := ring.StartEpoch(epoch); !errors.Is(err, ErrEpochStep) {
			t.Errorf("epoch %d starts after 6: %v", epoch, err)
		}
	}
	jumped, _ := newTestKeyring(t, 4)
	if err := jumped.StartEpoch(6); err != nil {
		t.Fatal(err)
	}
	for _, epoch := range []uint32{6, 7} {
		if a, b := publicOf(t, ring, epoch), publicOf(t, jumped, epoch); !bytes.Equal(a.key.Bytes(), b.key.Bytes()) {
			t.Errorf("epoch %d differs after a jump", epoch)
		}
	}
	ring.Wipe()
	if _, err := ring.Opening(early); !errors.Is(err, ErrEpoch) {
		t.Errorf("a wiped keyring opens: %v", err)
	}
}

func TestBeneficiary(t *testing.T) {
	ring, public := newTestKeyring(t, 0)
	account, depositor := wire.AccountID{1}, wire.AccountID{2}
	sealed, err := public.Beneficiary(account, depositor, 3, wire.U128{Lo: 4, Hi: 5})
	if err != nil {
		t.Fatal(err)
	}
	deposit := wire.Deposit{Depositor: depositor, Asset: 3, Amount: wire.U128{Lo: 4, Hi: 5}, Beneficiary: sealed}
	if got, err := ring.Beneficiary(&deposit); err != nil || got != account {
		t.Fatalf("got %v, %v", got, err)
	}
	for name, spoil := range map[string]func(*wire.Deposit){
		"another depositor": func(d *wire.Deposit) { d.Depositor[0]++ },
		"another asset":     func(d *wire.Deposit) { d.Asset++ },
		"another amount":    func(d *wire.Deposit) { d.Amount.Hi++ },
		"another epoch":     func(d *wire.Deposit) { d.Beneficiary.Sealed[0]++ },
		"cut":               func(d *wire.Deposit) { d.Beneficiary.Sealed = d.Beneficiary.Sealed[:100] },
		"empty":             func(d *wire.Deposit) { d.Beneficiary.Sealed = nil },
		"altered":           func(d *wire.Deposit) { d.Beneficiary.Sealed[beneficiarySize-1]++ },
	} {
		bad := deposit
		bad.Beneficiary.Sealed = bytes.Clone(sealed.Sealed)
		spoil(&bad)
		if _, err := ring.Beneficiary(&bad); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	for _, text := range []string{fmt.Sprint(testSeed), fmt.Sprintf("%v %+v %#v", testSeed, testSeed, testSeed)} {
		if bytes.ContainsAny([]byte(text), "9") {
			t.Errorf("a seed prints as %s", text)
		}
	}
	key := wire.ContractKey{}
	if _, err := ParsePublicKey(testInstance, &key); err != nil && !errors.Is(err, ErrPublicKey) {
		t.Errorf("a key of zeros: %v", err)
	}
	for i := range key.Public {
		key.Public[i] = 0xff // coefficients above the modulus
	}
	if _, err := ParsePublicKey(testInstance, &key); !errors.Is(err, ErrPublicKey) {
		t.Errorf("a key of ones: %v", err)
	}
}
