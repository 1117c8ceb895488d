package suitecrmsim

import (
	"net/http"
	"strconv"
	"strings"
)

// Field is a field of a module.
type Field struct {
	Name, Type string
	Len        int
	Required   bool
	NonDB      bool
	Custom     bool
}

type module struct {
	name, object string
	fields       []Field
	records      map[string]*record
	sorted       []*record // by id, until something changes
}

// Each line is a module, its object and its fields: name:type, a length after a
// colon, a mark (! required, ~ not a column).
const standard = `
Users User user_name:user_name:60! first_name:name:255 last_name:name:255! status:enum:100 title:varchar:50 email1:varchar~ is_admin:bool
Accounts Account name:name:150! account_type:enum:50 industry:enum:50 website:url:255 phone_office:phone:100 billing_address_street:varchar:150 billing_address_city:varchar:100 billing_address_postalcode:varchar:20 billing_address_country:varchar:255 employees:varchar:10 annual_revenue:varchar:100 email1:varchar~ email_opt_out:bool~ invalid_email:bool~
Leads Lead salutation:enum:255 first_name:varchar:100 last_name:varchar:100! title:varchar:100 department:varchar:100 do_not_call:bool phone_work:phone:100 phone_mobile:phone:100 primary_address_street:varchar:150 primary_address_city:varchar:100 primary_address_state:varchar:100 primary_address_postalcode:varchar:20 primary_address_country:varchar:255 lead_source:enum:100 status:enum:100 account_name:varchar:255 website:url:255 birthdate:date converted:bool contact_id:id campaign_id:id email1:varchar~ email_opt_out:bool~ invalid_email:bool~ lawful_basis:multienum:100 full_name:fullname:510~ contacts:link~
Contacts Contact first_name:varchar:100 last_name:varchar:100! title:varchar:100 do_not_call:bool phone_work:phone:100 phone_mobile:phone:100 primary_address_city:varchar:100 primary_address_country:varchar:255 lead_source:enum:255 account_id:id~ account_name:relate~ campaign_id:id email1:varchar~ email_opt_out:bool~ invalid_email:bool~
Opportunities Opportunity name:name:50! amount:currency! currency_id:id sales_stage:enum:255! date_closed:date! probability:int lead_source:enum:50 next_step:varchar:100 account_id:id~ account_name:relate~ campaign_id:id
Campaigns Campaign name:name:255! status:enum:100! campaign_type:enum:100! start_date:date end_date:date! budget:currency objective:text content:text
Calls Call name:name:50! status:enum:100! direction:enum:100 date_start:datetimecombo! date_end:datetimecombo duration_hours:int:2! duration_minutes:int:2 parent_type:parent_type:255 parent_id:id parent_name:parent~
Meetings Meeting name:name:50! status:enum:100 date_start:datetimecombo! date_end:datetimecombo duration_hours:int:3! location:varchar:50 parent_type:parent_type:100 parent_id:id
Tasks Task name:name:50! status:enum:100 priority:enum:100 date_due:datetimecombo date_start:datetimecombo parent_type:parent_type:255 parent_id:id contact_id:id
Notes Note name:name:255! parent_type:parent_type:255 parent_id:id contact_id:id
CampaignLog Log campaign_id:id target_id:varchar:36 target_type:varchar:100 activity_type:enum:100 activity_date:datetime more_information:varchar:100
EmailAddresses EmailAddress email_address:varchar:255 email_address_caps:varchar:255 invalid_email:bool opt_out:bool
`

func newModules() map[string]*module {
	all := map[string]*module{}
	for line := range strings.SplitSeq(strings.TrimSpace(standard), "\n") {
		parts := strings.Fields(line)
		m := &module{name: parts[0], object: parts[1], records: map[string]*record{}}
		parts = append(parts[2:], "date_modified:datetime", "deleted:bool")
		if m.name != "CampaignLog" && m.name != "EmailAddresses" {
			parts = append(parts, "date_entered:datetime", "modified_user_id:assigned_user_name", "created_by:assigned_user_name",
				"assigned_user_id:relate", "description:text")
		}
		for _, part := range parts {
			m.fields = append(m.fields, fieldOf(part))
		}
		all[m.name] = m
	}
	return all
}

func fieldOf(part string) Field {
	bits := strings.Split(strings.TrimRight(part, "!~"), ":")
	f := Field{Name: bits[0], Type: bits[1], Required: strings.HasSuffix(part, "!"), NonDB: strings.HasSuffix(part, "~")}
	if len(bits) > 2 {
		f.Len, _ = strconv.Atoi(bits[2]) // ours, and a number
	}
	return f
}

// AddField adds a field of the customer's own, whose name ends in _c.
func (t *Twin) AddField(module string, f Field) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.Custom = true
	t.modules[module].fields = append(t.modules[module].fields, f)
}

func (m *module) field(name string) (Field, bool) {
	for _, f := range m.fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, name == "id"
}

func (t *Twin) meta(w http.ResponseWriter, r *http.Request) {
	m := t.modules[r.PathValue("module")]
	if m == nil || m.name == "CampaignLog" && t.user == "" {
		refuse(w, http.StatusBadRequest, "[SuiteCRM] [API] [Not Allowed] The API user does not have access to this module.")
		return
	}
	defs := map[string]any{"id": map[string]any{"type": "id", "required": true, "dbType": "id"}}
	for _, f := range m.fields {
		def := map[string]any{"type": f.Type, "required": f.Required, "dbType": f.Type}
		if f.Len > 0 {
			def["len"] = strconv.Itoa(f.Len)
		}
		if f.NonDB {
			def["source"] = "non-db"
		}
		if f.Custom {
			def["source"] = "custom_fields"
		}
		defs[f.Name] = def
	}
	send(w, http.StatusOK, map[string]any{"data": map[string]any{"type": "fields", "id": "", "attributes": defs}})
}
