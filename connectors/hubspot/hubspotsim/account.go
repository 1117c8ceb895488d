package hubspotsim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Owner is someone records can belong to; ID is what hubspot_owner_id holds.
type Owner struct {
	ID, UserID                 int64
	Email, FirstName, LastName string
	Archived                   bool
	Created                    int64
}

type ownerRow struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	Type      string `json:"type"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	UserID    *int64 `json:"userId"`
	Inactive  int64  `json:"userIdIncludingInactive"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	Archived  bool   `json:"archived"`
}

// AddOwner adds a person records can belong to and returns the owner's id.
func (t *Twin) AddOwner(o Owner) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.owners[len(t.owners)-1]
	o.ID = cmp.Or(o.ID, last.ID+7)
	o.UserID = cmp.Or(o.UserID, last.UserID+3)
	o.Created = cmp.Or(o.Created, t.now())
	t.owners = append(t.owners, o)
	return itoa(o.ID)
}

// Owners returns everyone records can belong to.
func (t *Twin) Owners() []Owner {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.owners)
}

// DeactivateOwner makes an owner an archived one, as when a person leaves.
func (t *Twin) DeactivateOwner(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.owners {
		if itoa(t.owners[i].ID) == id {
			t.owners[i].Archived = true
		}
	}
}

func (t *Twin) accountRoutes() {
	t.handle("GET /account-info/details", "", t.details)
	t.handle("GET /account-info/api-usage/daily/private-apps", "", t.usage)
	t.handle("GET /account-info/api-usage/daily", "", t.usage)
	t.handle("GET /crm/owners", "crm.objects.owners.read", t.listOwners)
	t.handle("GET /crm/owners/{id}", "crm.objects.owners.read", t.getOwner)
}

func (t *Twin) details(c *call) error {
	return c.json(http.StatusOK, map[string]any{
		"portalId": t.opt.PortalID, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD",
		"additionalCurrencies": []string{}, "utcOffset": "-04:00", "utcOffsetMilliseconds": -14400000,
		"uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
	})
}

func (t *Twin) usage(c *call) error {
	now := t.clock.Now()
	t.limits.mu.Lock()
	used := t.limits.daily
	t.limits.mu.Unlock()
	return c.json(http.StatusOK, results[map[string]any]{Results: []map[string]any{{
		"name": "private-apps-api-calls-daily", "usageLimit": cmp.Or(t.opt.RateLimits.Daily, 650_000), "currentUsage": used,
		"collectedAt": iso(epochOf(now)), "fetchStatus": "SUCCESS",
		"resetsAt": iso(epochOf(now.Truncate(24 * time.Hour).Add(28 * time.Hour))),
	}}})
}

func (o Owner) row() ownerRow {
	r := ownerRow{
		ID: itoa(o.ID), Email: o.Email, Type: "PERSON", FirstName: o.FirstName, LastName: o.LastName,
		UserID: &o.UserID, Inactive: o.UserID, CreatedAt: iso(o.Created), UpdatedAt: iso(o.Created), Archived: o.Archived,
	}
	if o.Archived {
		r.UserID = nil
	}
	return r
}

func (t *Twin) listOwners(c *call) error {
	limit, err := c.limit(100, 500)
	if err != nil {
		return err
	}
	var all []ownerRow
	for _, o := range t.owners {
		email := c.query("email")
		if o.Archived == (c.query("archived") == "true") && (email == "" || strings.EqualFold(email, o.Email)) {
			all = append(all, o.row())
		}
	}
	rows, next, err := page(c, all, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[ownerRow]{Results: rows, Paging: next})
}

func (t *Twin) getOwner(c *call) error {
	for _, o := range t.owners {
		id := o.ID
		if c.query("idProperty") == "userId" {
			id = o.UserID
		}
		if itoa(id) == c.r.PathValue("id") && o.Archived == (c.query("archived") == "true") {
			return c.json(http.StatusOK, o.row())
		}
	}
	return notFound()
}
