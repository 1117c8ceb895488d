package hubspot

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// text is a property value: HubSpot sends strings and null, older parts of it
// numbers and booleans too.
type text struct {
	set bool
	s   string
}

// UnmarshalJSON takes any scalar; null stays unset.
func (t *text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || string(b) == "null" {
		*t = text{}
		return nil
	}
	if b[0] != '"' {
		*t = text{true, string(b)}
		return nil
	}
	t.set = true
	return json.Unmarshal(b, &t.s)
}

// row is one record as every CRM endpoint sends it.
type row struct {
	ID         string               `json:"id"`
	Properties map[string]text      `json:"properties"`
	History    map[string][]version `json:"propertiesWithHistory"`
	Created    string               `json:"createdAt"`
	Updated    string               `json:"updatedAt"`
	Archived   bool                 `json:"archived"`
	ArchivedAt string               `json:"archivedAt"`
	Trace      string               `json:"objectWriteTraceId"`
	Linked     map[string]linked    `json:"associations"`

	former string // the id asked for, where it is another by now

	links map[string]string // the main linked record by object, once chosen
	all   map[string][]link // every linked record by object
}

func (r *row) value(name string) string { return r.Properties[name].s }

// version is one past value of a property, newest first in its list.
type version struct {
	Value      text   `json:"value"`
	At         string `json:"timestamp"`
	SourceType string `json:"sourceType"`
	SourceID   string `json:"sourceId"`
	UserID     text   `json:"updatedByUserId"`
}

type linked struct {
	Results []struct {
		ID   text   `json:"id"`
		Type string `json:"type"`
	} `json:"results"`
}

type paging struct {
	Next struct {
		After text `json:"after"`
	} `json:"next"`
}

func (p *paging) after() string {
	if p == nil {
		return ""
	}
	return p.Next.After.s
}

// page is a list or search answer.
type page struct {
	Total   int64   `json:"total"`
	Results []row   `json:"results"`
	Paging  *paging `json:"paging"`
}

// batchAnswer is what batch endpoints send, also as a 207.
type batchAnswer struct {
	Results []row      `json:"results"`
	Errors  []rowError `json:"errors"`
}

// problem is HubSpot's error body; every field may be missing.
type problem struct {
	Status      string              `json:"status"`
	Message     string              `json:"message"`
	Category    string              `json:"category"`
	SubCategory text                `json:"subCategory"`
	ErrorType   string              `json:"errorType"`
	PolicyName  string              `json:"policyName"`
	Correlation string              `json:"correlationId"`
	Context     map[string]contexts `json:"context"`
	Errors      []detail            `json:"errors"`
	// OAuth's own words.
	OAuth string `json:"error"`
}

type detail struct {
	Code    string              `json:"code"`
	Context map[string]contexts `json:"context"`
}

// rowError is one entry of a 207's errors.
type rowError = problem

// contexts is a list of texts that may come as one.
type contexts []string

// UnmarshalJSON takes a text, a number or a list of them.
func (c *contexts) UnmarshalJSON(b []byte) error {
	var many []text
	if json.Unmarshal(b, &many) == nil {
		for _, t := range many {
			*c = append(*c, t.s)
		}
		return nil
	}
	var one text
	if err := one.UnmarshalJSON(b); err != nil {
		return err
	}
	*c = contexts{one.s}
	return nil
}

func (p *problem) context(name string) string {
	if list := p.Context[name]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// instant reads ISO 8601 or milliseconds since 1970.
func instant(s string) (time.Time, bool) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func millis(s string) int64 {
	t, ok := instant(s)
	if !ok {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
