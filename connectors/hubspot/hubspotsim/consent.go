package hubspotsim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Subscription is a kind of e-mail people may take or leave.
type Subscription struct {
	ID                         int64
	Name, Description, Purpose string
}

func standardSubscriptions() []Subscription {
	return []Subscription{
		{9001, "Marketing Information", "Marketing offers and updates", "Marketing"},
		{9002, "One to One", "One to One emails", "Sales"},
	}
}

type consentKey struct {
	email string
	id    int64 // nought is all of them
}

type consentState struct {
	state, basis, explanation, source string
	at                                int64
}

type statusRow struct {
	Channel      string  `json:"channel"`
	Subscriber   string  `json:"subscriberIdString"`
	ID           int64   `json:"subscriptionId"`
	Name         string  `json:"subscriptionName"`
	Status       string  `json:"status"`
	Source       string  `json:"source"`
	Basis        *string `json:"legalBasis"`
	Explanation  *string `json:"legalBasisExplanation"`
	BusinessUnit int     `json:"businessUnitId"`
	Reason       *string `json:"setStatusSuccessReason"`
	Timestamp    string  `json:"timestamp,omitempty"`
}

func (t *Twin) consentRoutes() {
	const read, write = "communication_preferences.read", "communication_preferences.write"
	t.handle("GET /communication-preferences/definitions", read, t.definitions)
	t.handle("GET /communication-preferences/statuses/{email}", read, t.statuses)
	t.handle("POST /communication-preferences/statuses/{email}", write, t.setStatus)
	t.handle("GET /communication-preferences/statuses/{email}/unsubscribe-all", read, t.unsubscribedAll)
	t.handle("POST /communication-preferences/statuses/{email}/unsubscribe-all", write, t.unsubscribeAll)
	t.handle("POST /communication-preferences/statuses/batch/read", "communication_preferences.statuses.batch.read", t.batchStatuses)
	t.handle("POST /communication-preferences/statuses/batch/unsubscribe-all/read", "communication_preferences.statuses.batch.read", t.batchUnsubscribed)
}

// OptOut makes an address leave one kind of e-mail, or all when id is nought,
// as the person would by the link in a mail.
func (t *Twin) OptOut(email string, id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.setConsent(email, id, consentState{state: "UNSUBSCRIBED", source: "PUBLIC_STATUS_UPDATE_SOURCE"})
}

// setConsent keeps a state and bumps the contact whose properties show it.
func (t *Twin) setConsent(email string, id int64, s consentState) {
	email = strings.ToLower(email)
	s.at = t.now()
	t.books.consent[consentKey{email, id}] = s
	tb := t.tables["contacts"]
	if r := tb.holder("email", email); r != nil {
		t.remember(tb, r)
		tb.touch(r, s.at)
	}
}

// optout is the value of hs_email_optout and hs_email_optout_<id>.
func (t *Twin) optout(email, id string) string {
	email = strings.ToLower(email)
	if t.books.consent[consentKey{email, 0}].state == "UNSUBSCRIBED" {
		return "true"
	}
	n, _ := strconv.ParseInt(id, 10, 64)
	if n != 0 && t.books.consent[consentKey{email, n}].state == "UNSUBSCRIBED" {
		return "true"
	}
	return ""
}

func (t *Twin) definitions(c *call) error {
	var rows []map[string]any
	for _, s := range t.books.subscriptions {
		rows = append(rows, map[string]any{
			"id": itoa(s.ID), "name": s.Name, "description": s.Description, "purpose": s.Purpose, "communicationMethod": "Email",
			"isActive": true, "isDefault": false, "isInternal": false, "createdAt": dawn, "updatedAt": dawn, "businessUnitId": 0,
		})
	}
	return answerBatch(c, http.StatusOK, rows, nil)
}

func (t *Twin) statusRows(email string) []statusRow {
	email = strings.ToLower(email)
	var rows []statusRow
	for _, s := range t.books.subscriptions {
		rows = append(rows, t.statusRow(email, s))
	}
	return rows
}

func (t *Twin) statusRow(email string, s Subscription) statusRow {
	held, ok := t.books.consent[consentKey{email, s.ID}]
	if all, out := t.books.consent[consentKey{email, 0}]; out && all.state == "UNSUBSCRIBED" {
		held, ok = all, true
	}
	row := statusRow{Channel: "EMAIL", Subscriber: email, ID: s.ID, Name: s.Name, Status: "NOT_SPECIFIED", Source: "No source"}
	if !ok {
		return row
	}
	row.Status, row.Source, row.Timestamp = held.state, held.source, iso(held.at)
	if held.basis != "" {
		row.Basis, row.Explanation = &held.basis, &held.explanation
	}
	return row
}

func (t *Twin) statuses(c *call) error {
	if err := c.emailChannel(); err != nil {
		return err
	}
	return answerBatch(c, http.StatusOK, t.statusRows(c.r.PathValue("email")), nil)
}

func (c *call) emailChannel() error {
	if c.query("channel") != "EMAIL" {
		return invalid("The query parameter channel is required and must be EMAIL")
	}
	return nil
}

func (t *Twin) setStatus(c *call) error {
	var body struct {
		Channel     string   `json:"channel"`
		ID          looseInt `json:"subscriptionId"`
		State       string   `json:"statusState"`
		Basis       string   `json:"legalBasis"`
		Explanation string   `json:"legalBasisExplanation"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	email := strings.ToLower(c.r.PathValue("email"))
	i := slices.IndexFunc(t.books.subscriptions, func(s Subscription) bool { return s.ID == int64(body.ID) })
	if i < 0 || body.Channel != "EMAIL" || !slices.Contains([]string{"SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"}, body.State) {
		return invalid("Invalid subscription status: channel, subscriptionId and statusState must be valid")
	}
	all := t.books.consent[consentKey{email, 0}]
	if body.State == "SUBSCRIBED" && all.state == "UNSUBSCRIBED" {
		return invalid("%s has unsubscribed from all email and cannot be subscribed by API", "The contact")
	}
	t.setConsent(email, int64(body.ID), consentState{state: body.State, basis: body.Basis, explanation: body.Explanation, source: "API"})
	reason := "RESUBSCRIBE_OCCURRED"
	if body.State != "SUBSCRIBED" {
		reason = "UNSUBSCRIBE_OCCURRED"
	}
	row := t.statusRow(email, t.books.subscriptions[i])
	row.Reason = &reason
	return c.json(http.StatusOK, row)
}

func (t *Twin) unsubscribedRow(email string) map[string]any {
	held, out := t.books.consent[consentKey{strings.ToLower(email), 0}]
	row := map[string]any{"channel": "EMAIL", "subscriberIdString": email, "wideStatusType": "PORTAL_WIDE", "businessUnitId": 0, "status": "NOT_SPECIFIED"}
	if out {
		row["status"], row["timestamp"] = held.state, iso(held.at)
	}
	return row
}

func (t *Twin) unsubscribedAll(c *call) error {
	if err := c.emailChannel(); err != nil {
		return err
	}
	return answerBatch(c, http.StatusOK, []map[string]any{t.unsubscribedRow(c.r.PathValue("email"))}, nil)
}

func (t *Twin) unsubscribeAll(c *call) error {
	if err := c.emailChannel(); err != nil {
		return err
	}
	email := c.r.PathValue("email")
	t.setConsent(email, 0, consentState{state: "UNSUBSCRIBED", source: "API"})
	return answerBatch(c, http.StatusOK, t.statusRows(email), nil)
}

func (c *call) emails() ([]string, error) {
	var body struct {
		Inputs []string `json:"inputs"`
	}
	if err := c.emailChannel(); err != nil {
		return nil, err
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.Inputs) > 100 {
		return nil, invalid("Maximum number of inputs allowed in one batch is 100")
	}
	return body.Inputs, nil
}

type subscriberRow[T any] struct {
	Subscriber string `json:"subscriberIdString"`
	Statuses   []T    `json:"statuses"`
}

func (t *Twin) batchStatuses(c *call) error {
	emails, err := c.emails()
	if err != nil {
		return err
	}
	rows := make([]subscriberRow[statusRow], 0, len(emails))
	for _, email := range emails {
		rows = append(rows, subscriberRow[statusRow]{email, t.statusRows(email)})
	}
	return answerBatch(c, http.StatusOK, rows, nil)
}

func (t *Twin) batchUnsubscribed(c *call) error {
	emails, err := c.emails()
	if err != nil {
		return err
	}
	rows := make([]subscriberRow[map[string]any], 0, len(emails))
	for _, email := range emails {
		rows = append(rows, subscriberRow[map[string]any]{email, []map[string]any{t.unsubscribedRow(email)}})
	}
	return answerBatch(c, http.StatusOK, rows, nil)
}
