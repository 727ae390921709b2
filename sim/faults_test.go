package sim

import (
	"strings"
	"testing"
)

// TestPlantedFaultsAreNoticed: the auditor finds what is wrong in worlds where something is.
func TestPlantedFaultsAreNoticed(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		want  string
	}{
		{"payout that nobody asked for", PaidTwice, "was paid 1000000 of asset 1"},
		{"entry hidden", HiddenEntry, "I4: "},
		{"entry repeated", RepeatedEntry, "I4: "},
		{"fill altered", AlteredFill, "I6: "},
		{"balance altered", AlteredBalance, "I5: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			const seed = 2 // a quiet world
			_, err := run(t, Options{Seed: seed, Fault: test.fault})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the world ends with %v, wanted %q", err, test.want)
			}
		})
	}
}
