package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// walletProgram runs `bitcloak wallet` on a home.
type walletProgram struct {
	site     *site
	home     string
	password string // file
}

// run gives the exit code, what was printed and what was said.
func (w *walletProgram) run(t *testing.T, input string, arguments ...string) (code int, out, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, append([]string{"wallet", "--node", "ws://" + w.site.nodeAt.address(),
		"--worker", "http://" + w.site.workAt.address(), "--home", w.home, "--json", "--yes"}, arguments...)...)
	command.Env = append(os.Environ(), "BITCLOAK_PASSWORD_FILE="+w.password)
	command.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	_ = command.Run() // the exit code says it
	if ctx.Err() != nil {
		t.Fatalf("the wallet hangs: %v\n%s", arguments, stderr.String())
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// pooled is what of the balances must not change.
func pooled(t *testing.T, text string) string {
	t.Helper()
	var balances []struct{ Symbol, Available, Held json.RawMessage }
	if err := json.Unmarshal([]byte(text), &balances); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	kept, err := json.Marshal(balances)
	if err != nil {
		t.Fatal(err)
	}
	return string(kept)
}

func (g *sound) damageWallet(t *testing.T) {
	s := g.undamaged(t, "sound-network")
	s.startWorker()
	s.awaitCommits(t, 0)
	w := &walletProgram{site: s, home: filepath.Join(s.folder, "home"), password: filepath.Join(s.folder, "password")}
	copyFolder(t, filepath.Join(g.site.folder, "wallet-Bob"), w.home)
	if err := os.WriteFile(w.password, []byte("a long password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, said := w.run(t, "//Bob\n", "account", "import", "bob"); code != 0 {
		t.Fatalf("import: %s", said)
	}
	code, out, said := w.run(t, "", "--account", "bob", "balances")
	if code != 0 {
		t.Fatalf("balances: %s %s", out, said)
	}
	truth := pooled(t, out)
	if !strings.Contains(truth, "Available") || strings.Contains(truth, `"Available":null`) {
		t.Fatalf("no balances in the pool: %s", truth)
	}
	files := filesOf(t, w.home)
	t.Logf("%d files: %v", len(files), files)
	counted := outcomes{}
	for range g.count {
		d := chooseDamage(t, w.home, files, g.choices)
		t.Run(d.String(), func(t *testing.T) { counted[w.damaged(t, d, truth)]++ })
	}
	t.Logf("%v", counted)
}

// damaged runs the wallet on a home with one damage.
func (w *walletProgram) damaged(t *testing.T, d damage, truth string) string {
	damaged := *w
	damaged.home += "-damaged"
	copyFolder(t, w.home, damaged.home)
	d.do(t, damaged.home)
	code, out, said := damaged.run(t, "", "--account", "bob", "balances")
	switch {
	case panicked.MatchString(said):
		t.Errorf("the wallet panics\n%s", said)
	case code == 0 && pooled(t, out) == truth:
		return "goes on"
	case code == 0 && strings.HasSuffix(d.file, ".session") && d.kind == "removed":
		return "has no session" // as a new home
	case code == 0:
		t.Errorf("balances were %s and are now %s", truth, out)
	case code != 1:
		t.Errorf("exit code %d\n%s\n%s", code, out, said)
	default:
		var refusal struct {
			Error struct{ Cause, Remedy string }
		}
		if err := json.Unmarshal([]byte(out), &refusal); err != nil || refusal.Error.Cause == "" || refusal.Error.Remedy == "" {
			t.Errorf("refuses without saying why or what to do: %s %s", out, said)
		}
		t.Logf("refuses: %s", out)
		return "refuses"
	}
	return "wrong"
}
