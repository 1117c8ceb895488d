package espocrmsim

import (
	"net/http"
	"strings"
)

// Field is a field of an entity type.
type Field struct {
	Name     string
	Type     string // as EspoCRM calls it
	Options  []string
	MaxLen   int
	Required bool
	ReadOnly bool
	Custom   bool
	Entity   string // of a link
}

// entity is an entity type and its records.
type entity struct {
	name      string
	versioned bool     // optimistic concurrency control
	unique    []string // duplicateCheckFieldList
	fields    []Field
	records   map[string]*record
	sorted    map[string][]*record // by column, until something changes
}

// Each line is an entity type and its fields: name:type, a mark after the type
// (! required, ~ read-only), then options or the entity of a link after =.
const standard = `
Lead firstName:varchar lastName:varchar title:varchar status:enum=New|Assigned|In_Process|Converted|Recycled|Dead source:enum=|Call|Email|Campaign|Web_Site|Other accountName:varchar website:url addressStreet:text addressCity:varchar addressState:varchar addressCountry:varchar addressPostalCode:varchar emailAddress:email phoneNumber:phone doNotCall:bool description:text opportunityAmount:currency convertedAt:datetime~ assignedUser:link=User campaign:link=Campaign createdContact:link=Contact
Contact firstName:varchar lastName:varchar! title:varchar account:link=Account addressStreet:text addressCity:varchar addressState:varchar addressCountry:varchar addressPostalCode:varchar emailAddress:email phoneNumber:phone doNotCall:bool description:text assignedUser:link=User campaign:link=Campaign
Account* name:varchar! website:url type:enum=|Customer|Partner industry:enum=|Banking|Software billingAddressStreet:text billingAddressCity:varchar billingAddressCountry:varchar emailAddress:email phoneNumber:phone description:text assignedUser:link=User
Opportunity* name:varchar! amount:currency! account:link=Account contact:link=Contact stage:enum=Prospecting|Qualification|Proposal|Negotiation|Closed_Won|Closed_Lost probability:int closeDate:date! leadSource:enum=|Call|Email|Campaign description:text campaign:link=Campaign assignedUser:link=User
Campaign name:varchar! status:enum=Planning|Active|Inactive|Complete type:enum=Email|Newsletter|Web|Mail startDate:date endDate:date description:text budget:currency assignedUser:link=User
TargetList name:varchar! description:text assignedUser:link=User
Call name:varchar! status:enum=Planned|Held|Not_Held dateStart:datetime! dateEnd:datetime! direction:enum=Outbound|Inbound description:text parent:linkParent assignedUser:link!=User
Meeting name:varchar! status:enum=Planned|Held|Not_Held dateStart:datetimeOptional! dateEnd:datetimeOptional! description:text parent:linkParent assignedUser:link!=User
Task* name:varchar! status:enum=Not_Started|Started|Completed|Canceled|Deferred priority:enum=Low|Normal|High|Urgent dateStart:datetimeOptional dateEnd:datetimeOptional dateCompleted:datetime~ description:text parent:linkParent assignedUser:link!=User
Note post:text type:enum~=Post|Create|Update|EmailReceived|EmailSent parent:linkParent number:autoincrement~ isPinned:bool~
User userName:varchar! firstName:varchar lastName:varchar! isActive:bool title:varchar emailAddress:email type:enum=regular|admin|api
CampaignLogRecord action:enum!=Sent|Opened|Opted_Out|Bounced|Clicked|Opted_In|Lead_Created actionDate:datetime! stringData:varchar stringAdditionalData:varchar campaign:link=Campaign parent:linkParent isTest:bool
`

func newEntities() map[string]*entity {
	all := map[string]*entity{}
	for line := range strings.SplitSeq(strings.TrimSpace(standard), "\n") {
		name, rest, _ := strings.Cut(line, " ")
		e := &entity{records: map[string]*record{}}
		e.name, e.versioned = strings.TrimSuffix(name, "*"), strings.HasSuffix(name, "*")
		switch e.name {
		case "Lead", "Contact":
			e.unique = []string{"person", "emailAddress"}
		case "Account":
			e.unique = []string{"name", "emailAddress"}
		}
		for part := range strings.FieldsSeq(rest) {
			e.fields = append(e.fields, fieldOf(part))
		}
		all[e.name] = e
	}
	return all
}

func fieldOf(part string) Field {
	part, list, _ := strings.Cut(part, "=")
	name, kind, _ := strings.Cut(part, ":")
	f := Field{Name: name, Type: strings.TrimRight(kind, "!~"), Required: strings.Contains(kind, "!"), ReadOnly: strings.Contains(kind, "~")}
	switch f.Type {
	case "enum":
		f.Options = strings.Split(strings.ReplaceAll(list, "_", " "), "|")
	case "link":
		f.Entity = list
	case "varchar":
		f.MaxLen = 255
		if strings.HasSuffix(name, "Name") || strings.HasPrefix(name, "address") {
			f.MaxLen = 100
		}
	}
	return f
}

// AddField adds a field of the customer's own.
func (t *Twin) AddField(entity string, f Field) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.Custom = true
	t.entities[entity].fields = append(t.entities[entity].fields, f)
}

// attributes are the names under which a field is read and written, with the
// type of each.
func (f Field) attributes() map[string]string {
	switch f.Type {
	case "email", "phone":
		return map[string]string{f.Name: f.Type, f.Name + "IsOptedOut": "bool", f.Name + "IsInvalid": "bool"}
	case "currency":
		return map[string]string{f.Name: "float", f.Name + "Currency": "varchar"}
	case "link":
		return map[string]string{f.Name + "Id": "id", f.Name + "Name": "name"}
	case "linkParent":
		return map[string]string{f.Name + "Id": "id", f.Name + "Type": "varchar", f.Name + "Name": "name"}
	case "datetimeOptional":
		return map[string]string{f.Name: "datetime", f.Name + "Date": "date"}
	}
	return map[string]string{f.Name: f.Type}
}

// attribute returns the field and the type of an attribute.
func (e *entity) attribute(name string) (f Field, kind string, known bool) {
	switch name {
	case "id":
		return Field{ReadOnly: true}, "id", true
	case "createdAt", "modifiedAt":
		return Field{ReadOnly: true}, "datetime", true
	case "createdById", "modifiedById":
		return Field{ReadOnly: true}, "id", true
	case "versionNumber":
		return Field{ReadOnly: true}, "int", e.versioned
	}
	for _, f := range e.fields {
		if kind, ok := f.attributes()[name]; ok {
			return f, kind, true
		}
	}
	return Field{}, "", false
}

func (t *Twin) metadata(w http.ResponseWriter, r *http.Request) {
	defs := map[string]any{}
	for name, e := range t.entities {
		if !t.opt.NoCampaigns || !strings.HasPrefix(name, "Campaign") {
			defs[name] = e.defs()
		}
	}
	if r.URL.Query().Get("key") == "entityDefs" {
		send(w, http.StatusOK, defs)
		return
	}
	send(w, http.StatusOK, map[string]any{"entityDefs": defs, "scopes": map[string]any{}})
}

func (e *entity) defs() map[string]any {
	fields, links := map[string]any{}, map[string]any{}
	for _, f := range e.fields {
		fields[f.Name] = f.def()
		switch f.Type {
		case "email", "phone":
			fields[f.Name+"IsOptedOut"] = map[string]any{"type": "bool", "notStorable": true}
			fields[f.Name+"IsInvalid"] = map[string]any{"type": "bool", "notStorable": true}
		case "currency":
			fields[f.Name+"Currency"] = map[string]any{"type": "enum", "maxLength": 3}
			fields[f.Name+"Converted"] = map[string]any{"type": "currencyConverted", "readOnly": true}
		case "link":
			links[f.Name] = map[string]any{"type": "belongsTo", "entity": f.Entity}
		}
	}
	for _, name := range []string{"createdAt", "modifiedAt"} {
		fields[name] = map[string]any{"type": "datetime", "readOnly": true}
	}
	fields["createdBy"] = map[string]any{"type": "link", "readOnly": true}
	links["createdBy"] = map[string]any{"type": "belongsTo", "entity": "User"}
	fields["teams"] = map[string]any{"type": "linkMultiple"}
	if _, _, person := e.attribute("firstName"); person {
		fields["name"] = map[string]any{"type": "personName"}
	}
	def := map[string]any{"fields": fields, "links": links, "collection": map[string]any{"orderBy": "createdAt", "order": "desc"}}
	if e.versioned {
		def["optimisticConcurrencyControl"] = true
	}
	return def
}

func (f Field) def() map[string]any {
	def := map[string]any{"type": f.Type}
	if f.Options != nil {
		def["options"] = f.Options
	}
	for key, set := range map[string]bool{"required": f.Required, "readOnly": f.ReadOnly, "isCustom": f.Custom} {
		if set {
			def[key] = true
		}
	}
	if f.MaxLen > 0 && f.MaxLen != 255 {
		def["maxLength"] = f.MaxLen
	}
	if f.Type == "linkParent" {
		def["entityList"] = []string{"Account", "Lead", "Contact", "Opportunity", "Case"}
	}
	return def
}
