package view

// ReceiptState is what a citizen is told of a form, and all that is told.
type ReceiptState string

// The states.
const (
	ReceiptUnknown   ReceiptState = "unknown"   // no form has this code, or the code is none
	ReceiptReceived  ReceiptState = "received"  // kept, in no published figure yet
	ReceiptCounted   ReceiptState = "counted"   // the figures of its day are published
	ReceiptAside     ReceiptState = "aside"     // kept, and not in the score
	ReceiptWithdrawn ReceiptState = "withdrawn" // taken back; its answers are gone
)

// ReceiptStates lists them all.
func ReceiptStates() []ReceiptState {
	return []ReceiptState{ReceiptUnknown, ReceiptReceived, ReceiptCounted, ReceiptAside, ReceiptWithdrawn}
}

// ReceiptPage says what became of a form. That of an unknown receipt holds nothing that was typed, so that all of
// them are alike.
type ReceiptPage struct {
	Frame
	State ReceiptState
	// Receipt has twelve characters without separators; "" when unknown.
	Receipt string
	// Withdraw is the address of the confirmation, "" where the form cannot be withdrawn.
	Withdraw string
	// Published says why not: the figures of its day are out. It may hold of one set aside too.
	Published bool
	// RetentionMonths is how long single forms are kept, 0 for ever.
	RetentionMonths int
}

func (ReceiptPage) template() string { return "citizen/receipt" }

// Groups cuts the receipt into groups of four.
func (p ReceiptPage) Groups() []string { return fours(p.Receipt) }

// Heading is the state in a few words.
func (p ReceiptPage) Heading() Message { return Msg("citizen.receipt_title." + string(p.State)) }

// Body is the state in a sentence.
func (p ReceiptPage) Body() Message { return Msg("citizen.receipt_body." + string(p.State)) }

// WithdrawPage asks once more before a form is withdrawn. Its form is a POST with the field "confirm".
type WithdrawPage struct {
	Frame
	Receipt string
	Action  string
	// Confirm is what the form carries, so that no other page can send it.
	Confirm string
	// Back leads to the receipt.
	Back string
}

func (WithdrawPage) template() string { return "citizen/withdraw" }

// Groups cuts the receipt into groups of four.
func (p WithdrawPage) Groups() []string { return fours(p.Receipt) }
