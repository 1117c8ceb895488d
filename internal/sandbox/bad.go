package sandbox

// Bad is a row of an export that was left out. It holds no value of the row.
type Bad struct {
	File   string `json:"file"`
	Row    int    `json:"row"` // line of the file's table, the header being 1
	Column string `json:"column"`
	Reason string `json:"reason"`
}
