package flow_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/flow"
	"github.com/bitcloak/bitcloak/engine/naive"
)

func record(op, side byte, price, quantity, id uint32) []byte {
	r := []byte{op, side}
	r = binary.LittleEndian.AppendUint32(r, price)
	r = binary.LittleEndian.AppendUint32(r, quantity)
	return binary.LittleEndian.AppendUint32(r, id)
}

func play(t testing.TB, book engine.Book, records ...[]byte) (flow.Result, error) {
	t.Helper()
	f, err := flow.Read(bytes.NewReader(bytes.Join(records, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return flow.NewPlayer(f, book).Run()
}

func TestSmallFlow(t *testing.T) {
	result, err := play(t, engine.New(flow.Limits()),
		record(0, 1, 100, 10, 1),
		record(0, 1, 101, 10, 2),
		record(1, 0, 0, 0, 7), // unknown: does nothing
		record(0, 0, 101, 15, 3),
		record(1, 0, 0, 0, 1), // filled: does nothing
		record(1, 0, 0, 0, 2),
		record(0, 0, 101, 15, 4),
	)
	if err != nil || result != (flow.Result{Records: 7, Trades: 2, Volume: 15}) {
		t.Fatalf("got %+v, %v", result, err)
	}
}

func TestBadRecords(t *testing.T) {
	good := record(0, 0, 100, 10, 1)
	cases := []struct {
		name   string
		want   error
		record []byte
	}{
		{"operation", flow.ErrRecord, record(2, 0, 100, 10, 2)},
		{"side", flow.ErrRecord, record(0, 2, 100, 10, 2)},
		{"id", flow.ErrRecord, record(0, 0, 100, 10, flow.MaxOrderID+1)},
		{"cancel with side", flow.ErrRecord, record(1, 1, 0, 0, 1)},
		{"cancel with price", flow.ErrRecord, record(1, 0, 1, 0, 1)},
		{"cancel with quantity", flow.ErrRecord, record(1, 0, 0, 1, 1)},
		{"no price", flow.ErrRefused, record(0, 0, 0, 10, 2)},
		{"no quantity", flow.ErrRefused, record(0, 0, 100, 0, 2)},
		{"duplicate id", flow.ErrRefused, record(0, 0, 100, 10, 1)},
	}
	for _, c := range cases {
		if _, err := play(t, engine.New(flow.Limits()), good, c.record); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestReadRefusesPartialRecords(t *testing.T) {
	if _, err := flow.Read(bytes.NewReader(make([]byte, 15))); !errors.Is(err, flow.ErrLength) {
		t.Errorf("15 bytes: %v", err)
	}
	if _, err := flow.Read(iotest.ErrReader(io.ErrNoProgress)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a failing reader: %v", err)
	}
	f, err := flow.Read(bytes.NewReader(nil))
	if err != nil || f.Len() != 0 {
		t.Fatalf("an empty flow: %v", err)
	}
	if err := flow.NewPlayer(f, engine.New(flow.Limits())).Step(); err != io.EOF {
		t.Errorf("a step after the end: %v", err)
	}
}

// FuzzFlow plays any bytes into both books.
func FuzzFlow(f *testing.F) {
	f.Add(bytes.Join([][]byte{record(0, 1, 100, 10, 1), record(0, 0, 101, 15, 2), record(1, 0, 0, 0, 2)}, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200*flow.RecordBytes {
			return
		}
		records, err := flow.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		fast, slow := engine.New(flow.Limits()), naive.New(flow.Limits())
		result, err := flow.NewPlayer(records, fast).Run()
		expected, expectedErr := flow.NewPlayer(records, slow).Run()
		if result != expected || (err == nil) != (expectedErr == nil) || fast.StateHash() != slow.StateHash() {
			t.Fatalf("got %+v, %v, want %+v, %v", result, err, expected, expectedErr)
		}
	})
}
