package faults

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/light"
)

// TestDamagedFiles damages files of node, worker and wallet, one at a time. Whoever reads them refuses them by name, or goes on
// from where it was; nobody ever shows another state.
func TestDamagedFiles(t *testing.T) {
	g := newSound(t)
	t.Run("node", g.damageNode)
	t.Run("worker", g.damageWorker)
	t.Run("wallet", g.damageWallet)
}

func (g *sound) damageNode(t *testing.T) {
	files := filesOf(t, g.nodeFolder())
	t.Logf("%d files, head %d, %d questions", len(files), g.truth.head, len(g.truth.questions))
	counted := outcomes{}
	for range g.count {
		d := chooseDamage(t, g.nodeFolder(), files, g.choices)
		t.Run(d.String(), func(t *testing.T) { counted[g.damagedNode(t, d)]++ })
	}
	t.Logf("%v", counted)
}

// damagedNode starts a node whose files have one damage, and says what became of it.
func (g *sound) damagedNode(t *testing.T, d damage) string {
	s := &site{t: t, folder: filepath.Join(g.folder, "damaged"), nodeAt: newForwarder(t)}
	copyFolder(t, g.nodeFolder(), s.nodeFolder())
	copyFile(t, g.specFile(), s.specFile())
	d.do(t, s.nodeFolder())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the node said:\n%s", lastWords(s.node))
		}
	})
	if err := s.launchNode(); err != nil {
		return s.node.refused(t)
	}
	node := light.NewRPC("ws://" + s.nodeAt.address())
	defer node.Close()
	refusals, err := g.truth.compare(t, node)
	if err != nil {
		return s.node.refused(t)
	}
	for deadline := time.Now().Add(patience / 2); ; time.Sleep(10 * time.Millisecond) {
		var height struct{ Number scaleNumber }
		err := node.Call(t.Context(), &height, "chain_getHeader")
		if err == nil && uint32(height.Number) > g.truth.head+2 {
			break
		}
		if !s.node.running() {
			return s.node.refused(t)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the node neither goes on nor ends: %v", err)
		}
	}
	if again, err := g.truth.compare(t, node); err == nil {
		refusals = max(refusals, again)
	}
	s.node.signal(t, terminate)
	if code := s.node.wait(t, patience); code != 0 {
		return s.node.refused(t)
	}
	if refusals > 0 {
		t.Logf("%d questions refused", refusals)
		return "goes on, refuses damaged records"
	}
	return "goes on"
}

// refused checks that the process has ended, or is about to, with an error that people can read.
func (p *process) refused(t *testing.T) string {
	t.Helper()
	p.wait(t, patience/2)
	p.checkRefusal(t)
	said := p.said.String()
	t.Logf("refuses: %s", said[max(0, len(said)-1_000):])
	return "refuses"
}
