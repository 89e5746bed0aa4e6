package surveys

// Migration is the way of a store from the schema it has to the one that this program writes.
type Migration struct {
	From  int // 0: there is no store yet
	To    int
	Steps []SchemaStep // none: there is nothing to do
	// Copy says in words which copy is made before, or why none is.
	Copy string
}

// SchemaStep is one change of a store's schema.
type SchemaStep struct {
	Number int
	Name   string
	About  string // one line
}
