package salesforce

import (
	"bytes"
	"encoding/json"
	"regexp"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Modes of a cursor: what kind of pass it stands in.
const (
	modeFull  = "full"  // every record, by Id
	modeDelta = "delta" // what changed, by (stamp, Id)
	modeBulk  = "bulk"  // every record, out of a bulk query job
	modeGone  = "gone"  // what disappeared, by (stamp, Id)
)

// position is what a cursor holds. Times are Salesforce's, never ours.
type position struct {
	Mode string `json:"m"`
	// From is where the pass began; the next begins at Until less the lag.
	From  time.Time `json:"f,omitzero"`
	Until time.Time `json:"u,omitzero"`
	// At and ID are the last row delivered: the keyset a pass restarts from.
	At time.Time `json:"t,omitzero"`
	ID string    `json:"i,omitempty"`
	// Locator is Salesforce's own name of the next page, which may expire.
	Locator string `json:"l,omitempty"`
	Job     string `json:"j,omitempty"`
	Skip    int    `json:"s,omitempty"` // rows of a bulk page already delivered
	Polls   int    `json:"p,omitempty"`
}

var locatorForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

func (p position) cursor() connectors.Cursor {
	b, err := json.Marshal(p)
	if err != nil { // times out of range are the only way
		return ""
	}
	return connectors.Cursor(b)
}

// parseCursor refuses what this package did not write: a cursor comes from a
// store that may be damaged or newer than this program.
func parseCursor(c connectors.Cursor) (position, error) {
	var p position
	d := json.NewDecoder(bytes.NewReader([]byte(c)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || d.More() {
		return position{}, badCursor("it is not one of ours")
	}
	switch p.Mode {
	case modeFull, modeDelta, modeBulk, modeGone:
	default:
		return position{}, badCursor("its kind is not known")
	}
	if p.ID != "" && !isID(p.ID) || p.Job != "" && !isID(p.Job) || p.Skip < 0 || p.Polls < 0 {
		return position{}, badCursor("it is damaged")
	}
	if p.Locator != "" && !locatorForm.MatchString(p.Locator) || p.Mode == modeBulk && p.Job == "" {
		return position{}, badCursor("it is damaged")
	}
	if p.Mode == modeDelta && p.From.IsZero() {
		return position{}, badCursor("it does not say since when")
	}
	return p, nil
}

func badCursor(why string) error {
	f := fault.New(fault.Expired, fault.ScopeObject, "the cursor cannot be used: %s", why)
	f.Next = "the object is read again from its last good cursor, or as a whole"
	return f
}

// span is a range of ids (Low, High] made by Split, with Salesforce's time then.
type span struct {
	Until time.Time `json:"u,omitzero"`
	Low   string    `json:"a,omitempty"`
	High  string    `json:"b,omitempty"`
	Bulk  bool      `json:"k,omitempty"`
}

func parseSpan(text string) (span, error) {
	var s span
	if text == "" {
		return s, nil
	}
	err := json.Unmarshal([]byte(text), &s)
	if err != nil || s.Low != "" && !isID(s.Low) || s.High != "" && !isID(s.High) {
		return span{}, badCursor("its range is damaged")
	}
	return s, nil
}

func (s span) String() string {
	b, err := json.Marshal(s)
	if err != nil { // times out of range are the only way
		return ""
	}
	return string(b)
}

func (s span) where() []string {
	var where []string
	if s.Low != "" {
		where = append(where, "Id > "+quote(s.Low))
	}
	if s.High != "" {
		where = append(where, "Id <= "+quote(s.High))
	}
	return where
}
