package view

// Reliability grades how far the forms of a facility and period came as they usually come there. Its words accuse nobody.
type Reliability struct {
	Grade   string   // A to D, "" none
	Signals []string // late, bunched, hasty or drift
}

// Low says that the score should not be taken alone.
func (r Reliability) Low() bool { return r.Grade == "C" || r.Grade == "D" }
