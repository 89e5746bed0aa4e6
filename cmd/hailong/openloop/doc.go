// Package openloop puts a running server under load and measures it honestly: arrivals come by the clock, whatever the
// server answers (an open loop), and a latency begins when the request was due, so that a server that stalls is seen
// by everybody who would have come meanwhile. What the generator itself could not send in time is counted, and so is
// its own share of the processor, so that one sees when it was the bottleneck.
//
// Run.Do is the entry point; a Scenario says who comes and what each does. The package knows the server by HTTP only.
package openloop
