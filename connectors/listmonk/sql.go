package listmonk

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listmonk takes a condition in SQL and neither sorts by id nor limits what it
// sorts otherwise in a stable way; so each condition is put into a query of its
// own that does both. What comes from outside is put in as a number or quoted.

// paged is a page of those that a condition holds for, after an id.
func paged(cond string, after int64, limit int) string {
	return fmt.Sprintf("subscribers.id IN (SELECT id FROM subscribers WHERE %s AND id > %d ORDER BY id LIMIT %d)", cond, after, limit)
}

// changedSince also looks at the subscriptions: whoever unsubscribes or is put
// on a list moves nothing else.
func changedSince(from int64) string {
	at := quote(time.Unix(from, 0).UTC().Format(time.RFC3339))
	return "(updated_at >= " + at + " OR id IN (SELECT subscriber_id FROM subscriber_lists WHERE updated_at >= " + at + "))"
}

// activeSince holds for those who viewed or clicked.
func activeSince(from int64) string {
	at := quote(time.Unix(from, 0).UTC().Format(time.RFC3339))
	return "(id IN (SELECT subscriber_id FROM campaign_views WHERE created_at >= " + at + ")" +
		" OR id IN (SELECT subscriber_id FROM link_clicks WHERE created_at >= " + at + "))"
}

// optedOut says in SQL what subscriber.optedOut says.
func (c Config) optedOut() string {
	counts := ""
	if len(c.Counted) > 0 {
		counts = " AND list_id IN (" + numbers(c.Counted) + ")"
	}
	return "(status = 'blocklisted' OR id IN (SELECT subscriber_id FROM subscriber_lists WHERE status = 'unsubscribed'" + counts +
		") AND id NOT IN (SELECT subscriber_id FROM subscriber_lists WHERE status <> 'unsubscribed'" + counts + "))"
}

// unknownOptOut holds for the opt-outs in those buckets that are not as known.
func (c Config) unknownOptOut(known digest) string {
	if len(known) == 0 {
		return c.optedOut()
	}
	var same []string
	for _, b := range slices.Sorted(maps.Keys(known)) {
		same = append(same, fmt.Sprintf("(%d,%d,%d)", b, known[b][0], known[b][1]))
	}
	bucket := fmt.Sprintf("mod(id, %d)", buckets)
	return c.optedOut() + " AND " + bucket + " NOT IN (SELECT " + bucket + " FROM subscribers WHERE " + c.optedOut() +
		" GROUP BY " + bucket + " HAVING (" + bucket + ", count(*), sum(id)) IN (" + strings.Join(same, ",") + "))"
}

// either holds for any of these ids or addresses; one of the two at least must be given.
func either(ids []int64, addresses []string) string {
	var parts []string
	if len(ids) > 0 {
		parts = append(parts, "subscribers.id IN ("+numbers(ids)+")")
	}
	if len(addresses) > 0 {
		quoted := make([]string, len(addresses))
		for i, a := range addresses {
			quoted[i] = quote(a)
		}
		parts = append(parts, "LOWER(subscribers.email) IN ("+strings.Join(quoted, ",")+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// quote makes a text of SQL. PostgreSQL's texts know no backslash, and cannot
// hold the character nought.
func quote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", ""), "'", "''") + "'"
}

func numbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}
