package connectors

// Biller is a connector of whose records a vendor bills some, by a field in
// them. It is pure. Plans count the writes that would make a record billable,
// and a breaker watches over them.
type Biller interface {
	// Billed returns the boolean field whose true makes a record of the object
	// billable, and what the vendor calls such records; "" and "" for none.
	Billed(object string) (field, what string)
}
