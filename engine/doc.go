// Package engine is the matching core: order books of many markets as one pure state machine.
//
// A command changes the state and appends events; nothing else goes in or comes out. There is no clock (block time
// arrives as a command), no I/O, no floating point, no goroutine and no map, so the same commands give the same state,
// the same events and the same state hash on every worker (I5).
//
// Orders match by price, then time, at the resting order's price (I6). The rules, their order of checks and worked
// examples that are executed as tests are in spec/engine.md. Nothing here shows depth: a book can be asked about one
// order or about the orders of one owner, never about a price.
//
// Two implementations stand behind the interface Book. Engine, in this package, is the fast one that the contract runs:
//
//   - orders live in an arena of 32-byte records addressed by index, so the garbage collector scans none of them, and
//     nothing is allocated once the book has grown to its size;
//   - the orders of a price level form a queue, and those of an owner a list, linked by index;
//   - the levels of one side hang in a ladder, a 16-way path-compressed radix tree of bitmaps over the price, with the
//     best level at hand: no search passes more than sixteen nodes, whatever prices are chosen;
//   - an order is found by its id in a ring, directly, as long as ids are counted up; a hash table takes what overflows.
//
// Package engine/naive is the other: it reads like the specification and is slow. Tests drive both with the same
// commands and compare events and state hash after every one.
package engine
