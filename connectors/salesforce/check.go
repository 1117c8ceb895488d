package salesforce

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Check names the organisation that the credentials open.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	rows, err := c.api.all(ctx, plainQuery, selection{
		object: "Organization", fields: []string{fieldID, "Name", "IsSandbox", "TimeZoneSidKey"}, limit: 1,
	})
	if err != nil {
		return connectors.Account{}, err
	}
	if len(rows) == 0 || !isID(value(rows[0], fieldID)) {
		return connectors.Account{}, malformed("the organisation has no id")
	}
	account := connectors.Account{
		ID: longID(value(rows[0], fieldID)), Name: value(rows[0], "Name"), Zone: value(rows[0], "TimeZoneSidKey"),
		Currency: c.cfg.Currency, Sandbox: value(rows[0], "IsSandbox") == "true",
	}
	org, user := c.api.who.get()
	if user == "" {
		org, user, err = c.userinfo(ctx)
		if err != nil {
			return connectors.Account{}, err
		}
	}
	if org != "" && org != account.ID {
		f := fault.New(fault.Forbidden, fault.ScopeSystem, "the token belongs to another organisation than the one that answers")
		f.Next = "check base_url and the credentials in the connector's file"
		return connectors.Account{}, f
	}
	account.Actor = user
	return account, nil
}

func (c *Connector) userinfo(ctx context.Context) (org, user string, err error) {
	var info struct {
		User string `json:"user_id"`
		Org  string `json:"organization_id"`
	}
	_, err = c.client.Do(ctx, httpapi.Request{Method: http.MethodGet, Path: "/services/oauth2/userinfo", Into: &info, Op: "read own user"})
	if err != nil {
		return "", "", err
	}
	c.api.who.learn(longID(info.Org) + "/" + longID(info.User))
	return longID(info.Org), longID(info.User), nil
}

// usersFresh is how long the kinds of users are believed.
const usersFresh = time.Hour

// describers is how many objects are described side by side.
const describers = 4

// Describe returns the objects the credentials may see, and what is missing.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	visible, err := c.meta.list(ctx)
	if err != nil {
		return schema.Catalog{}, err
	}
	catalog := schema.Catalog{System: "salesforce"}
	all := objects()
	found := make([]*sobject, len(all))
	faults := make([]error, len(all))
	var wg sync.WaitGroup
	slots := make(chan struct{}, describers)
	for i, o := range all {
		if !visible[o.name] {
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i], faults[i] = c.meta.describe(ctx, o.name, freshFor)
		})
	}
	wg.Wait()
	for i, o := range all {
		switch {
		case faults[i] != nil && !hidden(faults[i]):
			return schema.Catalog{}, faults[i]
		case found[i] == nil || !found[i].Queryable:
			what, effect := missingEffect(o.name)
			catalog.Missing = append(catalog.Missing, schema.Gap{Object: o.name, What: what, Effect: effect})
		default:
			catalog.Objects = append(catalog.Objects, found[i].schema(o, c.cfg.Overlap))
			catalog.Missing = append(catalog.Missing, c.gaps(o, found[i])...)
		}
	}
	if visible["User"] {
		c.meta.loadUsers(ctx, c.cfg.Integrations)
	}
	return catalog, nil
}

// gaps lists what an object lacks: standard fields and mapped ones that
// field-level security hides, and the key that makes creates repeatable.
func (c *Connector) gaps(o object, s *sobject) []schema.Gap {
	var gaps []schema.Gap
	want := c.meta.notFound(o.name)
	for _, f := range standardFields(o.name) {
		if f.expected && !slices.Contains(want, f.Name) {
			want = append(want, f.Name)
		}
	}
	for _, name := range want {
		if !s.has(name) && !isSynthetic(s, name) {
			gaps = append(gaps, schema.Gap{
				Object: o.name, What: "read access to the field " + name + " (field-level security), or the field itself",
				Effect: name + " is neither read nor written",
			})
		}
	}
	if o.write && s.Createable && !s.has(fieldTandemID) && o.as != record.Relation {
		gaps = append(gaps, schema.Gap{
			Object: o.name, What: "the external id field " + fieldTandemID + " (`tandem check --create-fields`)",
			Effect: "a create whose answer is lost waits until a look-up proves whether it happened, and bulk creates are not possible",
		})
	}
	return gaps
}

func (m *meta) notFound(name string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.unmapped[name])
}

func (m *meta) userKind(id string) (record.ActorKind, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kind, ok := m.users[id]
	return kind, ok
}

// loadUsers learns which users are not people. Not knowing is no fault: they
// then count as people.
func (m *meta) loadUsers(ctx context.Context, integrations []string) {
	m.mu.Lock()
	known := !m.usersAt.IsZero() && time.Since(m.usersAt) < usersFresh
	m.mu.Unlock()
	if known {
		return
	}
	names := slices.DeleteFunc(slices.Clone(integrations), isID)
	rows, err := m.api.all(ctx, plainQuery, selection{
		object: "User", fields: []string{fieldID, "UserType"}, where: []string{in("UserType", []string{"AutomatedProcess", "CloudIntegrationUser"})},
	})
	if err == nil && len(names) > 0 {
		var more []jsonRow
		if more, err = m.api.all(ctx, plainQuery, selection{object: "User", fields: []string{fieldID}, where: []string{in("Profile.Name", names)}}); err == nil {
			rows = append(rows, more...)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usersAt = time.Now()
	for _, row := range rows {
		kind := record.ActorIntegration
		if value(row, "UserType") == "AutomatedProcess" {
			kind = record.ActorWorkflow
		}
		m.users[longID(value(row, fieldID))] = kind
	}
}
