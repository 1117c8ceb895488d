package mauticsim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// table is one of the statistics tables; a column that a row lacks is null.
type table struct {
	columns []string
	rows    []map[string]string
	next    int64
}

func newTables() map[string]*table {
	all := map[string]*table{}
	for name, columns := range map[string]string{
		"email_stats":       "id email_id lead_id list_id email_address date_sent is_read is_failed date_read source source_id open_count last_opened",
		"page_hits":         "id page_id redirect_id email_id lead_id date_hit code url url_title source source_id",
		"form_submissions":  "id form_id lead_id page_id date_submitted referer tracking_id",
		"lead_donotcontact": "id lead_id date_added reason channel channel_id comments",
		"lead_lists_leads":  "leadlist_id lead_id date_added manually_removed manually_added",
		"campaign_leads":    "campaign_id lead_id date_added manually_removed manually_added date_last_exited rotation",
		"companies_leads":   "company_id lead_id date_added is_primary",
		"audit_log":         "id user_id user_name bundle object object_id action details date_added ip_address",
	} {
		all[name] = &table{columns: strings.Fields(columns)}
	}
	return all
}

func (t *table) add(row map[string]string) {
	row = maps.Clone(row)
	if t.columns[0] == "id" {
		t.next++
		row["id"] = itoa(t.next)
	}
	t.rows = append(t.rows, row)
}

func (t *table) column(row map[string]string) source {
	return func(name string) (string, bool, bool) {
		v, set := row[name]
		return v, !set, slices.Contains(t.columns, name)
	}
}

func (t *Twin) audit(k *kind, id int64, action, details, user string) {
	object := map[string]string{"contacts": "lead", "companies": "company"}[k.name]
	t.tables["audit_log"].add(map[string]string{
		"user_name": user, "bundle": "lead", "object": object, "object_id": itoa(id), "action": action, "details": details,
		"date_added": t.now(),
	})
}

// optOuts is the table of opt-outs, which are kept with their contacts.
func (t *Twin) optOuts() []map[string]string {
	var rows []map[string]string
	for _, r := range t.kinds["contacts"].order {
		for _, o := range r.optOuts {
			rows = append(rows, map[string]string{
				"id": itoa(o.id), "lead_id": itoa(r.id), "date_added": o.added, "reason": strconv.Itoa(o.reason), "channel": o.channel,
			})
		}
	}
	return rows
}

func (t *Twin) statTables(w http.ResponseWriter, _ *http.Request) {
	columns := map[string][]string{}
	for name, tab := range t.tables {
		columns[name] = tab.columns
	}
	send(w, http.StatusOK, map[string]any{"availableTables": slices.Sorted(maps.Keys(t.tables)), "tableColumns": columns})
}

func (t *Twin) stats(w http.ResponseWriter, r *http.Request) {
	tab, ok := t.tables[r.PathValue("table")]
	if !ok { // an unknown table is answered by the list of those there are
		t.statTables(w, r)
		return
	}
	if _, broken := t.faults.Take(r.Method, r.URL.Path, "stats_error"); broken {
		send(w, http.StatusOK, map[string]any{"errors": []map[string]any{{"message": "You do not have the view permission to load data from the lead table", "code": 403}}})
		return
	}
	rows := tab.rows
	if r.PathValue("table") == "lead_donotcontact" {
		rows = t.optOuts()
	}
	page, total, err := query(rows, parse(r.URL.Query()), tab.column)
	if err != nil {
		send(w, http.StatusOK, map[string]any{"errors": []map[string]any{{"message": err.Error(), "code": 0}}})
		return
	}
	out := make([]map[string]any, len(page))
	for i, row := range page {
		out[i] = map[string]any{}
		for _, c := range tab.columns {
			out[i][c] = nil
			if v, set := row[c]; set {
				out[i][c] = v
			}
		}
	}
	send(w, http.StatusOK, map[string]any{"total": strconv.Itoa(total), "stats": out})
}

func (t *Twin) listed(w http.ResponseWriter, r *http.Request, object string) {
	page, total, err := query(t.lists[object], parse(r.URL.Query()), func(l Listed) source {
		return func(name string) (string, bool, bool) { return itoa(l.ID), false, name == "id" }
	})
	if err != nil {
		serverError(w, http.StatusInternalServerError)
		return
	}
	out := &ordered{}
	for _, l := range page {
		row := map[string]any{"id": l.ID, "name": l.Name, "isPublished": true, "dateAdded": moment(t.now()), "dateModified": nil}
		if object == "users" {
			row = map[string]any{"id": l.ID, "username": strings.ToLower(l.Name), "firstName": l.Name, "lastName": "User", "email": strings.ToLower(l.Name) + "@example.com", "isPublished": true}
		}
		out.add(itoa(l.ID), row)
	}
	key := object
	if object == "segments" {
		key = "lists"
	}
	send(w, http.StatusOK, map[string]any{"total": total, key: out})
}
