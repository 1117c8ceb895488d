package hubspotsim_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

const benchPeople = 200_000

func benchPortal(b *testing.B) (ask func(method, path, body string) int, first int64) {
	b.Helper()
	tw := hubspotsim.New(hubspotsim.Options{})
	first, err := tw.BulkSeed("contacts", []string{"email", "firstname", "lastname", "city", "phone", "lifecyclestage"}, benchPeople, func(i int, row []string) {
		n := strconv.Itoa(i)
		row[0], row[1], row[2], row[3], row[4], row[5] = "p"+n+"@example.com", "First"+n, "Last"+n, "Ulm", "+49731"+n, "lead"
	})
	if err != nil {
		b.Fatal(err)
	}
	handler, token := tw.Handler(), tw.Credentials().AccessToken
	return func(method, path, body string) int {
		req := httptest.NewRequestWithContext(b.Context(), method, path, bytes.NewReader([]byte(body)))
		req.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		if rec.Code >= http.StatusMultipleChoices {
			b.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
		n, _ := io.Copy(io.Discard, rec.Body)
		return int(n)
	}, first
}

// BenchmarkPages measures what 200,000 people cost a page: the portal must
// never be what a benchmark of the daemon waits for.
func BenchmarkPages(b *testing.B) {
	ask, first := benchPortal(b)
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	mid := strconv.FormatInt(first+benchPeople/2, 10)
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			ask("GET", contactsPath+"?limit=100&properties=email,firstname,lastname&after="+mid, "")
		}
		b.ReportMetric(float64(mem.HeapAlloc>>20), "MB")
	})
	for name, body := range map[string]string{
		"search modified and id": `{"limit":200,"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE","value":"1000"},{"propertyName":"hs_object_id","operator":"GT","value":"` + mid + `"}]}],"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],"properties":["email"]}`,
		"search modified":        `{"limit":200,"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE","value":"1000"}]}],"sorts":[{"propertyName":"lastmodifieddate","direction":"ASCENDING"}],"properties":["email"]}`,
		"search nothing new":     `{"limit":200,"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GT","value":"9000000000000"}]}],"sorts":[{"propertyName":"lastmodifieddate","direction":"ASCENDING"}]}`,
		"search e-mail":          `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"EQ","value":"p777@example.com"}]}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask("POST", contactsPath+"/search", body)
			}
		})
	}
}

// BenchmarkUpdates measures writes of a hundred among 200,000.
func BenchmarkUpdates(b *testing.B) {
	ask, first := benchPortal(b)
	n := 0
	for b.Loop() {
		body := []byte(`{"inputs":[`)
		for i := range 100 {
			if i > 0 {
				body = append(body, ',')
			}
			n++
			body = append(body, `{"id":"`+strconv.FormatInt(first+int64(n*37%benchPeople), 10)+`","properties":{"city":"Bonn`+strconv.Itoa(n)+`"}}`...)
		}
		ask("POST", contactsPath+"/batch/update", string(append(body, "]}"...)))
	}
}
