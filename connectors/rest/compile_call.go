package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
)

// call compiles a request. names are the placeholders it may use beside those
// that stand for the same everywhere.
func (c *compiler) call(n diag.Node, r Request, method string, names []string) call {
	if r.Method != "" {
		method = r.Method
	}
	names = append(slices.Clip(names), "nonce")
	for name := range c.m.Vars {
		names = append(names, "vars."+name)
	}
	out := call{method: method, path: parseText(n.At("path"), r.Path, names, &c.problems)}
	if strings.ContainsAny(r.Path, "?#") || strings.Contains(r.Path, "://") {
		c.problems.Add(n.At("path").Errorf("the path must be a path below the base URL").WithHint("parameters stand under query"))
	}
	out.query = c.query(n.At("query"), r.Query, names)
	for _, headers := range []struct {
		all map[string]string
		at  diag.Node
	}{{c.m.Headers, n}, {r.Headers, n.At("headers")}} {
		for _, name := range sorted(headers.all) {
			if strings.EqualFold(name, "authorization") {
				c.problems.Errorf(headers.at.At(name), "credentials stand under auth, never among the headers")
			}
			out.header = append(out.header, param{name, []text{parseText(headers.at.At(name), headers.all[name], names, &c.problems)}})
		}
	}
	out.body = c.figure(n, "body", r.Body, names)
	if out.body != nil && method == http.MethodGet {
		c.problems.Errorf(n.At("body"), "a GET has no body")
	}
	return out
}

func (c *compiler) query(at, n diag.Node, names []string) (all []param) {
	if n.IsNull() {
		return nil
	}
	if !n.IsMap() {
		c.problems.Errorf(at, "expected a mapping, found %s", n.Kind())
	}
	for _, k := range n.Keys() {
		v, _ := n.Get(k.Name)
		items := v.Items()
		if !v.IsList() {
			items = []diag.Node{v}
		}
		p := param{name: k.Name}
		for _, item := range items {
			p.values = append(p.values, parseText(item, item.Str(&c.problems), names, &c.problems))
		}
		all = append(all, p)
	}
	return all
}

func (c *compiler) figure(n diag.Node, key string, body diag.Node, names []string) *figure {
	if body.IsNull() {
		return nil
	}
	for name := range c.m.Vars {
		names = append(slices.Clip(names), "vars."+name)
	}
	f := parseFigure(n.At(key), names, &c.problems)
	return &f
}

// writesOf compiles what writes an object.
func (c *compiler) writesOf(n diag.Node, e *entity) {
	for _, w := range []struct {
		kind   connectors.OpKind
		from   *Write
		method string
	}{
		{connectors.Create, e.Create, http.MethodPost}, {connectors.Update, e.Update, http.MethodPatch}, {connectors.Archive, e.Archive, http.MethodDelete},
	} {
		if w.from != nil {
			e.writes[w.kind] = c.write(n.At(string(w.kind)), *w.from, e, w.kind, w.method)
		}
	}
}

func (c *compiler) write(n diag.Node, w Write, e *entity, kind connectors.OpKind, method string) *write {
	row := []string{"op", "fields"}
	if kind != connectors.Create {
		row = append(row, "id", "version")
	}
	names, a := append(slices.Clone(row), "rows", "ids"), w.Answer
	out := &write{call: c.call(n, w.Request, method, names), batch: max(w.Batch, 1), row: c.figure(n, "row", w.Row, row)}
	out.op, out.object, out.repeat = string(kind)+" "+e.name, e.name, w.Repeat || kind != connectors.Create
	out.answer = c.answer(a, e)
	switch {
	case out.batch > 1 && out.row == nil && !out.uses("ids"):
		c.problems.Add(n.Errorf("a batch needs row, which says how one record is sent").WithHint(`as in row: {id: "{id}", "...": "{fields}"} with body: "{rows}"`))
	case out.batch > 1 && kind == connectors.Create && a.Rows == "":
		c.problems.Errorf(n.At("answer"), "a batch of creates needs answer.rows, from which the new ids are known")
	case out.batch == 1 && kind != connectors.Create && !out.uses("id") && !out.uses("ids") && !out.uses("rows"):
		c.problems.Errorf(n, "nothing in the call says which record is meant: use {id}")
	case out.uses("version") && e.Version == "":
		c.problems.Errorf(n, "{version} needs the object's version")
	}
	return out
}

// paging compiles how pages follow each other.
func (c *compiler) paging(n diag.Node, p Paging, e *entity, w call) paging {
	out := paging{
		Paging: p, size: int64(e.PageSize), id: e.id, time: e.updated, next: parsePath(p.Next), more: parsePath(p.More), total: parsePath(p.Total),
	}
	if p.ID != "" {
		out.id = parsePath(p.ID)
	}
	if p.Time != "" {
		out.time = []path{parsePath(p.Time)}
	}
	out.start = out.first()
	counts := p.By == "page" || p.By == "offset"
	uses := func(name string) bool { return w.uses(name) }
	switch {
	case (p.By == "cursor" || p.By == "next_url") && p.Next == "":
		c.problems.Errorf(n, "paging by %s needs next: where the answer holds it", p.By)
	case counts && !uses(p.By) || p.By == "cursor" && !uses("cursor"):
		c.problems.Errorf(n, "paging by %s, but the call does not use {%s}", p.By, p.By)
	case p.By == "keyset" && !uses("last.id"):
		c.problems.Errorf(n, "paging by keyset, but the call does not use {last.id}, without which rows of the same moment are lost")
	case counts && !isNumber(p.Start):
		c.problems.Errorf(n.At("start"), "start must be a whole number")
	case p.Advance && (!counts || !uses("since") || len(out.time) == 0):
		c.problems.Errorf(n.At("advance"), "advance is for paging by page or offset, with {since} in the call and updated_at in the rows")
	case p.Until == "short" && !uses("size"):
		c.problems.Errorf(n.At("until"), "until: short needs {size} in the call")
	}
	return out
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func (c *compiler) errors(n diag.Node) {
	items := n.At("rules").Items()
	for i, r := range c.m.Errors.Rules {
		if len(r.Status) == 0 && r.At == "" && i < len(items) {
			c.problems.Errorf(items[i], "the rule says neither status nor at, so it would fit every failure")
		}
		if r.At != "" && len(r.Is) == 0 && r.Has == "" && i < len(items) {
			c.problems.Errorf(items[i], "the rule says where to look, but not what for: add is or has")
		}
	}
}
