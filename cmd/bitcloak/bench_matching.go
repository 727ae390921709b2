package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bitcloak/bitcloak/engine"
	"github.com/bitcloak/bitcloak/engine/flow"
)

// matchingBenchmark is the matching core by itself, on a flow that other engines are measured with.
func matchingBenchmark() benchmark {
	return benchmark{name: "matching", run: measureMatching, rows: []rowSpec{
		{name: "matching", unit: "M records/s", about: "millions of orders and cancels of the flow file through the matching core on one core, decoding included, trades " +
			"counted; per second of processor time"},
		{name: "matching-trades", unit: "trades", about: "trades of the flow: every correct engine comes to the same number"},
	}}
}

func measureMatching(_ context.Context, b *bencher) error {
	if b.flow == "" {
		return fmt.Errorf("%w: name an order flow with --flow or $%s", errNotMeasured, flowVariable)
	}
	file, err := os.Open(b.flow)
	if err != nil {
		return err
	}
	defer file.Close()
	orders, err := flow.Read(file)
	if err != nil {
		return err
	}
	for range b.runs {
		player := flow.NewPlayer(orders, engine.New(flow.Limits()))
		var result flow.Result
		var took time.Duration
		if took, err = onOneCore(func() (err error) { result, err = player.Run(); return err }); err != nil {
			return err
		}
		b.record("matching", float64(result.Records)/took.Seconds()/1e6)
		b.record("matching-trades", float64(result.Trades))
	}
	return nil
}
