package hubspotsim

// marketing is what a portal knows beside records.
type marketing struct {
	subscriptions []Subscription
	consent       map[consentKey]consentState
	campaigns     []*Campaign
	lists         []*List
	forms         []*Form
	emailEvents   []EmailEvent
	occurrences   []Occurrence
}

func newMarketing() marketing {
	return marketing{subscriptions: standardSubscriptions(), consent: map[consentKey]consentState{}}
}

func (t *Twin) marketingRoutes() {
	t.handle("GET /marketing/campaigns", "marketing.campaigns.read", t.listCampaigns)
	t.handle("GET /marketing/campaigns/{id}", "marketing.campaigns.read", t.getCampaign)
	t.handle("POST /marketing/campaigns/batch/read", "marketing.campaigns.read", t.readCampaigns)
	t.handle("POST /marketing/campaigns/search", "marketing.campaigns.read", t.searchCampaigns)
	t.handle("GET /marketing/campaigns/{id}/assets/{kind}", "marketing.campaigns.read", t.campaignAssets)
	t.handle("GET /marketing/campaigns/{id}/reports/contacts/{kind}", "marketing.campaigns.revenue.read", t.campaignContacts)
	t.handle("GET /marketing/campaigns/{id}/reports/metrics", "marketing.campaigns.revenue.read", t.campaignMetrics)

	t.handle("GET /crm/lists", "crm.lists.read", t.getLists)
	t.handle("POST /crm/lists/search", "crm.lists.read", t.searchLists)
	t.handle("GET /crm/lists/{id}", "crm.lists.read", t.getList)
	t.handle("GET /crm/lists/{id}/memberships", "crm.lists.read", t.memberships)
	t.handle("GET /crm/lists/{id}/memberships/join-order", "crm.lists.read", t.memberships)
	t.handle("PUT /crm/lists/{id}/memberships/add", "crm.lists.write", t.addMembers)
	t.handle("PUT /crm/lists/{id}/memberships/remove", "crm.lists.write", t.removeMembers)
	t.handle("GET /crm/lists/records/{typeID}/{record}/memberships", "crm.lists.read", t.listsOf)

	t.handle("GET /marketing/forms", "forms", t.listForms)
	t.handle("GET /marketing/forms/{id}", "forms", t.getForm)
	t.handle("GET /form-integrations/submissions/forms/{id}", "forms", t.submissions)

	t.handle("GET /email/public/events", "content", t.listEmailEvents)
	t.handle("GET /events/events", "business-intelligence", t.listOccurrences)
	t.handle("GET /events/event-occurrences", "business-intelligence", t.listOccurrences)
	t.handle("GET /events/events/event-types", "business-intelligence", t.occurrenceTypes)
	t.handle("GET /events/event-occurrences/event-types", "business-intelligence", t.occurrenceTypes)
}
