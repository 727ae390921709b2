// Package api serves a relay's HTTP interface (spec/relay.md): envelopes in, tickets out, and the public status.
//
// It stands between the relay and the world: every body, connection, rate and wait has a limit, and refusals have one shape. It
// keeps no address longer than its rate needs it, and logs none: who sent an envelope is what a relay is there to forget.
package api
