// Package soak lets a node and a worker, processes of their own, work under a steady load of orders, amendments, cancels, fills,
// deposits and withdrawals from many sessions, and looks at what they take: memory must stay flat once they have warmed up, and
// the disk must grow by no more than a stated amount a command.
//
// The ordinary test is a short sample that shows that everything is measured. `make soak` goes on for longer and judges; it reads
//
//	BITCLOAK_SOAK       how long, such as 30m
//	BITCLOAK_SOAK_RATE  commands a second, of all sessions together
package soak
