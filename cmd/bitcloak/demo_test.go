package main

import (
	"bytes"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"testing"
)

func TestDemoHolds(t *testing.T) {
	var story bytes.Buffer
	result, err := runDemo(t.Context(), &story, networkConfig{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("%v\n%s", err, story.String())
	}
	if !result.holds() || result.Fills != 6 || result.Blocks == 0 || result.Commits == 0 {
		t.Errorf("%+v\n%s", *result, story.String())
	}
	for _, part := range []string{"What Alice sees", "What Bob sees", "What an observer of the chain saw", "Recomputed from storage"} {
		if !strings.Contains(story.String(), part) {
			t.Errorf("the story does not tell %q", part)
		}
	}
}

// TestDemoCanFail shows that none of the story's claims holds by itself.
func TestDemoCanFail(t *testing.T) {
	good := demoResult{Fills: 1, Conserved: true, Backed: true, Withdrawn: true, GarbageRejected: true}
	if !good.holds() {
		t.Fatal("a good result does not hold")
	}
	for name, spoil := range map[string]func(*demoResult){
		"no fills":  func(r *demoResult) { r.Fills = 0 },
		"I1":        func(r *demoResult) { r.Conserved = false },
		"I2":        func(r *demoResult) { r.Backed = false },
		"plaintext": func(r *demoResult) { r.ObserverSawPlaintext = true },
		"withdrawn": func(r *demoResult) { r.Withdrawn = false },
		"garbage":   func(r *demoResult) { r.GarbageRejected = false },
	} {
		bad := good
		spoil(&bad)
		if bad.holds() {
			t.Errorf("%s: the result still holds", name)
		}
	}
}

func TestAuditSeesImbalance(t *testing.T) {
	row := func(issuance, balances, custody, owed, held int64) *auditRow {
		return &auditRow{big.NewInt(issuance), big.NewInt(balances), big.NewInt(custody), big.NewInt(owed), big.NewInt(held)}
	}
	if good := row(10, 10, 5, 5, 6); !good.conserved() || !good.backed() {
		t.Error("a sound asset, with a surplus in custody, is called broken")
	}
	if row(10, 9, 5, 5, 5).conserved() { // I1
		t.Error("a lost unit is not seen")
	}
	if row(10, 10, 5, 6, 6).backed() || row(10, 10, 5, 4, 5).backed() || row(10, 10, 5, 5, 4).backed() { // I2
		t.Error("a liability without backing is not seen")
	}
}

func TestObserverFindsPlaintext(t *testing.T) {
	d := &demo{out: io.Discard, secrets: []demoSecret{{"a price", []byte{1, 2, 3}}}}
	if d.search("x", []byte{9, 1, 2, 4, 3}); d.result.ObserverSawPlaintext {
		t.Error("found what is not there")
	}
	if d.search("x", []byte{9, 1, 2, 3, 4}); !d.result.ObserverSawPlaintext {
		t.Error("did not find what is there")
	}
}
