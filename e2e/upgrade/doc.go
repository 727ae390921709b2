// Package upgrade replaces the program of a running network by one with the next version of the runtime, as operators
// do: governance schedules it, the old binary stops, the new one goes on from the same data folder.
package upgrade
