package hubspot

import (
	"net/http"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

// DecodeRows decodes a list, search or batch answer as the connector does.
func DecodeRows(body []byte) (Rows, error) {
	var p page
	if err := httpapi.Decode(body, &p); err != nil {
		return Rows{}, err
	}
	var b batchAnswer
	err := httpapi.Decode(body, &b)
	return Rows{len(p.Results), len(b.Errors), p.Paging.after()}, err
}

// Rows counts what an answer holds.
type Rows struct {
	Results, Errors int
	After           string
}

// DecodeRecords decodes an answer's rows into records of a standard object.
func DecodeRecords(object string, body []byte) (records, issues int, err error) {
	var p page
	if err := httpapi.Decode(body, &p); err != nil {
		return 0, 0, err
	}
	o, _ := standardCatalog().Object(object)
	d := newDecoder(o, asked{fields: o.FieldNames()})
	for i := range p.Results {
		d.record(&p.Results[i])
	}
	return len(p.Results), len(d.issues), nil
}

// DecodeProperties decodes the definitions of properties into fields.
func DecodeProperties(body []byte) ([]schema.Field, error) {
	var answer struct {
		Results []property `json:"results"`
	}
	err := httpapi.Decode(body, &answer)
	fields := make([]schema.Field, 0, len(answer.Results))
	for _, p := range answer.Results {
		fields = append(fields, p.field("contacts"))
	}
	return fields, err
}

// Classify classifies an answer.
func Classify(status int, header http.Header, body []byte) *fault.Error {
	return (&Connector{}).classify(status, header, body)
}

// RowFaults classifies the errors of a 207.
func RowFaults(body []byte) ([]*fault.Error, error) {
	var b batchAnswer
	err := httpapi.Decode(body, &b)
	var faults []*fault.Error
	for i := range b.Errors {
		faults = append(faults, (&Connector{}).rowFault("contacts", &b.Errors[i]))
	}
	return faults, err
}

// ReadCursor reads a cursor and writes it again.
func ReadCursor(s string) (string, error) {
	c, err := readCursor(connectors.Cursor(s))
	return string(c.encode()), err
}

// Path spells a path under a version.
func Path(version, what string) string {
	p := paths(version)
	switch what {
	case "search":
		return p.object("contacts", "/search")
	case "links":
		return p.links("deals", "contacts", "/batch/read")
	case "campaigns":
		return p.marketing("campaigns", "")
	case "events":
		return p.events("")
	case "account":
		return p.account()
	case "consent":
		return p.consent("/definitions")
	}
	return p.token()
}
