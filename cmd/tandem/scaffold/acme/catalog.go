package acme

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	contacts = "contacts"
	pageSize = 100
)

func catalog() schema.Catalog { return defaults().catalog() }

// Describe costs no call: Acme has the same fields for everyone. If yours lets
// customers add fields, ask it for them here and keep the answer some minutes.
func (c *Connector) Describe(context.Context) (schema.Catalog, error) { return c.cfg.catalog(), nil }

func (c Config) catalog() schema.Catalog {
	return schema.Catalog{System: "acme", Objects: []schema.Object{{
		Name: contacts, Label: "Contacts", As: record.Person, Keys: []string{"email"}, Lag: c.Overlap, MaxDowntime: 30 * 24 * time.Hour,
		Fields: []schema.Field{
			{Name: "email", Label: "E-mail", Kind: record.Email, Unique: true},
			{Name: "first_name", Label: "First name", Kind: record.String, MaxLen: 100},
			{Name: "last_name", Label: "Last name", Kind: record.String, MaxLen: 100},
			{Name: "phone", Label: "Phone", Kind: record.String},
			{Name: "city", Label: "City", Kind: record.String},
			{Name: "created_at", Label: "Created", Kind: record.Instant, ReadOnly: true},
		},
		Caps: schema.Capabilities{
			Changes: true, Gone: true, Read: true, Lookup: true, Create: true, Update: true, Archive: true, Echo: true,
			BatchRead: pageSize, BatchWrite: 1, PageSize: pageSize,
		},
	}}}
}
