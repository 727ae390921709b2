package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
)

// keptEpochs is how many epochs the statistics go back.
const keptEpochs = 400

// maxStatistics bounds the file, in bytes.
const maxStatistics = 1 << 20

// assetCLOAK is the currency of fees and refunds.
const assetCLOAK = 0

// EpochStatistics are the totals of one epoch, all of them public on the chain. Refunds are those of the epochs before: they are
// paid at the start of the next. Blocks finalised while the relay was stopped are not in them.
type EpochStatistics struct {
	Epoch     uint32     `json:"epoch"`
	Envelopes uint64     `json:"envelopes"` // carried to the chain by this relay
	Batches   uint64     `json:"batches"`   // transactions paid for
	Cost      scale.U128 `json:"cost"`      // base units of CLOAK
	Refunded  scale.U128 `json:"refunded"`  // likewise; payouts to the account, whatever they are for
}

// statistics are kept in a file, which names no client.
type statistics struct {
	file string

	mutex   sync.Mutex
	epochs  []EpochStatistics // ascending
	changed bool
}

func openStatistics(file string) (*statistics, error) {
	s := &statistics{file: file}
	if file == "" {
		return s, nil
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err == nil && info.Size() > maxStatistics:
		err = fmt.Errorf("%d bytes", info.Size())
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(file)
	}
	if err == nil {
		err = json.Unmarshal(content, &s.epochs)
	}
	if err != nil {
		return nil, fmt.Errorf("relay: the statistics in %s cannot be read: %w; restore or remove the file", file, err)
	}
	return s, nil
}

// of is an epoch's totals; the mutex is held.
func (s *statistics) of(epoch uint32) *EpochStatistics {
	s.changed = true
	at, found := slices.BinarySearchFunc(s.epochs, epoch, func(e EpochStatistics, epoch uint32) int { return int(int64(e.Epoch) - int64(epoch)) })
	if !found {
		s.epochs = slices.Insert(s.epochs, at, EpochStatistics{Epoch: epoch})
	}
	if len(s.epochs) > keptEpochs {
		s.epochs = slices.Delete(s.epochs, 0, 1)
		at--
	}
	return &s.epochs[max(at, 0)]
}

func (s *statistics) carried(epoch uint32, envelopes int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.of(epoch).Envelopes += uint64(envelopes)
}

func (s *statistics) paid(epoch uint32, fee scale.U128) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	e := s.of(epoch)
	e.Batches++
	e.Cost, _ = e.Cost.Add(fee) // the currency's issuance fits 128 bits
}

func (s *statistics) refunded(epoch uint32, amount scale.U128) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	e := s.of(epoch)
	e.Refunded, _ = e.Refunded.Add(amount)
}

// all is a copy.
func (s *statistics) all() []EpochStatistics {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.epochs)
}

// save writes what has changed: whole or not at all.
func (s *statistics) save() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.file == "" || !s.changed {
		return nil
	}
	content, err := json.MarshalIndent(s.epochs, "", "  ")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(s.file), filepath.Base(s.file)+".*.new")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(content, '\n'))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), s.file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	s.changed = false
	return nil
}

// count adds up fees and refunds in the blocks since the last ones counted.
func (r *Relay) count(ctx context.Context, client *chain.Client, view *chain.View) error {
	first := r.counted + 1
	if r.counted == 0 {
		first = view.Head.Number
	}
	for number := first; number <= view.Head.Number; number++ {
		block, known := client.Block(number)
		if !known { // finalised while no node was followed
			continue
		}
		events, err := client.Events(ctx, block)
		if errors.Is(err, chain.ErrEvents) { // totals are not worth standing still for
			r.config.Log.Warn("a block's fees and refunds are missing in the statistics", "number", number, "error", err)
		} else if err != nil {
			return err
		}
		for i := range events {
			r.countEvent(view.Epoch.Index, &events[i])
		}
		r.counted = number
	}
	r.counted = max(r.counted, view.Head.Number)
	return nil
}

func (r *Relay) countEvent(epoch uint32, event *chain.Event) {
	if fee, is := event.FeePaid(); is && fee.Who == r.account {
		r.statistics.paid(epoch, fee.Fee)
		r.metrics.cost.Add(cloak(fee.Fee))
	}
	if payout, paid, is := event.Payout(); is && paid && payout.To == r.account && payout.Asset == assetCLOAK {
		r.statistics.refunded(epoch, payout.Amount)
		r.metrics.refunded.Add(cloak(payout.Amount))
	}
}

// ReadStatistics reads what a relay has written.
func ReadStatistics(file string) ([]EpochStatistics, error) {
	s, err := openStatistics(file)
	if err != nil {
		return nil, err
	}
	if s.epochs == nil {
		s.epochs = []EpochStatistics{}
	}
	return s.epochs, nil
}
