package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// yardstick lists contacts, maps them and upserts leads, one page after the
// other, with nothing of what makes that safe.
func yardstick(ctx context.Context, _ options, t *twins) ([]phase, error) {
	if err := t.reset(ctx); err != nil {
		return nil, err
	}
	cpu, began := cpuSeconds(), time.Now()
	token, err := salesToken(ctx, t)
	if err != nil {
		return nil, err
	}
	p := phase{Name: "plain"}
	var batch []map[string]any
	for after := ""; ; {
		rows, next, err := listPage(ctx, t, after)
		if err != nil {
			return nil, err
		}
		batch = append(batch, rows...)
		if len(batch) >= 200 || next == "" && len(batch) > 0 {
			if err := upsert(ctx, t, token, batch); err != nil {
				return nil, err
			}
			p.Rows += len(batch)
			batch = nil
		}
		if after = next; next == "" {
			break
		}
	}
	p.Wall, p.CPU, p.PeakMB = time.Since(began).Seconds(), cpuSeconds()-cpu, peakMB()
	err = p.count(ctx, t)
	return []phase{p}, err
}

func salesToken(ctx context.Context, t *twins) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.ClientID}, "client_secret": {t.Secret}}
	var out struct {
		Token string `json:"access_token"`
	}
	r := request{
		method: http.MethodPost, address: t.Sales + "/services/oauth2/token", kind: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
	}
	err := r.do(ctx, &out)
	return out.Token, err
}

func listPage(ctx context.Context, t *twins, after string) (rows []map[string]any, next string, err error) {
	q := url.Values{"limit": {"100"}, "properties": {"email,firstname,lastname,company,jobtitle,city,phone"}}
	if after != "" {
		q.Set("after", after)
	}
	var page struct {
		Results []struct {
			ID         string            `json:"id"`
			Properties map[string]string `json:"properties"`
		} `json:"results"`
		Paging struct {
			Next struct {
				After string `json:"after"`
			} `json:"next"`
		} `json:"paging"`
	}
	r := request{method: http.MethodGet, address: t.Hub + "/crm/objects/2026-03/contacts?" + q.Encode(), token: t.Token}
	if err := r.do(ctx, &page); err != nil {
		return nil, "", err
	}
	for _, r := range page.Results {
		rows = append(rows, map[string]any{
			"attributes": map[string]string{"type": "Lead"}, "Tandem_Id__c": r.ID,
			"Email": strings.ToLower(strings.TrimSpace(r.Properties["email"])), "FirstName": r.Properties["firstname"], "LastName": r.Properties["lastname"],
			"Company": r.Properties["company"], "Title": r.Properties["jobtitle"], "City": r.Properties["city"], "Phone": r.Properties["phone"],
		})
	}
	return rows, page.Paging.Next.After, nil
}

func upsert(ctx context.Context, t *twins, token string, rows []map[string]any) error {
	body, err := json.Marshal(map[string]any{"allOrNone": false, "records": rows})
	if err != nil {
		return err
	}
	var results []struct {
		Success bool `json:"success"`
	}
	return request{
		method: http.MethodPatch, address: t.Sales + "/services/data/v67.0/composite/sobjects/Lead/Tandem_Id__c",
		token: token, kind: "application/json", body: body,
	}.do(ctx, &results)
}

// request is one plain call, without a retry.
type request struct {
	method, address string
	token, kind     string // the bearer token and the body's media type, "" for none
	body            []byte
}

// do sends the request and reads the answer into a value, or nowhere if nil.
func (r request) do(ctx context.Context, into any) error {
	req, err := http.NewRequestWithContext(ctx, r.method, r.address, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // the yardstick is what one would write without us
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s answered %d", r.method, resp.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
