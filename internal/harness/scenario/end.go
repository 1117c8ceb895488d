// Package scenario tells one story between a marketing platform and a CRM and
// checks its end: people are born here and there, edited on both sides,
// deleted, opted out, sold to; the real program runs between the two; then
// both are read through their own APIs by code that shares nothing with the
// connectors, and must agree.
//
// The story is written once. It runs over every pair of Ends, whether a twin
// or a real server stands behind them.
package scenario

import "context"

// Person is what the story knows of a person, as an end shows it.
type Person struct {
	ID       string
	Email    string
	Name     string // given name, a space, family name
	City     string
	Status   Status
	OptedOut bool
}

// Status is how far a person is in the sale. It belongs to sales.
type Status string

// The statuses, in their order; a lost one is an end like a won one.
const (
	None        Status = ""
	Lead        Status = "lead"
	Opportunity Status = "opportunity"
	Won         Status = "won"
	Lost        Status = "lost"
)

// Field names what Edit changes.
type Field string

// The fields that the story edits. OptOut takes any value: it is what a person
// does by the link in a mail, or a clerk by a tick, and is not taken back.
const (
	Name   Field = "name"
	City   Field = "city"
	OptOut Field = "opt_out"
)

// End is one system of the story, reached by its own API, never through a
// connector. Every method may be called at any time and again.
type End interface {
	// Config is the connector's file for this end and the environment that its
	// ${env:...} need. It maps email, first_name, last_name, city, lead_status
	// (in and out as far as the end's role has it) and email_opt_out, with
	// create: true, and adds what the end has beside.
	Config() (yaml string, env map[string]string)
	// People returns all people whose address ends in domain, opted out or
	// not, each record by itself: two records with one address are two.
	People(ctx context.Context, domain string) ([]Person, error)
	// Create makes a person and returns the id there. Status is not set.
	Create(ctx context.Context, p Person) (id string, err error)
	// Edit changes one field as a user of the system would.
	Edit(ctx context.Context, id string, field Field, value string) error
	// Delete removes the person for good, and what hangs on it.
	Delete(ctx context.Context, id string) error
}

// Seller is an end where people are sold to.
type Seller interface {
	End
	// Advance brings the person's sale to a status by the steps and buttons
	// that the system itself has for it: Lead, Opportunity, Won or Lost.
	Advance(ctx context.Context, id string, to Status) error
}

// Mailer is an end that sends campaigns.
type Mailer interface {
	End
	// Campaign sends a mail with a link to these people and lets each of them
	// click it.
	Campaign(ctx context.Context, name string, ids []string) error
}

// Storyteller is an end where a salesperson reads what marketing knows.
type Storyteller interface {
	// Story returns the lines that stand on the person's record there.
	Story(ctx context.Context, id string) ([]string, error)
}
