package trytonsim

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fields are a record's. Relations to many of another model are not in them.
type fields map[string]any

// relation leads from a field to another model.
type relation struct {
	to   string
	back string // the field there that points back, for records that belong to this one
	many bool
}

type model struct {
	rows      map[int64]fields
	last      int64
	relations map[string]relation
	below     map[int64]map[int64]bool // of records that belong to a party: their ids by its
}

func newModels() map[string]*model {
	party, one := relation{to: "party.party"}, func(to string) relation { return relation{to: to} }
	all := map[string]map[string]relation{
		"party.party": {
			"contact_mechanisms": {to: "party.contact_mechanism", back: "party"},
			"addresses":          {to: "party.address", back: "party"},
			"categories":         {to: "party.category", many: true},
		},
		"party.contact_mechanism": {"party": party},
		"party.address":           {"party": party},
		"party.category":          {},
		"sale.opportunity":        {"party": party, "currency": one("currency.currency"), "employee": one("company.employee")},
		"sale.sale":               {"party": party},
		"ir.note":                 {},
		"marketing.email":         {"party": party, "list_": one("marketing.email.list")},
		"marketing.email.list":    {},
		"marketing.automation.record.activity": {
			"record": one("marketing.automation.record"), "activity": one("marketing.automation.activity"),
		},
		"marketing.automation.record": {}, "marketing.automation.activity": {},
		"res.user": {}, "currency.currency": {}, "company.employee": {"party": party},
	}
	models := map[string]*model{}
	for name, relations := range all {
		relations["create_uid"], relations["write_uid"] = one("res.user"), one("res.user")
		models[name] = &model{rows: map[int64]fields{}, relations: relations, below: map[int64]map[int64]bool{}}
	}
	return models
}

// transaction writes at one moment, that of its begin.
type transaction struct {
	t   *Twin
	at  time.Time
	uid int64
	// undo holds how each change so far is taken back.
	undo *[]func()
}

func (t *Twin) transaction(uid int64) transaction {
	return transaction{t, t.clock.Now().UTC().Truncate(time.Microsecond), uid, &[]func(){}}
}

func (x transaction) insert(name string, values fields) int64 {
	m := x.t.models[name]
	m.last++
	row := fields{"create_date": x.at, "create_uid": x.uid, "active": true}
	switch name {
	case "party.party":
		row["code"] = strconv.FormatInt(m.last, 10)
	case "party.contact_mechanism": // its values are formatted by a write
		row["write_date"], row["write_uid"] = x.at, x.uid
	}
	maps.Copy(row, values)
	m.put(m.last, row)
	id := m.last
	*x.undo = append(*x.undo, func() { m.drop(id) })
	return id
}

// put and drop keep the index of what belongs to whom.
func (m *model) put(id int64, row fields) {
	m.rows[id] = row
	if party, ok := row["party"].(int64); ok {
		if m.below[party] == nil {
			m.below[party] = map[int64]bool{}
		}
		m.below[party][id] = true
	}
}

func (m *model) drop(id int64) {
	if party, ok := m.rows[id]["party"].(int64); ok {
		delete(m.below[party], id)
	}
	delete(m.rows, id)
}

func (x transaction) remember(name string, id int64) {
	m := x.t.models[name]
	before := maps.Clone(m.rows[id])
	*x.undo = append(*x.undo, func() { m.put(id, before) })
}

func (x transaction) drop(name string, id int64) {
	x.remember(name, id)
	x.t.models[name].drop(id)
}

func (x transaction) set(name string, id int64, values fields) {
	x.remember(name, id)
	row := x.t.models[name].rows[id]
	maps.Copy(row, values)
	row["write_date"], row["write_uid"] = x.at, x.uid
}

// many are the ids that a relation leads to.
func (t *Twin) many(name string, id int64, r relation) []int64 {
	if r.many {
		ids, _ := t.models[name].rows[id][r.to].([]int64)
		return ids
	}
	return slices.Sorted(maps.Keys(t.models[r.to].below[id]))
}

// read returns a record as it is sent: what was asked for below a relation
// stands under its name and a dot.
func (t *Twin) read(name string, id int64, asked []string) map[string]any {
	m, out, below := t.models[name], map[string]any{"id": id}, map[string][]string{}
	for _, field := range asked {
		if head, rest, dotted := strings.Cut(field, "."); dotted {
			below[head] = append(below[head], rest)
			continue
		}
		out[field] = t.sent(name, id, field)
	}
	for head, rest := range below {
		r := m.relations[head]
		if r.many || r.back != "" {
			list := []any{}
			for _, other := range t.many(name, id, r) {
				list = append(list, t.read(r.to, other, rest))
			}
			out[head+"."] = list
			continue
		}
		out[head+"."] = nil
		if other, ok := m.rows[id][head].(int64); ok {
			out[head+"."] = t.read(r.to, other, rest)
		}
	}
	return out
}

func (t *Twin) sent(name string, id int64, field string) any {
	m := t.models[name]
	if r, ok := m.relations[field]; ok && (r.many || r.back != "") {
		return t.many(name, id, r)
	}
	row := m.rows[id]
	switch v := row[field].(type) {
	case time.Time:
		return map[string]any{
			"__class__": "datetime", "year": v.Year(), "month": v.Month(), "day": v.Day(),
			"hour": v.Hour(), "minute": v.Minute(), "second": v.Second(), "microsecond": v.Nanosecond() / 1000,
		}
	case nil:
		if field == "_timestamp" {
			return timestamp(row)
		}
		return nil
	default:
		return v
	}
}

func timestamp(row fields) string {
	at, ok := row["write_date"].(time.Time)
	if !ok {
		at, _ = row["create_date"].(time.Time)
	}
	return strconv.FormatFloat(float64(at.UnixMicro())/1e6, 'f', 6, 64)
}

// value reads a parameter: numbers of ids, times and decimals.
func value(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		return v.String()
	case map[string]any:
		if v["__class__"] == "datetime" {
			n := func(key string) int { i, _ := value(v[key]).(int64); return int(i) }
			return time.Date(n("year"), time.Month(n("month")), n("day"), n("hour"), n("minute"), n("second"), n("microsecond")*1000, time.UTC)
		}
	}
	return v
}
