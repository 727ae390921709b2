package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/bitcloak/bitcloak/node"
	"github.com/bitcloak/bitcloak/node/chainspec"
	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
	"github.com/bitcloak/bitcloak/worker"
)

// maxDevelopmentWorkers is how many simulated platforms the development genesis allows.
const maxDevelopmentWorkers = 8

// errThreshold refuses a number of workers that can commit nothing.
var errThreshold = errors.New("fewer workers than must sign a commit; start more (--workers)")

// developmentSpec is the spec of the network in a folder. What is chosen for a new one it keeps for ever.
func developmentSpec(config networkConfig, nodeDir string) (*chainspec.Spec, error) {
	_, err := os.Stat(filepath.Join(nodeDir, "chain-spec.json"))
	fresh := errors.Is(err, os.ErrNotExist)
	spec, err := node.DevelopmentSpec(nodeDir)
	if err != nil {
		return nil, err
	}
	workers := max(1, config.workers)
	threshold := config.threshold
	if threshold == 0 {
		threshold = quorumOf(workers)
	}
	if fresh && spec.Genesis.Confidential.Threshold != uint32(threshold) {
		spec.Genesis.Confidential.Threshold = uint32(threshold)
		if err := writeSpec(spec, nodeDir); err != nil {
			return nil, err
		}
	}
	switch needed := spec.Genesis.Confidential.Threshold; {
	case workers > maxDevelopmentWorkers:
		return nil, fmt.Errorf("the development network has room for %d workers", maxDevelopmentWorkers)
	case uint32(workers) < needed:
		return nil, fmt.Errorf("%w: %d of %d", errThreshold, workers, needed)
	}
	return spec, nil
}

// workerFolder is a worker's data folder; the first one's has no number.
func (c *networkConfig) workerFolder(number int) string {
	if number == 0 {
		return filepath.Join(c.dataDir, "worker")
	}
	return filepath.Join(c.dataDir, fmt.Sprintf("worker-%d", number+1))
}

// startWorkers starts as many workers as the configuration asks for, in folders of their own; the first serves wallets.
// Those of a new network share a seed; one that is added, or whose folder was removed, asks the others for it.
func (d *developmentNetwork) startWorkers(ctx context.Context, config networkConfig) (err error) {
	if d.operator, err = pairFromSURI(developmentOperator); err != nil {
		return err
	}
	workers := make([]*worker.Worker, max(1, config.workers))
	defer func() { d.worker, d.replicas = workers[0], withoutNil(workers[1:]) }()
	var older, newer []int
	for number := range workers {
		if _, err := os.Stat(filepath.Join(config.workerFolder(number), "keys.sealed")); err == nil {
			older = append(older, number)
		} else {
			newer = append(newer, number)
		}
	}
	var origin worker.Config // what newer ones get their seed from
	if len(older) == 0 && len(workers) > 1 {
		seed := seal.NewSeed()
		defer seed.Wipe()
		origin.Seed = &seed
	}
	for _, number := range append(older, newer...) {
		if workers[number], err = d.startWorker(ctx, config, number, origin); err != nil {
			return err
		}
		if len(older) > 0 {
			origin.Replicas = append(origin.Replicas, "http://"+workers[number].Address().String())
		}
	}
	return nil
}

func withoutNil(workers []*worker.Worker) (started []*worker.Worker) {
	for _, w := range workers {
		if w != nil {
			started = append(started, w)
		}
	}
	return started
}

// workerStopped tells why the first of the workers stopped by itself.
func (d *developmentNetwork) workerStopped(ctx context.Context) <-chan error {
	all := append([]*worker.Worker{d.worker}, d.replicas...)
	stopped := make(chan error, len(all))
	for _, w := range all {
		go func() {
			select {
			case <-w.Done():
				stopped <- w.Err()
			case <-ctx.Done():
			}
		}()
	}
	return stopped
}

// startWorker starts one; origin says where its seed comes from.
func (d *developmentNetwork) startWorker(ctx context.Context, config networkConfig, number int, origin worker.Config) (*worker.Worker, error) {
	listen := config.workerAddress
	if number > 0 {
		listen = "127.0.0.1:0"
	}
	dataDir := config.workerFolder(number)
	backend, verifier, err := simulatedAttestation(dataDir, chainspec.Development, uint32(number))
	if err != nil {
		return nil, err
	}
	follows := worker.DialNode("ws://" + d.node.RPCAddress())
	if config.tapNode != nil {
		follows = config.tapNode(follows)
	}
	return worker.Start(ctx, worker.Config{
		Instance: wire.Instance{Genesis: d.node.Chain().Genesis()},
		Node:     follows,
		DataDir:  dataDir,
		Listen:   listen,
		Backend:  backend, Verifier: verifier,
		Operator: d.operator,
		Seed:     origin.Seed, Replicas: origin.Replicas,

		TrustingPeriod: developmentTrust,
		Log:            config.log.With("part", filepath.Base(dataDir)),
		Registerer:     prometheus.NewRegistry(),
	})
}
