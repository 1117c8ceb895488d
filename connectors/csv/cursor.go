package csv

import (
	"encoding/json"

	"github.com/tandem-sync/tandem/connectors"
)

// cursor is where a read goes on: what was read of which files, and the
// place in the file being read.
type cursor struct {
	V    int               `json:"v"`
	Have map[string]string `json:"have,omitempty"` // digests of the files read to their end
	Name string            `json:"name,omitempty"` // the file being read
	Of   string            `json:"of,omitempty"`   // its digest
	At   int64             `json:"at,omitempty"`   // the offset of the next row
	Line int               `json:"line,omitempty"`
	Anew int               `json:"anew,omitempty"` // how often it changed while it was read
}

const cursorVersion = 1

func parseCursor(c connectors.Cursor) (cursor, bool) {
	out := cursor{V: cursorVersion}
	if c != "" && (json.Unmarshal([]byte(c), &out) != nil || out.V != cursorVersion) {
		return cursor{}, false
	}
	if out.Have == nil {
		out.Have = map[string]string{}
	}
	return out, true
}

func (c cursor) text() connectors.Cursor {
	raw, err := json.Marshal(c)
	if err != nil {
		return "" // texts and numbers always encode
	}
	return connectors.Cursor(raw)
}
