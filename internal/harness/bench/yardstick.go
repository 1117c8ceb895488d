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
	if err := t.reset(); err != nil {
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
	return []phase{p}, p.count(t)
}

func salesToken(ctx context.Context, t *twins) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.ClientID}, "client_secret": {t.Secret}}
	var out struct {
		Token string `json:"access_token"`
	}
	return out.Token, call(ctx, http.MethodPost, t.Sales+"/services/oauth2/token", "", "application/x-www-form-urlencoded", []byte(form.Encode()), &out)
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
	if err := call(ctx, http.MethodGet, t.Hub+"/crm/objects/2026-03/contacts?"+q.Encode(), t.Token, "", nil, &page); err != nil {
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
	return call(ctx, http.MethodPatch, t.Sales+"/services/data/v67.0/composite/sobjects/Lead/Tandem_Id__c", token, "application/json", body, &results)
}

func call(ctx context.Context, method, address, token, kind string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // the yardstick is what one would write without us
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s answered %d", method, resp.StatusCode)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
