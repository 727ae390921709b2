package seal

import (
	"bytes"
	"errors"
	"testing"

	"github.com/bitcloak/bitcloak/wire"
)

func sealTestSnapshot(t testing.TB, plaintext []byte) (SealedSnapshot, wire.Manifest) {
	t.Helper()
	sealed, err := SealSnapshot(&testSeed, testInstance, 3, 40, wire.Hash{5}, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := wire.DecodeManifest(sealed.Manifest, &sealed.Announcement)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, manifest
}

func (s *SealedSnapshot) chunk(index int) ([]byte, error) { return bytes.Clone(s.Chunks[index]), nil }

func TestPublishedSnapshot(t *testing.T) {
	for _, size := range []int{1, 100, wire.SnapshotChunkSize, wire.SnapshotChunkSize + 1, 3*wire.SnapshotChunkSize - 5} {
		plaintext := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, size/7+1)[:size]
		sealed, manifest := sealTestSnapshot(t, plaintext)
		again, _ := sealTestSnapshot(t, plaintext)
		if sealed.Announcement != again.Announcement {
			t.Errorf("%d bytes: two seals of one snapshot differ", size)
		}
		for _, chunk := range sealed.Chunks {
			if len(chunk) > wire.MaxBlob {
				t.Errorf("%d bytes: a chunk of %d", size, len(chunk))
			}
		}
		opened, err := OpenSnapshot(&testSeed, testInstance, &manifest, sealed.chunk)
		if err != nil || !bytes.Equal(opened, plaintext) {
			t.Errorf("%d bytes: %d came back, %v", size, len(opened), err)
		}
	}
}

// Two plaintexts never meet under one key and nonce: where they agree, their
// ciphertexts still differ.
func TestPublishedSnapshotKeysDependOnThePlaintext(t *testing.T) {
	plaintext := make([]byte, 4096)
	one, _ := sealTestSnapshot(t, plaintext)
	plaintext[4095] = 1
	two, _ := sealTestSnapshot(t, plaintext)
	if bytes.Equal(one.Chunks[0][:64], two.Chunks[0][:64]) {
		t.Error("one key stream for two plaintexts")
	}
}

func TestPublishedSnapshotRefusals(t *testing.T) {
	sealed, manifest := sealTestSnapshot(t, make([]byte, 2*wire.SnapshotChunkSize+9))
	otherSeed := Seed{8}
	next := testSeed.Next(4)
	otherInstance := wire.Instance{Genesis: wire.Hash{66}}
	swapped := manifest
	swapped.Chunks = []wire.Hash{manifest.Chunks[1], manifest.Chunks[0], manifest.Chunks[2]}
	altered := func(index int) ([]byte, error) {
		chunk, _ := sealed.chunk(index)
		chunk[7] ^= 1
		return chunk, nil
	}
	swappedChunk := func(index int) ([]byte, error) { return sealed.chunk([]int{1, 0, 2}[index]) }
	for name, open := range map[string]func() ([]byte, error){
		"another seed": func() ([]byte, error) { return OpenSnapshot(&otherSeed, testInstance, &manifest, sealed.chunk) },
		"a later seed": func() ([]byte, error) { return OpenSnapshot(&next, testInstance, &manifest, sealed.chunk) },
		"another network": func() ([]byte, error) {
			return OpenSnapshot(&testSeed, otherInstance, &manifest, sealed.chunk)
		},
		"altered chunks": func() ([]byte, error) { return OpenSnapshot(&testSeed, testInstance, &manifest, altered) },
		"swapped chunks": func() ([]byte, error) { return OpenSnapshot(&testSeed, testInstance, &swapped, swappedChunk) },
	} {
		if plaintext, err := open(); !errors.Is(err, ErrPublished) || plaintext != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	lost := errors.New("lost")
	if _, err := OpenSnapshot(&testSeed, testInstance, &manifest, func(int) ([]byte, error) { return nil, lost }); !errors.Is(err, lost) {
		t.Errorf("a chunk that cannot be had: %v", err)
	}
	for at := 0; at < len(sealed.Manifest); at += 13 {
		bad := bytes.Clone(sealed.Manifest)
		bad[at] ^= 1
		if _, err := wire.DecodeManifest(bad, &sealed.Announcement); !errors.Is(err, wire.ErrManifest) {
			t.Errorf("manifest byte %d: %v", at, err)
		}
	}
}

// A manifest whose hash was announced may still lie about its numbers.
func TestManifestNumbers(t *testing.T) {
	_, good := sealTestSnapshot(t, make([]byte, wire.SnapshotChunkSize+1))
	for name, change := range map[string]func(*wire.Manifest){
		"version":        func(m *wire.Manifest) { m.Version = 2 },
		"epoch":          func(m *wire.Manifest) { m.Epoch++ },
		"checkpoint":     func(m *wire.Manifest) { m.Checkpoint++ },
		"state root":     func(m *wire.Manifest) { m.StateRoot[0]++ },
		"size zero":      func(m *wire.Manifest) { m.Size = 0 },
		"size":           func(m *wire.Manifest) { m.Size = wire.SnapshotChunkSize },
		"size too large": func(m *wire.Manifest) { m.Size = 1 << 63 },
		"chunks":         func(m *wire.Manifest) { m.Chunks = append(m.Chunks, wire.Hash{}) },
	} {
		bad := good
		bad.Chunks = append([]wire.Hash(nil), good.Chunks...)
		announced := wire.Snapshot{Epoch: good.Epoch, Checkpoint: good.Checkpoint, StateRoot: good.StateRoot}
		change(&bad)
		blob := wire.ManifestCodec.Marshal(bad)
		announced.Root = wire.BlobHash(blob)
		if _, err := wire.DecodeManifest(blob, &announced); !errors.Is(err, wire.ErrManifest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	sealed, _ := sealTestSnapshot(f, make([]byte, 100))
	f.Add(sealed.Manifest)
	f.Fuzz(func(t *testing.T, blob []byte) {
		announced := sealed.Announcement
		announced.Root = wire.BlobHash(blob)
		manifest, err := wire.DecodeManifest(blob, &announced)
		if err == nil && !bytes.Equal(wire.ManifestCodec.Marshal(manifest), blob) {
			t.Error("two encodings of one manifest")
		}
	})
}

func TestHandover(t *testing.T) {
	key, err := NewHandoverKey()
	if err != nil {
		t.Fatal(err)
	}
	request := wire.HandoverRequest{Worker: [32]byte{1}, Evidence: wire.Evidence{Bytes: []byte{2}}, Key: key.Public()}
	want := wire.HandoverSecrets{Epoch: 7, Seed: [32]byte{8}, State: [32]byte{9}}
	answer, err := SealHandover(testInstance, &request, &want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.Open(testInstance, &request, answer); err != nil || got != want {
		t.Fatalf("it came back otherwise: %v", err)
	}
	for at := 0; at < len(answer); at += 31 {
		bad := bytes.Clone(answer)
		bad[at] ^= 1
		if _, err := key.Open(testInstance, &request, bad); !errors.Is(err, ErrHandover) {
			t.Errorf("byte %d altered: %v", at, err)
		}
	}
	other := request
	other.Worker[0]++
	if _, err := key.Open(testInstance, &other, answer); !errors.Is(err, ErrHandover) {
		t.Errorf("an answer to another request: %v", err)
	}
	if _, err := key.Open(wire.Instance{}, &request, answer); !errors.Is(err, ErrHandover) {
		t.Errorf("an answer on another network: %v", err)
	}
	if _, err := key.Open(testInstance, &request, answer[:100]); !errors.Is(err, ErrHandover) {
		t.Errorf("a short answer: %v", err)
	}
	thief, err := NewHandoverKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := thief.Open(testInstance, &request, answer); !errors.Is(err, ErrHandover) {
		t.Errorf("another key: %v", err)
	}
}

func FuzzHandoverRequest(f *testing.F) {
	f.Add(wire.HandoverRequestCodec.Marshal(wire.HandoverRequest{Evidence: wire.Evidence{Bytes: []byte{1}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		request, err := wire.HandoverRequestCodec.Unmarshal(b)
		if err == nil && !bytes.Equal(wire.HandoverRequestCodec.Marshal(request), b) {
			t.Error("two encodings of one request")
		}
	})
}
