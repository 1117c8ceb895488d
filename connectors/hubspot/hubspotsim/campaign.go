package hubspotsim

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var guidShape = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Campaign is a marketing campaign.
type Campaign struct {
	// ID is a GUID; one is drawn when empty.
	ID string
	// Properties such as hs_name, hs_start_date, hs_utm and hs_campaign_status.
	Properties map[string]string
	// Assets are what belongs to it, by kind such as MARKETING_EMAIL or FORM.
	Assets map[string][]Asset
	// Contacts are ids of contacts the campaign reached, by kind of report:
	// contactFirstTouch, contactLastTouch or influencedContacts.
	Contacts         map[string][]string
	created, updated int64
}

// Asset is one thing a campaign is made of.
type Asset struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type campaignRow struct {
	ID            string                    `json:"id"`
	Properties    map[string]string         `json:"properties"`
	CreatedAt     string                    `json:"createdAt"`
	UpdatedAt     string                    `json:"updatedAt"`
	BusinessUnits []map[string]int          `json:"businessUnits"`
	Assets        map[string]results[Asset] `json:"assets,omitempty"`
}

type totalled[T any] struct {
	Total   int     `json:"total"`
	Results []T     `json:"results"`
	Paging  *paging `json:"paging,omitempty"`
}

// AddCampaign adds a campaign and returns its id.
func (t *Twin) AddCampaign(c Campaign) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.ID == "" {
		c.ID = newUUID()
	}
	c.created, c.updated = t.now(), t.now()
	t.books.campaigns = append(t.books.campaigns, &c)
	return c.ID
}

// EditCampaign sets properties of a campaign.
func (t *Twin) EditCampaign(id string, props map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.books.campaigns {
		if c.ID == id {
			maps.Copy(c.Properties, props)
			c.updated = t.now()
		}
	}
}

func (c *Campaign) row(names []string) campaignRow {
	row := campaignRow{ID: c.ID, Properties: map[string]string{}, CreatedAt: iso(c.created), UpdatedAt: iso(c.updated), BusinessUnits: []map[string]int{{"id": 0}}}
	for _, name := range append(names, "hs_name") {
		if v := c.Properties[name]; v != "" {
			row.Properties[name] = v
		}
	}
	return row
}

func (t *Twin) listCampaigns(c *call) error {
	limit, err := c.limit(50, 100)
	if err != nil {
		return err
	}
	all := slices.Clone(t.books.campaigns)
	sort := c.query("sort")
	slices.SortStableFunc(all, func(a, b *Campaign) int {
		switch strings.TrimPrefix(sort, "-") {
		case "updatedAt":
			return int(a.updated - b.updated)
		case "createdAt":
			return int(a.created - b.created)
		}
		return strings.Compare(a.Properties["hs_name"], b.Properties["hs_name"])
	})
	if strings.HasPrefix(sort, "-") {
		slices.Reverse(all)
	}
	names := strings.Split(c.query("properties"), ",")
	rows, next, err := page(c, all, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, totalled[campaignRow]{len(all), campaignRows(rows, names), next})
}

func campaignRows(all []*Campaign, names []string) []campaignRow {
	rows := make([]campaignRow, 0, len(all))
	for _, c := range all {
		rows = append(rows, c.row(names))
	}
	return rows
}

// searchCampaigns answers by name only, which is what the twin's users need.
func (t *Twin) searchCampaigns(c *call) error {
	var req searchRequest
	if err := c.decode(&req); err != nil {
		return err
	}
	var hits []*Campaign
	for _, one := range t.books.campaigns {
		if strings.Contains(strings.ToLower(one.Properties["hs_name"]), strings.ToLower(req.Query)) {
			hits = append(hits, one)
		}
	}
	return c.json(http.StatusOK, totalled[campaignRow]{Total: len(hits), Results: campaignRows(hits, req.Properties)})
}

func (t *Twin) campaign(id string) *Campaign {
	for _, c := range t.books.campaigns {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (c *call) campaign() (*Campaign, error) {
	if one := c.t.campaign(c.r.PathValue("id")); one != nil {
		return one, nil
	}
	return nil, notFound()
}

func (t *Twin) getCampaign(c *call) error {
	one, err := c.campaign()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, one.full(strings.Split(c.query("properties"), ",")))
}

func (c *Campaign) full(names []string) campaignRow {
	row := c.row(names)
	row.Assets = map[string]results[Asset]{}
	for kind, assets := range c.Assets {
		row.Assets[kind] = results[Asset]{Results: assets}
	}
	return row
}

func (t *Twin) readCampaigns(c *call) error {
	var body struct {
		Inputs []struct {
			ID string `json:"id"`
		} `json:"inputs"`
		Properties []string `json:"properties"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if len(body.Inputs) > 50 {
		return invalid("Maximum number of inputs allowed in one batch is 50")
	}
	names := append(body.Properties, strings.Split(c.query("properties"), ",")...)
	var rows []campaignRow
	var errs []rowError
	for _, in := range body.Inputs {
		if !guidShape.MatchString(in.ID) {
			message := "Invalid campaign GUID format: " + in.ID
			errs = append(errs, rowError{
				Status: "error", Category: "VALIDATION_ERROR", SubCategory: "CampaignApiError.INVALID_REQUEST",
				Message: "Invalid request: '" + message + "'", Context: map[string][]string{"message": {message}},
			})
			continue
		}
		if one := t.campaign(in.ID); one != nil {
			rows = append(rows, one.full(names))
		}
	}
	return answerBatch(c, http.StatusOK, rows, errs)
}

func (t *Twin) campaignAssets(c *call) error {
	one, err := c.campaign()
	if err != nil {
		return err
	}
	limit, err := c.limit(10, 100)
	if err != nil {
		return err
	}
	rows, next, err := page(c, one.Assets[c.r.PathValue("kind")], limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[Asset]{Results: rows, Paging: next})
}

func (t *Twin) campaignContacts(c *call) error {
	one, err := c.campaign()
	if err != nil {
		return err
	}
	limit, err := c.limit(100, 100)
	if err != nil {
		return err
	}
	ids, next, err := page(c, one.Contacts[c.r.PathValue("kind")], limit)
	if err != nil {
		return err
	}
	rows := make([]map[string]string, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, map[string]string{"id": id})
	}
	return c.json(http.StatusOK, results[map[string]string]{Results: rows, Paging: next})
}

func (t *Twin) campaignMetrics(c *call) error {
	one, err := c.campaign()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]int{
		"newContactsFirstTouch": len(one.Contacts["contactFirstTouch"]), "newContactsLastTouch": len(one.Contacts["contactLastTouch"]),
		"influencedContacts": len(one.Contacts["influencedContacts"]), "sessions": 0,
	})
}
