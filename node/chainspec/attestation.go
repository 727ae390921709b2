package chainspec

// checkAttestation refuses simulated attestation where there is something to lose.
func (s *Spec) checkAttestation() error {
	if len(s.Genesis.Confidential.SimulatedVendor) != 0 && !s.IsDevelopment() {
		return ErrSimulated
	}
	return nil
}
