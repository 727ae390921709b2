package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/runtime"
)

// developmentFlags are what may differ between development networks. They are part of the genesis: a network that was
// started keeps what it started with.
type developmentFlags struct {
	threshold uint32
	epoch     time.Duration
}

func (f *developmentFlags) register(command *cobra.Command) {
	flags := command.Flags()
	genesis := runtime.DevelopmentGenesis().Confidential
	flags.Uint32Var(&f.threshold, "threshold", genesis.Threshold, "how many workers must sign a commit; part of the genesis")
	flags.DurationVar(&f.epoch, "epoch", time.Duration(genesis.EpochDuration)*time.Millisecond, "how long an epoch lasts; part of the genesis")
}

func (f *developmentFlags) apply(spec *chainspec.Spec) {
	spec.Genesis.Confidential.Threshold = f.threshold
	spec.Genesis.Confidential.EpochDuration = uint64(f.epoch.Milliseconds())
}
