package flood

import (
	"bytes"
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/substrate/rpc"
)

const (
	// maxMemory is how much memory the node may ever have. Its limits add up to about
	// half of it, and the collector lets the heap double.
	maxMemory = 1536 << 20
	// maxWait is how long an honest transfer may take into a block, whatever happens. A
	// test machine is busy with the attack itself.
	maxWait = 15 * time.Second
)

// attackTime is how long each attack lasts; FLOOD=1m lengthens it.
func attackTime(t *testing.T) time.Duration {
	text := os.Getenv("FLOOD")
	if text == "" {
		return 4 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("FLOOD: %v", err)
	}
	return d
}

// TestUnderAttack makes the attacks one after the other, and at last all at once,
// while an honest account pays somebody again and again.
func TestUnderAttack(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	n := newNetwork(t)
	honest := &sender{network: n}
	honest.pay(t, time.Second, "before")
	attacks := []attack{
		{"valid transactions", validFlood},
		{"invalid signatures", invalidFlood},
		{"future nonces", futureFlood},
		{"huge bodies", hugeBodies},
		{"slow readers", slowReaders},
		{"10,000 subscriptions", manySubscriptions},
	}
	all := attacks
	attacks = append(attacks, attack{"all at once", func(ctx context.Context, n *network) {
		each(len(all), func(i int) { all[i].run(ctx, n) })
	}})
	for _, a := range attacks {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { a.run(ctx, n); close(ended) }()
		honest.pay(t, attackTime(t), a.name)
		cancel()
		<-ended
		if most := n.status("VmHWM"); most > maxMemory {
			t.Errorf("%s: the node had %d MiB", a.name, most>>20)
		}
	}
	honest.pay(t, time.Second, "after")
}

// sender is the honest account.
type sender struct {
	*network
	nonce uint32
}

// pay sends transfers, one after the other, for a time, and reports how long each took
// into a block.
func (s *sender) pay(t *testing.T, duration time.Duration, during string) {
	t.Helper()
	var took []time.Duration
	for began := time.Now(); time.Since(began) < duration || len(took) == 0; {
		started := time.Now()
		if err := s.payOnce(t.Context()); err != nil {
			t.Fatalf("%s: an honest transfer after %v: %v", during, time.Since(started), err)
		}
		took = append(took, time.Since(started))
		s.nonce++
	}
	slices.Sort(took)
	t.Logf("%-22s %4d transfers, into a block in %v (median), %v (worst); memory %d MiB, at most %d MiB so far", during, len(took),
		took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), s.status("VmRSS")>>20, s.status("VmHWM")>>20)
}

// payOnce connects anew, as a wallet that was just started, and waits for its block.
func (s *sender) payOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	client, err := rpc.Dial(ctx, s.endpoint, rpc.Options{})
	if err != nil {
		return err
	}
	defer client.Close()
	updates, err := client.Subscribe(ctx, "author_submitAndWatchExtrinsic", "author_unwatchExtrinsic", []any{s.transfer(attackers, s.nonce)})
	if err != nil {
		return err
	}
	defer updates.Close()
	for {
		select {
		case update, ok := <-updates.Notifications():
			switch {
			case !ok:
				return updates.Err()
			case bytes.HasPrefix(update, []byte(`{"inBlock"`)):
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
