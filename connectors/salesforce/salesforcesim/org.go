package salesforcesim

import (
	"strconv"
	"strings"
)

// Users are the ids of the organisation's users and queues.
type Users struct {
	// Admin set the organisation up.
	Admin string
	// Integration is whom Tandem's credentials stand for.
	Integration string
	// AutomatedProcess is whom workflows run as.
	AutomatedProcess string
	// Rival is another integration's user.
	Rival string
	// Inactive has left.
	Inactive string
	// People are the sales people.
	People []string
	// Queue is a queue that leads wait in.
	Queue string
}

// Users returns the ids of the users made with the organisation.
func (t *Twin) Users() Users { return t.users }

// OrganizationID returns the organisation's id.
func (t *Twin) OrganizationID() string { return t.org }

const integrationUsername = "integration@tandem.example.com"

func (t *Twin) seedOrganization() {
	name := t.opt.OrgName
	if name == "" {
		name = "Tandem Sandbox"
	}
	t.org = t.seed("Organization", "Name", name, "Country", "DE", "PrimaryContact", "Admin User", "DefaultLocaleSidKey", "en_US", "TimeZoneSidKey", "UTC",
		"LanguageLocaleKey", "en_US", "FiscalYearStartMonth", "1", "OrganizationType", "Enterprise Edition", "InstanceName", "AK0", "IsSandbox", "true")
	t.users.Admin = t.seedUser("Admin", "admin@tandem.example.com", "Standard", true)
	t.users.Integration = t.seedUser("Tandem Integration", integrationUsername, "Standard", true)
	t.users.AutomatedProcess = t.seedUser("Automated Process", "autoproc@tandem.example.com", "AutomatedProcess", true)
	t.users.Rival = t.seedUser("Rival Sync", "rival@tandem.example.com", "Standard", true)
	t.users.Inactive = t.seedUser("Gone", "gone@tandem.example.com", "Standard", false)
	people := t.opt.People
	if people == nil {
		people = []string{"Adler", "Berg", "Conrad"}
	}
	for _, p := range people {
		t.users.People = append(t.users.People, t.seedUser(p, strings.ToLower(strings.ReplaceAll(p, " ", "."))+"@sales.example.com", "Standard", true))
	}
	t.users.Queue = t.seed("Group", "Name", "Inbound Leads", "DeveloperName", "Inbound_Leads", "Type", "Queue", "Email", "inbound@sales.example.com")
	t.seed("RecordType", "Name", "Standard", "DeveloperName", "Standard", "SobjectType", "Opportunity", "IsActive", "true")
	t.seedStages()
}

func (t *Twin) seedUser(last, username, kind string, active bool) string {
	return t.seed("User", "LastName", last, "FirstName", "", "Name", last, "Username", username, "Email", username, "Alias", last[:min(8, len(last))],
		"IsActive", strconv.FormatBool(active), "UserType", kind, "TimeZoneSidKey", "UTC", "LocaleSidKey", "en_US", "EmailEncodingKey", "UTF-8", "LanguageLocaleKey", "en_US")
}

func (t *Twin) seedStages() {
	for i, s := range strings.Split(stages, "|") {
		st := stageOf(s)
		t.seed("OpportunityStage", "MasterLabel", s, "ApiName", s, "IsActive", "true", "SortOrder", strconv.Itoa(i+1), "IsClosed", strconv.FormatBool(st.closed),
			"IsWon", strconv.FormatBool(st.won), "ForecastCategory", st.forecast, "ForecastCategoryName", forecastName(st.forecast), "DefaultProbability", st.probability)
	}
	for i, s := range t.objects["lead"].fields[t.objects["lead"].must("Status")].picks {
		t.seed("LeadStatus", "MasterLabel", s, "ApiName", s, "SortOrder", strconv.Itoa(i+1), "IsDefault", strconv.FormatBool(i == 0), "IsConverted", strconv.FormatBool(s == "Closed - Converted"))
	}
}

// seed inserts a row as it stands, by no one in particular.
func (t *Twin) seed(object string, pairs ...string) string {
	o := t.objects[strings.ToLower(object)]
	ms := t.born.UnixMilli()
	by := t.users.Admin
	if by == "" {
		by = idOf(t.objects["user"].start, 1)
	}
	r := &row{created: ms, modified: ms, stamp: ms, createdBy: by, modifiedBy: by}
	for i := 0; i < len(pairs); i += 2 {
		r.set(o.must(pairs[i]), pairs[i+1])
	}
	o.insert(r)
	return o.id(r)
}

// stage is what follows from a deal's stage.
type stage struct {
	closed, won           bool
	probability, forecast string
}

func stageOf(name string) stage {
	switch name {
	case "Prospecting", "Qualification":
		return stage{probability: "10", forecast: "Pipeline"}
	case "Needs Analysis":
		return stage{probability: "20", forecast: "Pipeline"}
	case "Value Proposition":
		return stage{probability: "50", forecast: "Pipeline"}
	case "Id. Decision Makers":
		return stage{probability: "60", forecast: "Pipeline"}
	case "Perception Analysis":
		return stage{probability: "70", forecast: "Pipeline"}
	case "Proposal/Price Quote":
		return stage{probability: "75", forecast: "Pipeline"}
	case "Negotiation/Review":
		return stage{probability: "90", forecast: "Pipeline"}
	case "Closed Won":
		return stage{closed: true, won: true, probability: "100", forecast: "Closed"}
	case "Closed Lost":
		return stage{closed: true, probability: "0", forecast: "Omitted"}
	}
	return stage{probability: "10", forecast: "Pipeline"}
}

func forecastName(category string) string {
	switch category {
	case "BestCase":
		return "Best Case"
	case "Forecast", "MostLikely":
		return "Commit"
	}
	return category
}
