package salesforcesim

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

const maxSubrequests = 25

// composite answers /composite and what is below it.
func (t *Twin) composite(c *call, rest []string) reply {
	first := ""
	if len(rest) > 0 {
		first = rest[0]
	}
	if first == "sobjects" {
		return t.collections(c, rest[1:])
	}
	if c.method != http.MethodPost {
		return failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are POST")
	}
	switch {
	case first == "":
		return t.compositeSeries(c)
	case first == "batch":
		return t.compositeBatch(c)
	case first == "graph":
		return t.compositeGraph(c)
	case first == "tree" && len(rest) == 2:
		return t.compositeTree(c, rest[1])
	}
	return notFound()
}

// subrequest is one part of a composite call.
type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	Body        any               `json:"body"`
	RichInput   any               `json:"richInput"`
	ReferenceID string            `json:"referenceId"`
	Headers     map[string]string `json:"httpHeaders"`
}

// subresponse is its answer.
type subresponse struct {
	Body        any               `json:"body"`
	Headers     map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID string            `json:"referenceId"`
}

func (t *Twin) compositeSeries(c *call) reply {
	var in series
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	if len(in.Requests) == 0 || len(in.Requests) > maxSubrequests {
		return failure(http.StatusBadRequest, "LIMIT_EXCEEDED", "The number of subrequests must be between 1 and 25")
	}
	out, _ := t.series(c, in)
	return jsonReply(http.StatusOK, map[string]any{"compositeResponse": out})
}

// series are requests to be done in order, all of them or none where that is
// asked for.
type series struct {
	AllOrNone bool         `json:"allOrNone"`
	Requests  []subrequest `json:"compositeRequest"`
}

// series runs requests in order; later ones may name results of earlier ones.
func (t *Twin) series(c *call, in series) ([]subresponse, bool) {
	parts := in.Requests
	sub := *c
	if in.AllOrNone {
		sub.tx = t.writer(c)
	}
	results := map[string]any{}
	out := make([]subresponse, len(parts))
	failedAt := -1
	for i, p := range parts {
		r := t.part(&sub, p, results)
		out[i] = r
		if r.Status < 300 {
			results[p.ReferenceID] = r.Body
		} else if failedAt < 0 {
			failedAt = i
			if in.AllOrNone {
				break
			}
		}
	}
	if in.AllOrNone && failedAt >= 0 {
		t.mu.Lock()
		sub.tx.rollback(0)
		t.mu.Unlock()
		halted := []map[string]any{{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back since another operation in the same transaction failed."}}
		for i := range out {
			if i != failedAt {
				out[i] = subresponse{Body: halted, Headers: map[string]string{}, Status: http.StatusBadRequest, ReferenceID: parts[i].ReferenceID}
			}
		}
	}
	return out, failedAt < 0
}

func (t *Twin) part(c *call, p subrequest, results map[string]any) subresponse {
	out := subresponse{Headers: map[string]string{}, ReferenceID: p.ReferenceID}
	target, okURL := fill(p.URL, results)
	body, okBody := fillAny(p.Body, results)
	if !okURL || !okBody {
		out.Status = http.StatusBadRequest
		out.Body = []apiError{{Code: "PROCESSING_HALTED", Message: "Invalid reference specified. No value for a referenced result of an earlier request"}}
		return out
	}
	r := t.sub(c, p.Method, target, body, p.Headers)
	out.Status = r.status
	maps.Copy(out.Headers, r.header)
	if len(r.body) > 0 {
		out.Body = decodeAny(r.body)
	}
	return out
}

// sub answers one part in the place of its caller.
func (t *Twin) sub(c *call, method, target string, body any, headers map[string]string) reply {
	if !strings.HasPrefix(target, "/services/data/") {
		target = "/services/data/" + strings.TrimPrefix(target, "/")
	}
	sc, ok := newCall(strings.ToUpper(method), target)
	if !ok || (len(sc.parts) > 0 && sc.parts[0] == "composite" && (len(sc.parts) < 2 || sc.parts[1] != "sobjects")) {
		return notFound()
	}
	sc.user, sc.base, sc.tx, sc.header = c.user, c.base, c.tx, c.header.Clone()
	sc.header.Del("If-Modified-Since")
	sc.header.Del("If-Unmodified-Since")
	for k, v := range headers {
		sc.header.Set(k, v)
	}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return failure(http.StatusBadRequest, jsonError, "the body of a part cannot be read")
		}
		sc.body = encoded
	}
	return t.serve(sc)
}

func (t *Twin) compositeBatch(c *call) reply {
	var in struct {
		Halt     bool         `json:"haltOnError"`
		Requests []subrequest `json:"batchRequests"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	if len(in.Requests) == 0 || len(in.Requests) > maxSubrequests {
		return failure(http.StatusBadRequest, "LIMIT_EXCEEDED", "The number of subrequests must be between 1 and 25")
	}
	type part struct {
		Status int `json:"statusCode"`
		Result any `json:"result"`
	}
	results := make([]part, len(in.Requests))
	failed := false
	for i, p := range in.Requests {
		if failed && in.Halt {
			results[i] = part{http.StatusPreconditionFailed, []apiError{{Code: "BATCH_PROCESSING_HALTED", Message: "Batch processing halted per request"}}}
			continue
		}
		r := t.sub(c, p.Method, p.URL, p.RichInput, nil)
		results[i] = part{r.status, decodeAny(r.body)}
		failed = failed || r.status >= 300
	}
	return jsonReply(http.StatusOK, map[string]any{"hasErrors": failed, "results": results})
}

// maxGraphFailures is how many graphs may fail before the rest is not tried.
const maxGraphFailures = 14

func (t *Twin) compositeGraph(c *call) reply {
	var in struct {
		Graphs []struct {
			ID       string       `json:"graphId"`
			Requests []subrequest `json:"compositeRequest"`
		} `json:"graphs"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	nodes := 0
	for _, g := range in.Graphs {
		nodes += len(g.Requests)
	}
	if len(in.Graphs) == 0 || len(in.Graphs) > 75 || nodes > 500 {
		return failure(http.StatusBadRequest, "LIMIT_EXCEEDED", "A call takes 75 graphs and 500 nodes at most")
	}
	out := make([]map[string]any, len(in.Graphs))
	failures := 0
	for i, g := range in.Graphs {
		if failures >= maxGraphFailures {
			out[i] = graphResult(g.ID, haltedParts(g.Requests), false)
			continue
		}
		parts, ok := t.series(c, series{AllOrNone: true, Requests: g.Requests})
		if !ok {
			failures++
		}
		out[i] = graphResult(g.ID, parts, ok)
	}
	return jsonReply(http.StatusOK, map[string]any{"graphs": out})
}

func graphResult(id string, parts []subresponse, ok bool) map[string]any {
	return map[string]any{"graphId": id, "graphResponse": map[string]any{"compositeResponse": parts}, "isSuccessful": ok}
}

func haltedParts(parts []subrequest) []subresponse {
	out := make([]subresponse, len(parts))
	for i, p := range parts {
		out[i] = subresponse{Body: []apiError{{Code: "PROCESSING_HALTED", Message: "Too many graph failures. Not processed."}}, Headers: map[string]string{}, Status: http.StatusBadRequest, ReferenceID: p.ReferenceID}
	}
	return out
}
