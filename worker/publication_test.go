package worker

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
	"github.com/bitcloak/bitcloak/wire/seal"
)

// statePlaintext is a snapshot with an empty head.
func statePlaintext(contract []byte) []byte { return append([]byte{0, 0, 0, 0}, contract...) }

func openPublication(t *testing.T, folder string, v *vault) (*publication, error) {
	t.Helper()
	var p publication
	err := p.open(folder, v)
	return &p, err
}

// TestPublicationSurvives: what was sealed is there after a restart, and replaced in the
// next epoch; what a crash or the host made of it is not voted for.
func TestPublicationSurvives(t *testing.T) {
	folder, v := t.TempDir(), testVault(t, 0, wire.Instance{Contract: 1})
	p, err := openPublication(t, folder, v)
	if err != nil || p.announcement().Some {
		t.Fatalf("in a new folder: %v, %v", p.announcement(), err)
	}
	seed := seal.Seed{1}
	one := savedState{checkpoint: 3, root: wire.Hash{3}, epoch: 1, plaintext: statePlaintext(bytes.Repeat([]byte{1}, 100_000))}
	if err := p.store(&seed, &one); err != nil {
		t.Fatal(err)
	}
	again, err := openPublication(t, folder, v)
	if err != nil || again.announcement() != p.announcement() || again.announcement().Value.Checkpoint != 3 {
		t.Fatalf("after a restart: %+v, %v", again.announcement(), err)
	}
	announced := again.announcement().Value
	manifest, err := wire.DecodeManifest(again.blob(announced.Root), &announced)
	if err != nil {
		t.Fatal(err)
	}
	plaintext, err := seal.OpenSnapshot(&seed, v.instance, &manifest, func(i int) ([]byte, error) { return again.blob(manifest.Chunks[i]), nil })
	if err != nil || !bytes.Equal(plaintext, one.contract()) {
		t.Fatalf("what was sealed does not open: %v", err)
	}

	// A damaged chunk is not sent.
	chunk := again.name(manifest.Chunks[0])
	if err := os.WriteFile(chunk, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again.blob(manifest.Chunks[0]) != nil {
		t.Error("a damaged chunk was read")
	}
	two := savedState{checkpoint: 9, root: wire.Hash{9}, epoch: 2, plaintext: statePlaintext([]byte("two"))}
	if err := again.store(&seed, &two); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(chunk); !os.IsNotExist(err) {
		t.Errorf("the last epoch's chunk is still there: %v", err)
	}

	// Without the announcement it is half a publication.
	name := filepath.Join(folder, publicationFolder, announcementName)
	sealed, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, contents := range map[string][]byte{
		"altered":            append(append([]byte(nil), sealed[:len(sealed)-40]...), bytes.Repeat([]byte{7}, 40)...),
		"of another machine": testVault(t, 1, wire.Instance{Contract: 1}).seal(kindPublished, [bindingSize]byte{}, wire.SnapshotCodec.Marshal(announced)),
		"of another kind":    v.seal(kindTrust, [bindingSize]byte{}, wire.SnapshotCodec.Marshal(announced)),
	} {
		if err := again.store(&seed, &two); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, contents, 0o600); err != nil {
			t.Fatal(err)
		}
		forged, err := openPublication(t, folder, v)
		if err == nil || forged.announcement().Some {
			t.Errorf("an announcement %s: %+v, %v", what, forged.announcement(), err)
		}
	}
	if err := again.store(&seed, &two); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	half, err := openPublication(t, folder, v)
	if err != nil || half.announcement().Some {
		t.Errorf("half a publication: %+v, %v", half.announcement(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, publicationFolder, "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
