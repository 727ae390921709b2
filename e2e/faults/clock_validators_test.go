package faults

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wallet/chain"
)

// freePorts finds so many ports in a row that nobody uses; the first is given.
func freePorts(t *testing.T, count int) int {
	t.Helper()
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := first.Addr().(*net.TCPAddr).Port
		listeners := []net.Listener{first}
		for next := port + 1; next < port+count && err == nil; next++ {
			var listener net.Listener
			if listener, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(next))); err == nil {
				listeners = append(listeners, listener)
			}
		}
		for _, listener := range listeners {
			_ = listener.Close()
		}
		if err == nil && port+count <= 65535 {
			return port
		}
	}
	t.Fatal("no ports in a row are free")
	return 0
}

// TestOneWrongClockOfFour: a validator whose clock is an hour ahead, then an hour behind, moves the chain's time by nothing: it is the
// median of the validators'.
func TestOneWrongClockOfFour(t *testing.T) {
	if setting(t, "BITCLOAK_FAULT_CLOCKS", 0) == 0 {
		t.Skip("building a program with a wrong clock takes minutes: 'make faults' does it")
	}
	built := buildWrongClock(t)
	const validators = 4
	folder, ports := filepath.Join(t.TempDir(), "network"), freePorts(t, 3*validators)
	made := exec.Command(built, "testnet", "--validators", strconv.Itoa(validators), "--workers", "0", "--output", folder,
		"--p2p-port", strconv.Itoa(ports), "--rpc-port", strconv.Itoa(ports+validators), "--metrics-port", strconv.Itoa(ports+2*validators))
	made.Env = append(os.Environ(), clockVariable+"=-7200") // begun before any of the clocks says
	if said, err := made.CombinedOutput(); err != nil {
		t.Fatalf("testnet: %v\n%s", err, said)
	}
	configs, err := filepath.Glob(filepath.Join(folder, "*", "node.json"))
	if err != nil || len(configs) != validators {
		t.Fatalf("%d configurations, %v", len(configs), err)
	}
	start := func(i int, change func(*exec.Cmd)) *process {
		return launch(t, fmt.Sprintf("validator %d", i), change, "node", "--config", configs[i])
	}
	var nodes [validators]*process
	for i := range nodes {
		nodes[i] = start(i, nil)
	}
	for i := range nodes {
		if _, err := nodes[i].ready(nodeReady); err != nil {
			t.Fatalf("%v\n%s", err, lastWords(nodes[i]))
		}
	}
	node := chain.DialRPC("ws://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(ports+validators)))
	defer node.Close()
	genesis, err := node.GenesisHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var client *chain.Client
	until(t, "a first block", func() bool {
		client, err = chain.Connect(t.Context(), node, chain.Config{Genesis: genesis})
		return err == nil
	})
	defer client.Close()
	for _, wrong := range []time.Duration{time.Hour, -time.Hour} {
		nodes[3].kill()
		nodes[3] = start(3, func(command *exec.Cmd) {
			command.Path = built
			command.Env = append(os.Environ(), fmt.Sprintf("%s=%d", clockVariable, int64(wrong/time.Second)))
		})
		if _, err := nodes[3].ready(nodeReady); err != nil {
			t.Fatalf("%v\n%s", err, lastWords(nodes[3]))
		}
		checkTimes(t, client)
	}
}

// checkTimes looks at some blocks: their times rise, and are this machine's.
func checkTimes(t *testing.T, client *chain.Client) {
	t.Helper()
	last := client.View().Head
	for range 8 {
		view, err := client.Wait(t.Context(), func(v *chain.View) bool { return v.Head.Number > last.Number })
		if err != nil {
			t.Fatal(err)
		}
		if wrong := time.Since(view.Head.Time); !view.Head.Time.After(last.Time) || wrong.Abs() > time.Minute {
			t.Errorf("block %d of %v follows block %d of %v, now is %v", view.Head.Number, view.Head.Time, last.Number, last.Time, time.Now())
		}
		last = view.Head
	}
}
