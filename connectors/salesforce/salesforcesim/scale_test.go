package salesforcesim_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// BenchmarkRead reads one keyset page out of 200,000 leads.
func BenchmarkRead(b *testing.B) {
	twin, bytes := large(b, 200000)
	defer func() { b.ReportMetric(bytes, "B/lead") }()
	path := "/services/data/v67.0/query?q=SELECT+Id,Name,Email,SystemModstamp+FROM+Lead+WHERE+SystemModstamp+%3E=+2026-11-02T06:00:00Z+ORDER+BY+SystemModstamp,Id+LIMIT+2000"
	serveBench(b, twin, path)
}

// BenchmarkLookUp finds 200 leads by e-mail out of 200,000.
func BenchmarkLookUp(b *testing.B) {
	twin, _ := large(b, 200000)
	emails := make([]string, 200)
	for i := range emails {
		emails[i] = fmt.Sprintf("'p%d@example.com'", i*777)
	}
	serveBench(b, twin, "/services/data/v67.0/query?q=SELECT+Id+FROM+Lead+WHERE+Email+IN+("+strings.Join(emails, ",")+")")
}

func large(b *testing.B, n int) (*salesforcesim.Twin, float64) {
	b.Helper()
	twin, err := salesforcesim.New(salesforcesim.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	i, base := 0, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	_, _, err = twin.BulkSeed("Lead", []string{"LastName", "FirstName", "Company", "Email", "Phone", "City", "LeadSource"}, func() (salesforcesim.SeedRow, bool) {
		i++
		k := strconv.Itoa(i)
		return salesforcesim.SeedRow{Values: []string{"Person " + k, "Ada", "Acme " + k, "p" + k + "@example.com", "+49 30 " + k, "Berlin", "Web"}, Created: base.Add(time.Duration(i) * time.Second)}, i <= n
	})
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	return twin, float64(after.HeapAlloc-before.HeapAlloc) / float64(n)
}

func serveBench(b *testing.B, twin *salesforcesim.Twin, path string) {
	b.Helper()
	if err := twin.Start(""); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = twin.Close() }()
	token := twin.AccessToken()
	hc := &http.Client{}
	defer hc.CloseIdleConnections()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, twin.URL()+path, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := hc.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(err, resp)
		}
		buf := make([]byte, 1<<16)
		for err == nil {
			_, err = resp.Body.Read(buf)
		}
		_ = resp.Body.Close()
	}
}
