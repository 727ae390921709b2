package simulated

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
)

// MaxWorkers bounds the development platforms: one for each worker.
const MaxWorkers = 16

// Constants of development, BLAKE2b-256 of the texts beside them. They are
// written out because this package uses the standard library alone, which has
// no BLAKE2b; a test derives them again.
const (
	vendorSeedHex  = "491d59dd904b04b93055c38085167c05d57dd966e6bc25ffe1e3aeee4420d499" // "bitcloak/simulated-vendor/v1"
	measurementHex = "3c30e035c0d2716f6cbdedb9e37e4df8ddc0fe8284895513c17d866f443f12b2" // "bitcloak/development-measurement/v1"
)

// platformHex[i] is blake2_256("bitcloak/development-platform/v1" || u32 i).
var platformHex = [MaxWorkers]string{
	"3a447cb341f37c5307ab28dc14939a3c1f72e34b195849787226a2b5a932ffc5",
	"b133a81f18bd79441ce675df0858de972432884150c33a318d7f0ec95837c583",
	"5268a6390962070451a964eab30da251aa5c24667a65ee134e199176c90166e0",
	"333a3aa3c3e89bd5160489929579a0fbea5036777f3fe46c02c6d93ee18eba28",
	"24f339be2fac411870ac4083edf709cd949290eb322d5275004661a52ac648ed",
	"327e630f0ea9a8a8158e5381b4c940d272785da8fe52bb731c55de833477a608",
	"62e55e4d5c9761c2e9e50ea87e6471c20bcb067ad6403eddb644d0bd8a4cdbe0",
	"41f1170ef32b87ee80bd90571f9b37ebf9764be653fb314cee98c43a2cd352b4",
	"a50e0bedf3276f5147d7f91da20bc9080a17d5a2352eca082a096240bbe3480c",
	"9a0e42718b977d281027f1e4d29546607480bab485b0ae7118727ae397f7c699",
	"24cc5907b838e955cef3114dec7fa82002448b42c8621e4b6ee053273e7da1f1",
	"347435c9a375371a5421543f8b842cca18ad7d483cd5de4767fa468a06183449",
	"ab20fe0450e4b0c34054260bcea9dba2df942b763dc7ea703932fb6f2c9dd165",
	"5a708a0138b5b7e6defe686e1511ead676e25993ea3cbf086ce2a74e570395c5",
	"b4e5c2b1857186acf1479911bebbcf3236aafcca1f626d1fb37f746854116bd8",
	"a5de491544ddae91176100728adb56737d542df138271e53b5ec0b425d962821",
}

// DevelopmentMeasurement is the measurement of every simulated worker.
var DevelopmentMeasurement = constant(measurementHex)

// vendorKey signs quotes; its secret is no secret.
var vendorKey = func() ed25519.PrivateKey {
	seed := constant(vendorSeedHex)
	return ed25519.NewKeyFromSeed(seed[:])
}()

// VendorPublicKey verifies quotes.
func VendorPublicKey() ed25519.PublicKey { return vendorKey.Public().(ed25519.PublicKey) }

// DevelopmentPlatform is the platform of one simulated worker.
func DevelopmentPlatform(worker uint32) ([32]byte, error) {
	if worker >= MaxWorkers {
		return [32]byte{}, fmt.Errorf("simulated: there is no development platform %d; number workers from 0 to %d", worker, MaxWorkers-1)
	}
	return constant(platformHex[worker]), nil
}

// constant decodes one of this file's constants; its test would fail on a wrong one.
func constant(text string) (value [32]byte) {
	if n, err := hex.Decode(value[:], []byte(text)); err != nil || n != len(value) {
		panic("simulated: constant " + text + " is not 32 bytes of hex")
	}
	return value
}
