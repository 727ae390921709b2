// Package api serves a worker's HTTP interface (spec/worker-api.md): sealed
// queries, the sealed stream, and the public status.
//
// It sees only sealed bytes, so it holds no secret. Its task is to stand between
// the worker and the world: every body, connection, rate and wait has a limit,
// refusals have one shape, and a client that reads too slowly is dropped.
package api
