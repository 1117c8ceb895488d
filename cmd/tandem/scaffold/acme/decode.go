package acme

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// answer is a page of contacts.
type answer struct {
	Contacts []row `json:"contacts"`
	More     bool  `json:"more"`
}

// last is the id that the next page goes on after; "" if there is none.
func (a answer) last() string {
	if !a.More || len(a.Contacts) == 0 {
		return ""
	}
	return a.Contacts[len(a.Contacts)-1].ID
}

// row is a contact as Acme sends it. A pointer tells an empty field, which is
// null, from one that was not sent.
type row struct {
	ID        string    `json:"id"`
	Email     *string   `json:"email"`
	FirstName *string   `json:"first_name"`
	LastName  *string   `json:"last_name"`
	Phone     *string   `json:"phone"`
	City      *string   `json:"city"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// record decodes the fields asked for.
func (r row) record(fields []string) (connectors.Record, []connectors.Issue) {
	var issues []connectors.Issue
	rec := connectors.Record{
		Object: contacts, ID: r.ID, Version: r.UpdatedAt.UTC().Format(time.RFC3339Nano),
		Modified: r.UpdatedAt.UTC(), Created: r.CreatedAt.UTC(), Fields: record.Fields{},
	}
	object, _ := catalog().Object(contacts)
	for _, name := range fields {
		f, known := object.Field(name)
		if !known {
			continue // absent
		}
		v, err := r.value(name, f.Kind)
		if err != nil {
			issues = append(issues, connectors.Issue{Object: contacts, Ref: r.ID, Field: name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: contacts, Op: "read contacts", Field: name, Err: err,
			}})
			continue
		}
		rec.Fields[name] = v
	}
	return rec, issues
}

func (r row) value(name string, kind record.Kind) (record.Value, error) {
	if name == "created_at" {
		return record.OfInstant(r.CreatedAt), nil
	}
	text := map[string]*string{"email": r.Email, "first_name": r.FirstName, "last_name": r.LastName, "phone": r.Phone, "city": r.City}[name]
	if text == nil || *text == "" {
		return record.NullOf(kind), nil
	}
	if kind == record.Email {
		return record.Of(kind, *text), nil // as it is: it was not checked over there
	}
	return record.Parse(kind, *text)
}
