package surveys

import "time"

// Inspection is what can be told of a store without changing it.
type Inspection struct {
	Schema, Known int       // Schema 0: nothing is there yet; Known is what this program writes
	Damage        []string  // what a check of the file found
	Topology      string    // of a database server: standalone, replica set NAME, sharded
	Clock         time.Time // the database server's own; zero where there is none
	Missing       []string  // indexes that this program would make
}
