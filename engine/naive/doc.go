// Package naive is the order book that reads like spec/engine.md: open orders in plain lists, the best one found by
// looking at all of them. It is slow and made to be checked by eye; tests hold the fast Engine against it.
package naive
