package salesforcesim

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Fields are a record's values by name: strings, numbers, booleans or nil.
type Fields map[string]any

// Record is a copy of one row, with canonical texts.
type Record struct {
	ID      string
	Deleted bool
	Fields  map[string]string
}

// person is a writer for someone in the organisation; "" is a sales person.
func (t *Twin) person(user string) *writer {
	if user == "" {
		user = t.users.Admin
		if len(t.users.People) > 0 {
			user = t.users.People[0]
		}
	}
	return &writer{user: user, noAssign: true, faults: t.Faults}
}

func (t *Twin) writable(object, id string) (*object, *row, error) {
	o := t.objects[strings.ToLower(object)]
	if o == nil {
		return nil, nil, fmt.Errorf("the twin has no object %q", object)
	}
	if id == "" {
		return o, nil, nil
	}
	r := o.find(id)
	if r == nil {
		return nil, nil, fmt.Errorf("the twin has no %s %s", o.name, id)
	}
	return o, r, nil
}

func joined(errs []*rowError) error {
	var out []error
	for _, e := range errs {
		if e != nil {
			out = append(out, fmt.Errorf("%s %v", e.code, e.fields))
		}
	}
	return errors.Join(out...)
}

// Create saves a record as a user ("" is a sales person) and returns its id.
func (t *Twin) Create(object string, fields Fields, user string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, _, err := t.writable(object, "")
	if err != nil {
		return "", err
	}
	changes, errs := t.changesOf(o, plain(fields))
	if errs != nil {
		return "", joined(errs)
	}
	id, errs := t.create(t.person(user), o, changes)
	return id, joined(errs)
}

// Edit changes a record as a user ("" is a sales person).
func (t *Twin) Edit(object, id string, fields Fields, user string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, r, err := t.writable(object, id)
	if err != nil {
		return err
	}
	changes, errs := t.changesOf(o, plain(fields))
	if errs != nil {
		return joined(errs)
	}
	return joined(t.update(t.person(user), o, r, changes))
}

// Delete puts a record into the recycle bin.
func (t *Twin) Delete(object, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, r, err := t.writable(object, id)
	if err != nil {
		return err
	}
	return joined([]*rowError{t.remove(t.person(""), o, r)})
}

// Undelete takes a record out of the recycle bin.
func (t *Twin) Undelete(object, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, r, err := t.writable(object, id)
	if err != nil {
		return err
	}
	return joined([]*rowError{t.undelete(t.person(""), o, r)})
}

// Merge merges one or two records into a master.
func (t *Twin) Merge(object, master string, losers ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, m, err := t.writable(object, master)
	if err != nil {
		return err
	}
	var rows []*row
	for _, id := range losers {
		_, r, err := t.writable(object, id)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	return joined([]*rowError{t.mergeRows(t.person(""), o, m, rows)})
}

// ConvertLead turns a lead into a contact of an account (a new one when
// account is empty), and into a deal when deal is a name.
func (t *Twin) ConvertLead(lead, account, deal string) (Converted, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, r, err := t.writable("Lead", lead)
	if err != nil {
		return Converted{}, err
	}
	out, refused := t.convert(t.person(""), r, account, deal)
	return out, joined([]*rowError{refused})
}

// Get returns a copy of a record, deleted ones included.
func (t *Twin) Get(object, id string) (Record, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	o, r, err := t.writable(object, id)
	if err != nil || r == nil {
		return Record{}, false
	}
	return copyOf(o, r), true
}

// Each calls do with a copy of every record of an object in Id order, deleted
// ones included, until do returns false. Do must not call the twin.
func (t *Twin) Each(object string, do func(Record) bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	o := t.objects[strings.ToLower(object)]
	if o == nil {
		return
	}
	for _, r := range o.rows {
		if r != nil && !do(copyOf(o, r)) {
			return
		}
	}
}

// Len returns how many live records an object has.
func (t *Twin) Len(object string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if o := t.objects[strings.ToLower(object)]; o != nil {
		return o.live
	}
	return 0
}

// Counts returns what was asked of the twin so far.
func (t *Twin) Counts() simkit.Counts { return t.Calls.Counts() }

func copyOf(o *object, r *row) Record {
	out := Record{ID: o.id(r), Deleted: r.deleted, Fields: map[string]string{}}
	for i, f := range o.fields {
		if s, ok := o.value(r, i); ok {
			out.Fields[f.name] = s
		}
	}
	return out
}
