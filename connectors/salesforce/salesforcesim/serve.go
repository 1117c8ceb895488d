package salesforcesim

import (
	"net/http"
	"strings"
)

// serve answers a call whose caller is known: the routes below a version.
func (t *Twin) serve(c *call) reply {
	first, rest := "", c.parts
	if len(c.parts) > 0 {
		first, rest = c.parts[0], c.parts[1:]
	}
	switch first {
	case "":
		return t.resources(c)
	case "limits":
		return t.limits(rest, c)
	case "query", "queryAll", "queryall":
		return t.query(c, first != "query", rest)
	case "sobjects":
		return t.sobjects(c, rest)
	case "composite":
		return t.composite(c, rest)
	case "jobs":
		return t.bulk(c, rest)
	case "tooling":
		return t.toolingAPI(c, rest)
	}
	return notFound()
}

func (t *Twin) resources(c *call) reply {
	out := map[string]string{}
	for _, name := range []string{"sobjects", "query", "queryAll", "limits", "composite", "tooling", "jobs"} {
		out[name] = "/services/data/" + c.version + "/" + name
	}
	out["identity"] = c.base + "/id/" + t.org + "/" + c.user
	return jsonReply(http.StatusOK, out)
}

func (t *Twin) limits(rest []string, c *call) reply {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(rest) == 1 && rest[0] == "recordCount" {
		return t.recordCount(c)
	}
	if len(rest) > 0 {
		return notFound()
	}
	limit := shownLimit
	if t.opt.DailyLimit > 0 {
		limit = t.opt.DailyLimit
	}
	pair := func(limit, left int) map[string]int { return map[string]int{"Max": limit, "Remaining": left} }
	return jsonReply(http.StatusOK, map[string]any{
		"DailyApiRequests": pair(limit, max(0, limit-t.usage.calls)), "DailyBulkApiBatches": pair(15000, 15000), "DailyBulkV2QueryJobs": pair(10000, 10000),
		"DailyBulkV2QueryFileStorageMB": pair(976562, 976562), "DataStorageMB": pair(1024, 1000), "ConcurrentAsyncGetReportInstances": pair(200, 200),
		"DailyAsyncApexExecutions": pair(250000, 250000), "DailyStandardVolumePlatformEvents": pair(25000, 25000), "FileStorageMB": pair(1024, 1024), "HourlyTimeBasedWorkflow": pair(1000, 1000),
	})
}

func (t *Twin) recordCount(c *call) reply {
	list := []map[string]any{}
	asked := strings.ToLower("," + c.query.Get("sObjects") + ",")
	for _, o := range t.order {
		if t.visible(o) && (asked == ",," || strings.Contains(asked, ","+strings.ToLower(o.name)+",")) {
			list = append(list, map[string]any{"count": o.live, "name": o.name})
		}
	}
	return jsonReply(http.StatusOK, map[string]any{"sObjects": list})
}
