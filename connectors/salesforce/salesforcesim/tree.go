package salesforcesim

import (
	"fmt"
	"net/http"
	"strings"
)

// compositeTree creates records with their children: all of them or none.
func (t *Twin) compositeTree(c *call, object string) reply {
	var in struct {
		Records []map[string]any `json:"records"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.writer(c)
	start := len(w.undo)
	tr := &tree{t: t, w: w}
	for _, rec := range in.Records {
		tr.add(object, rec, "", "")
	}
	if tr.count > maxCollection {
		w.rollback(start)
		return failure(http.StatusBadRequest, "LIMIT_EXCEEDED", "A tree takes 200 records at most")
	}
	if tr.failed != nil {
		w.rollback(start)
		return jsonReply(http.StatusBadRequest, map[string]any{"hasErrors": true, "results": tr.failed})
	}
	return jsonReply(http.StatusCreated, map[string]any{"hasErrors": false, "results": tr.made})
}

type tree struct {
	t      *Twin
	w      *writer
	count  int
	made   []map[string]any
	failed []map[string]any
}

// add creates one record under a parent, then its children.
func (tr *tree) add(object string, rec map[string]any, parentField, parent string) {
	tr.count++
	attributes, _ := rec["attributes"].(map[string]any)
	ref := fmt.Sprint(attributes["referenceId"])
	o := tr.t.object(object)
	if o == nil || tr.count > maxCollection {
		tr.fail(ref, []*rowError{refuse("INVALID_TYPE", "sObject type '"+object+"' is not supported.")})
		return
	}
	kids := map[string][]any{}
	own := map[string]any{}
	for k, v := range rec {
		nested, _ := v.(map[string]any)
		if list, ok := nested["records"].([]any); ok {
			kids[k] = list
		} else {
			own[k] = v
		}
	}
	if parentField != "" {
		own[parentField] = parent
	}
	changes, errs := tr.t.changesOf(o, own)
	id := ""
	if errs == nil {
		id, errs = tr.t.create(tr.w, o, changes)
	}
	if errs != nil {
		tr.fail(ref, errs)
		return
	}
	tr.made = append(tr.made, map[string]any{"referenceId": ref, "id": id})
	tr.children(o, id, kids)
}

func (tr *tree) children(o *object, id string, kids map[string][]any) {
	for relation, list := range kids {
		c, ok := o.childRelation(relation)
		if !ok {
			tr.fail(strings.ToLower(relation), []*rowError{refuse("INVALID_FIELD", "No such column '"+relation+"' on sobject of type "+o.name)})
			continue
		}
		for _, item := range list {
			if rec, ok := item.(map[string]any); ok {
				tr.add(c.object, rec, c.field, id)
			}
		}
	}
}

func (tr *tree) fail(ref string, errs []*rowError) {
	tr.failed = append(tr.failed, map[string]any{"referenceId": ref, "errors": resultOf("", errs).Errors})
}
