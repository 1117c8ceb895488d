package mauticsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

type batch struct {
	entities *ordered
	errors   *ordered
	status   *ordered
}

func (t *Twin) batch(w http.ResponseWriter, r *http.Request, k *kind, status int, each func(row map[string]any) (*record, int, *problem)) {
	var rows []map[string]any
	if !take(w, r, &rows) {
		return
	}
	if len(rows) > t.opt.BatchMax {
		refuse(w, http.StatusInternalServerError, "", "A maximum of "+strconv.Itoa(t.opt.BatchMax)+" items can be handled at once.")
		return
	}
	b := batch{&ordered{}, &ordered{}, &ordered{}}
	for i, row := range rows {
		key := strconv.Itoa(i)
		rec, code, p := t.rowError(r, row)
		if p == nil {
			rec, code, p = each(row)
		}
		if p != nil {
			b.errors.add(key, p)
			b.status.add(key, p.Code)
			continue
		}
		b.entities.add(key, k.render(rec, view{}))
		b.status.add(key, code)
	}
	out := map[string]any{k.name: b.entities, "statusCodes": b.status}
	if len(b.errors.keys) > 0 {
		out["errors"] = b.errors
	}
	send(w, status, out)
}

// rowError plays the fault of that name on the rows it is aimed at.
func (t *Twin) rowError(r *http.Request, row map[string]any) (*record, int, *problem) {
	_, hit := t.faults.TakeWhere(r.Method, r.URL.Path, func(f simkit.Fault) bool {
		return f.Kind == "row_error" && f.MatchesRow(plain(row["id"]), plain(row["email"]))
	})
	if hit {
		return nil, 0, fail(http.StatusBadRequest, "city: This value is not valid.", "city")
	}
	return nil, 0, nil
}

func (t *Twin) createBatch(w http.ResponseWriter, r *http.Request, k *kind) {
	t.batch(w, r, k, http.StatusCreated, func(row map[string]any) (*record, int, *problem) { return t.create(k, row) })
}

func (t *Twin) editBatch(w http.ResponseWriter, r *http.Request, k *kind) {
	t.batch(w, r, k, http.StatusOK, func(row map[string]any) (*record, int, *problem) {
		rec := k.byID[idOf(plain(row["id"]))] // a batch does not follow merges
		if rec == nil {
			return nil, 0, fail(http.StatusNotFound, "Item was not found.")
		}
		rec, p := t.edit(k, rec, row)
		return rec, http.StatusOK, p
	})
}

// create makes a record, or edits the one that has a unique value already.
func (t *Twin) create(k *kind, row map[string]any) (*record, int, *problem) {
	values, p := k.values(row)
	if p != nil {
		return nil, 0, p
	}
	if k.name == "contacts" {
		if found := k.duplicate(values); found != nil {
			t.store(k, found, row, values)
			return found, http.StatusOK, nil
		}
	}
	rec := k.add(t.now(), nil)
	t.store(k, rec, row, values)
	rec.modified = ""
	return rec, http.StatusCreated, nil
}

func (t *Twin) edit(k *kind, rec *record, row map[string]any) (*record, *problem) {
	values, p := k.values(row)
	if p != nil {
		return nil, p
	}
	if k.name == "contacts" {
		if other := k.duplicate(values); other != nil && other != rec {
			t.merge(rec, other)
		}
	}
	t.store(k, rec, row, values)
	return rec, nil
}

// store writes what PHP lets through and everything beside the fields.
func (t *Twin) store(k *kind, rec *record, row map[string]any, values map[string]string) {
	blanks := plain(row["overwriteWithBlank"]) == "1"
	kept := map[string]string{}
	for alias, v := range values {
		if k.name == "contacts" && zero(v) || v == "" && !blanks || rec.fields[alias] == v {
			continue
		}
		kept[alias] = v
	}
	k.set(rec, kept)
	moved := len(kept) > 0
	for name, at := range map[string]*int64{"owner": &rec.owner, "stage": &rec.stage} {
		if v, set := row[name]; set && k.name == "contacts" {
			*at, moved = idOf(plain(v)), true
		}
	}
	t.storeOptOuts(rec, row)
	if moved {
		t.changed(k, rec)
	}
}

func (t *Twin) storeOptOuts(rec *record, row map[string]any) {
	list, _ := row["doNotContact"].([]any)
	for _, entry := range list {
		dnc, _ := entry.(map[string]any)
		if reason := int(idOf(plain(dnc["reason"]))); reason > 0 && !t.opt.IgnoreBatchOptOut {
			t.addOptOut(rec, plain(dnc["channel"]), reason)
		}
	}
}

// zero tells what PHP's (int) makes nought of, if it is numeric at all.
func zero(v string) bool {
	n, err := strconv.ParseFloat(v, 64)
	return err == nil && int64(n) == 0
}

// values takes the fields out of a row, as the forms behind the API do.
func (k *kind) values(row map[string]any) (map[string]string, *problem) {
	values := map[string]string{}
	for alias, v := range row {
		f, known := k.field(alias)
		if !known {
			continue
		}
		text := strings.TrimSpace(plain(v))
		switch {
		case f.Type == "email" && text != "" && !strings.Contains(text, "@"):
			return nil, fail(http.StatusBadRequest, alias+": This email is invalid", alias)
		case f.Type == "select" && text != "" && !slices.Contains(f.Options, text):
			return nil, fail(http.StatusBadRequest, alias+": This value is not valid.", alias)
		case len([]rune(text)) > 191 && (f.Type == "text" || f.Type == "email"):
			return nil, fail(http.StatusBadRequest, alias+": This value is too long.", alias)
		case f.Type == "datetime" && text != "":
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, fail(http.StatusBadRequest, alias+": This value is not valid.", alias)
			}
			text = column(at.Truncate(time.Minute))
		}
		values[alias] = text
	}
	return values, nil
}

// plain is a JSON scalar as PHP's string; lists are joined by bars.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(v[i])
		}
		return strings.Join(parts, "|")
	}
	return ""
}
