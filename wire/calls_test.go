package wire

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/substrate/scale"
)

// TestCallEncodings spells a few calls out by hand from spec/interface.md.
func TestCallEncodings(t *testing.T) {
	account := AccountID{0xaa}
	id := "00aa" + strings.Repeat("00", 31) // MultiAddress::Id
	deposit, err := CallDeposit(1000, U128{Lo: 63}, PlainBeneficiary(account))
	if err != nil {
		t.Fatal(err)
	}
	submit, err := CallSubmit([][]byte{{1, 2}, {}})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]struct {
		got  []byte
		want string
	}{
		"deposit":             {deposit, "1400" + "e8030000" + "fc" + id},
		"claim for oneself":   {CallClaim(1, scale.None[AccountID]()), "1401" + "01000000" + "00"},
		"claim for another":   {CallClaim(1, scale.Some(account)), "1401" + "01000000" + "01" + id},
		"submit":              {submit, "1500" + "08" + "080102" + "00"},
		"transfer":            {CallTransferKeepAlive(account, U128{Lo: 1}), "0a03" + id + "04"},
		"transfer, may close": {CallTransferAllowDeath(account, U128{Lo: 1 << 14}), "0a00" + id + "02000100"},
		"asset transfer":      {CallAssetTransfer(7, account, U128{Lo: 1}), "0c04" + "07000000" + id + "04"},
		"propose":             {CallPropose(CallApprove(2)), "1e00" + "1e01" + "02000000"},
		"execute":             {CallExecute(3), "1e03" + "03000000"},
	} {
		if got := hex.EncodeToString(call.got); got != call.want {
			t.Errorf("%s: %s, want %s", name, got, call.want)
		}
	}
}

func TestCallsRefuseWhatHasNoEncoding(t *testing.T) {
	if _, err := CallDeposit(1, U128{}, Beneficiary{Kind: 7}); err == nil {
		t.Error("a beneficiary of no kind has an encoding")
	}
	if _, err := CallSubmit([][]byte{make([]byte, MaxSubmittedBytes+1)}); err == nil {
		t.Error("an oversized envelope has an encoding")
	}
	if _, err := CallCommit(&Commit{Outbox: make([]OutboxMessage, MaxOutbox+1)}, nil); err == nil {
		t.Error("an oversized outbox has an encoding")
	}
	if _, err := CallRegisterWorker([32]byte{}, Evidence{Bytes: make([]byte, MaxEvidence+1)}); err == nil {
		t.Error("an oversized evidence has an encoding")
	}
	if _, err := CallAnnounceKey(&ContractKey{}, make([]Vote, MaxVotes+1)); err == nil {
		t.Error("too many votes have an encoding")
	}
	if got := CallSetMarket(&Market{ID: 1})[:6]; string(got) != "\x15\x0a\x01\x00\x00\x00" {
		t.Errorf("set_market starts %x", got)
	}
}
