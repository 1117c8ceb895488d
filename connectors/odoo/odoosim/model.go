package odoosim

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Field is a field of a model.
type Field struct {
	Type, Label string
	Required    bool
	Computed    bool // not stored
	Relation    string
	Options     []string
}

// rec is one record. Values are what JSON has: nil, bool, float64, string;
// int64 for a many2one, []int64 for a many2many.
type rec struct {
	id               int64
	created, written time.Time
	by, maker        int64
	vals             map[string]any
}

type model struct {
	name   string
	fields map[string]Field
	recs   map[int64]*rec
	order  []int64
	next   int64
}

func (m *model) add(vals map[string]any, at time.Time, by int64) *rec {
	m.next++
	r := &rec{id: m.next, created: at, written: at, by: by, maker: by, vals: vals}
	if _, ok := m.fields["active"]; ok && vals["active"] == nil {
		vals["active"] = true
	}
	m.recs[r.id], m.order = r, append(m.order, r.id)
	return r
}

func (m *model) remove(id int64) {
	delete(m.recs, id)
	if i, ok := slices.BinarySearch(m.order, id); ok {
		m.order = slices.Delete(m.order, i, i+1)
	}
}

func newModels(left string) map[string]*model {
	models := map[string]*model{}
	for name, text := range schemas() {
		if left != "" && slices.Contains(strings.Fields(left), strings.SplitN(name, ".", 2)[0]) {
			continue
		}
		m := &model{name: name, fields: map[string]Field{}, recs: map[int64]*rec{}}
		for part := range strings.FieldsSeq(text + " id:integer create_date:datetime write_date:datetime create_uid:many2one:res.users write_uid:many2one:res.users") {
			parts := strings.Split(part, ":")
			f := Field{Label: strings.ReplaceAll(parts[0], "_", " "), Required: strings.HasSuffix(part, "!"), Computed: strings.HasSuffix(part, "?")}
			for i := range parts {
				parts[i] = strings.TrimRight(parts[i], "!?")
			}
			f.Type = parts[1]
			if len(parts) > 2 && f.Type == "selection" {
				f.Options = strings.Split(parts[2], ",")
			} else if len(parts) > 2 {
				f.Relation = parts[2]
			}
			m.fields[parts[0]] = f
		}
		models[name] = m
	}
	return models
}

// schemas are the fields of the models, as name:type:relation or options, with
// ! for required and ? for computed. Not all of Odoo's, but of every type.
func schemas() map[string]string {
	mail := " email_normalized:char is_blacklisted:boolean? message_bounce:integer"
	address := " phone:char website:char function:char street:char street2:char city:char zip:char country_id:many2one:res.country user_id:many2one:res.users"
	return map[string]string{
		"crm.lead": "name:char! type:selection:lead,opportunity! active:boolean contact_name:char partner_name:char email_from:char description:html " +
			"team_id:many2one:crm.team stage_id:many2one:crm.stage partner_id:many2one:res.partner priority:selection:0,1,2,3 probability:float " +
			"expected_revenue:monetary date_deadline:date date_closed:datetime lost_reason_id:many2one:crm.lost.reason campaign_id:many2one:utm.campaign " +
			"source_id:many2one:utm.source medium_id:many2one:utm.medium tag_ids:many2many:crm.tag" + address + mail,
		"res.partner": "name:char! active:boolean is_company:boolean type:selection:contact,invoice,delivery,other parent_id:many2one:res.partner " +
			"email:char comment:html ref:char vat:char image_1920:binary" + address + mail,
		"mailing.contact":      "name:char company_name:char email:char country_id:many2one:res.country list_ids:many2many:mailing.list" + mail,
		"mailing.list":         "name:char! active:boolean",
		"mailing.subscription": "contact_id:many2one:mailing.contact! list_id:many2one:mailing.list! opt_out:boolean opt_out_datetime:datetime",
		"mailing.mailing":      "name:char subject:char! state:selection:draft,in_queue,sending,done sent_date:datetime campaign_id:many2one:utm.campaign",
		"mailing.trace": "model:char! res_id:integer mass_mailing_id:many2one:mailing.mailing campaign_id:many2one:utm.campaign email:char " +
			"trace_status:selection:outgoing,sent,open,reply,bounce,error,cancel sent_datetime:datetime open_datetime:datetime reply_datetime:datetime links_click_datetime:datetime",
		"utm.campaign":       "name:char title:char!",
		"utm.source":         "name:char!",
		"utm.medium":         "name:char!",
		"crm.stage":          "name:char! sequence:integer is_won:boolean",
		"crm.team":           "name:char!",
		"crm.tag":            "name:char!",
		"crm.lost.reason":    "name:char! active:boolean",
		"mail.activity":      "res_model:char res_id:integer activity_type_id:many2one:mail.activity.type summary:char note:html date_deadline:date! user_id:many2one:res.users automated:boolean active:boolean",
		"mail.activity.type": "name:char!",
		"mail.message":       "model:char res_id:integer body:html subject:char message_type:char",
		"mail.blacklist":     "email:char! active:boolean",
		"res.users":          "login:char! name:char! email:char active:boolean company_id:many2one:res.company tz:char",
		"res.company":        "name:char! currency_id:many2one:res.currency",
		"res.currency":       "name:char!",
		"res.country":        "name:char! code:char",
		"ir.model":           "model:char! name:char!",
		"ir.model.fields":    "name:char! model_id:many2one:ir.model! field_description:char ttype:char state:char",
	}
}

// describe is the answer of fields_get.
func (t *Twin) describe(m *model) map[string]any {
	out := map[string]any{}
	may := !t.denied[m.name+".write"] && !t.denied[m.name+".create"]
	for name, f := range m.fields {
		d := map[string]any{"type": f.Type, "string": f.Label, "required": f.Required, "readonly": f.Computed || !may, "store": !f.Computed}
		if f.Relation != "" {
			d["relation"] = f.Relation
		}
		if f.Type == "selection" {
			options := [][]string{}
			for _, o := range f.Options {
				options = append(options, []string{o, strings.ToUpper(o)})
			}
			d["selection"] = options
		}
		out[name] = d
	}
	return out
}

// show is a record as it is sent.
func (t *Twin) show(m *model, r *rec, fields []string) map[string]any {
	out := map[string]any{"id": r.id}
	for _, name := range fields {
		f, ok := m.fields[name]
		if !ok {
			continue
		}
		v := t.value(m, r, name)
		switch {
		case f.Type == "many2one" && v != nil:
			v = []any{v, t.nameOf(f.Relation, v)}
		case f.Type == "many2many" && v == nil:
			v = []int64{}
		case (f.Type == "float" || f.Type == "monetary" || f.Type == "integer") && v == nil:
			v = 0
		case v == nil:
			v = false
		}
		if at, ok := v.(time.Time); ok {
			v = at.Format(time.DateTime)
		}
		out[name] = v
	}
	return out
}

func (t *Twin) nameOf(relation string, id any) string {
	if m, ok := t.models[relation]; ok {
		if r, ok := m.recs[number(id)]; ok {
			if name, ok := r.vals["name"].(string); ok {
				return name
			}
		}
	}
	return "?"
}

// value is what a record holds in a field, as it is compared.
func (t *Twin) value(m *model, r *rec, name string) any {
	switch name {
	case "id":
		return r.id
	case "create_date":
		return r.created
	case "write_date":
		return r.written
	case "create_uid":
		return r.maker
	case "write_uid":
		return r.by
	case "is_blacklisted":
		return t.listed(r.vals["email_normalized"])
	}
	if v, ok := r.vals[name]; ok {
		return v
	}
	if m.fields[name].Type == "boolean" {
		return false
	}
	return nil
}

// listed tells whether an address is on the blacklist.
func (t *Twin) listed(address any) bool {
	text, ok := address.(string)
	if !ok || text == "" {
		return false
	}
	for r := range maps.Values(t.models["mail.blacklist"].recs) {
		if r.vals["email"] == text && r.vals["active"] == true {
			return true
		}
	}
	return false
}
