package salesforcesim

import (
	"net/http"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// changedSince answers getUpdated and getDeleted.
func (t *Twin) changedSince(c *call, o *object, what string) reply {
	from, okFrom := soql.ReadInstant(c.query.Get("start"))
	to, okTo := soql.ReadInstant(c.query.Get("end"))
	if !okFrom || !okTo {
		return failure(http.StatusBadRequest, "INVALID_FIELD", "start and end must be dateTime values")
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	now := t.Clock.Now()
	reach := 30 * 24 * time.Hour
	if what == "deleted" {
		reach = 15 * 24 * time.Hour
	}
	switch {
	case !from.Before(to):
		return failure(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date or endDate before startDate")
	case from.Before(now.Add(-reach)):
		return failure(http.StatusBadRequest, "INVALID_REPLICATION_DATE", "startDate cannot be more than "+itoa(int(reach.Hours())/24)+" days ago")
	}
	covered := min(to.UnixMilli(), now.Truncate(time.Minute).UnixMilli())
	if what == "deleted" {
		return t.deletedSince(o, from, to, covered)
	}
	ids := []string{}
	for _, e := range o.stamps.within(from.UnixMilli(), to.UnixMilli()-1) {
		if r := o.current(e); r != nil && !r.deleted {
			ids = append(ids, o.id(r))
		}
	}
	return jsonReply(http.StatusOK, map[string]any{"ids": ids, "latestDateCovered": millisText(covered)})
}

func (t *Twin) deletedSince(o *object, from, to time.Time, covered int64) reply {
	reach := t.opt.DeleteLog
	if reach == 0 {
		reach = 15 * 24 * time.Hour
	}
	earliest := t.Clock.Now().Add(-reach).Truncate(time.Minute).UnixMilli()
	type gone struct {
		ID   string `json:"id"`
		Date string `json:"deletedDate"`
	}
	list := []gone{}
	for _, r := range o.rows {
		if r != nil && r.deleted && r.deletedAt >= from.UnixMilli() && r.deletedAt < to.UnixMilli() && r.deletedAt >= earliest {
			list = append(list, gone{o.id(r), millisText(r.deletedAt)})
		}
	}
	slices.SortStableFunc(list, func(a, b gone) int { return compareText(a.Date, b.Date) })
	return jsonReply(http.StatusOK, map[string]any{"deletedRecords": list, "earliestDateAvailable": millisText(earliest), "latestDateCovered": millisText(covered)})
}
