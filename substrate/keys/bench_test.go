package keys

import (
	"encoding/binary"
	"testing"
)

func benchItems(b *testing.B, kind Kind, count int) []Signed {
	items := make([]Signed, count)
	for i := range items {
		pair := mustPair(b, kind, DevPhrase+"//"+string(rune('a'+i%26)))
		message := binary.LittleEndian.AppendUint64(make([]byte, 92), uint64(i))
		items[i] = Signed{Kind: kind, Public: pair.Public(), Message: message, Signature: pair.Sign(message)}
	}
	return items
}

// perSignature reports the time of one signature of a run over many.
func perSignature(b *testing.B, count int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/signature")
}

func BenchmarkSignSr25519(b *testing.B) {
	pair := mustPair(b, Sr25519, "//Alice")
	message := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		pair.Sign(message)
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, kind := range []Kind{Sr25519, Ed25519} {
		b.Run(kind.String(), func(b *testing.B) {
			item := benchItems(b, kind, 1)[0]
			for b.Loop() {
				if !Verify(kind, item.Public, item.Message, item.Signature) {
					b.Fatal("a valid signature was refused")
				}
			}
		})
	}
}

func BenchmarkVerifyBatch1024(b *testing.B) {
	for _, kind := range []Kind{Sr25519, Ed25519} {
		b.Run(kind.String(), func(b *testing.B) {
			items := benchItems(b, kind, 1024)
			b.ReportAllocs()
			for b.Loop() {
				VerifyBatch(items)
			}
			perSignature(b, len(items))
		})
	}
}

// One bad signature in each part of the batch: what an attacker would send.
func BenchmarkVerifyBatch1024Poisoned(b *testing.B) {
	items := benchItems(b, Sr25519, 1024)
	for i := 0; i < len(items); i += batchSize {
		items[i].Signature[0] ^= 1
		items[i].Signature = items[i+1].Signature
	}
	for b.Loop() {
		VerifyBatch(items)
	}
	perSignature(b, len(items))
}
