//go:build nextruntime

package runtime

// specVersion of the rehearsal: what this source builds, with the next number, a constant
// and a migration more (runtime/system/rehearsal.go), so that an upgrade can be tried
// with two programs that differ. It is never released.
const specVersion = 2
