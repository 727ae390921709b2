//go:build !nextruntime

package runtime

// specVersion is this runtime's. The build tag nextruntime makes the one after it.
const specVersion = 1
