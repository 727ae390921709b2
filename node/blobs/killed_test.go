package blobs

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/bitcloak/bitcloak/wire"
)

// killedFolder tells a test's own process, started once more, where to write until it is killed.
const killedFolder = "BITCLOAK_TEST_BLOBS"

// TestKilledWhileWriting: whatever a kill leaves, each blob that the store holds is whole, and the rest can be put.
func TestKilledWhileWriting(t *testing.T) {
	one := snapshot(t, 1, 24)
	if folder := os.Getenv(killedFolder); folder != "" {
		s := open(t, folder)
		s.mustFollow(t, one.Announcement)
		putAll(t, s, &one)
		time.Sleep(time.Minute)
	}
	folder := t.TempDir()
	for _, target := range []int{1, 4, 9, 17} {
		child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileWriting$")
		child.Env = append(os.Environ(), killedFolder+"="+folder)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); len(files(t, folder)) <= target && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		_ = child.Process.Kill()
		_ = child.Wait()
		s := open(t, folder)
		held := 0
		for _, blob := range append([][]byte{one.Manifest}, one.Chunks...) {
			if hash := wire.BlobHash(blob); s.held[hash] {
				held++
				if !bytes.Equal(s.Get(hash), blob) {
					t.Errorf("a blob is held and is not whole")
				}
			}
		}
		if held < target-1 || held > len(one.Chunks) {
			t.Errorf("killed with %d of %d blobs there: too early or too late", held, len(one.Chunks)+1)
		}
	}
	s := open(t, folder)
	s.mustFollow(t, one.Announcement)
	putAll(t, s, &one)
}
