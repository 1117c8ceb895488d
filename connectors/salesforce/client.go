package salesforce

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// doer makes calls; it is httpapi's client.
type doer interface {
	Do(ctx context.Context, r httpapi.Request) (*httpapi.Response, error)
	Stream(ctx context.Context, r httpapi.Request, read func(io.Reader) error) (*httpapi.Response, error)
}

// api speaks Salesforce's REST API.
type api struct {
	client  doer
	version string
	who     *identity
}

// identity is whom the access token stands for, as the token reply tells.
type identity struct {
	mu        sync.Mutex
	org, user string
}

func (i *identity) learn(idURL string) {
	parts := strings.Split(strings.Trim(idURL, "/"), "/")
	if len(parts) < 2 || !isID(parts[len(parts)-1]) || !isID(parts[len(parts)-2]) {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.org, i.user = longID(parts[len(parts)-2]), longID(parts[len(parts)-1])
}

func (i *identity) get() (org, user string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.org, i.user
}

// queryReply is one page of a query.
type queryReply struct {
	TotalSize      int       `json:"totalSize"`
	Done           bool      `json:"done"`
	NextRecordsURL string    `json:"nextRecordsUrl"`
	Records        []jsonRow `json:"records"`

	at time.Time // Salesforce's clock
}

const (
	plainQuery = "query"
	allQuery   = "queryAll" // deleted and archived rows too
	pageBytes  = 64 << 20
)

// query asks for the first page of a query.
func (a *api) query(ctx context.Context, resource string, s selection) (*queryReply, error) {
	return a.page(ctx, httpapi.Request{Path: a.path(resource), Query: url.Values{"q": {s.String()}}, Op: "query " + s.object, Object: s.object})
}

// more asks for a further page by its locator.
func (a *api) more(ctx context.Context, resource, object, locator string) (*queryReply, error) {
	return a.page(ctx, httpapi.Request{Path: a.path(resource, locator), Op: "query more " + object, Object: object})
}

func (a *api) page(ctx context.Context, r httpapi.Request) (*queryReply, error) {
	var reply queryReply
	r.Method, r.Into, r.MaxBytes = http.MethodGet, &reply, pageBytes
	r.Header = http.Header{"Sforce-Query-Options": {"batchSize=" + strconv.Itoa(pageSize)}}
	res, err := a.client.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	reply.at = res.ServerTime
	return &reply, nil
}

// all reads a query to its end; only for what is known to be small.
func (a *api) all(ctx context.Context, resource string, s selection) ([]jsonRow, error) {
	reply, err := a.query(ctx, resource, s)
	if err != nil {
		return nil, err
	}
	rows := reply.Records
	for pages := 1; !reply.Done; pages++ {
		locator, err := nextLocator(reply)
		if err != nil {
			return nil, err
		}
		if locator == "" || pages > 100 {
			return nil, malformed("a query's page tells of another but not where it is")
		}
		if reply, err = a.more(ctx, resource, s.object, locator); err != nil {
			return nil, err
		}
		rows = append(rows, reply.Records...)
	}
	return rows, nil
}

// nextLocator takes the locator out of the next page's path. The path itself
// is never followed: a foreign one must not see our credentials.
func nextLocator(r *queryReply) (string, error) {
	if r.Done || r.NextRecordsURL == "" {
		return "", nil
	}
	u, err := url.Parse(r.NextRecordsURL)
	if err != nil || u.Host != "" || u.Scheme != "" {
		f := fault.New(fault.Forbidden, fault.ScopeSystem, "the next page's address leads to another host")
		f.Next = "check what stands between Tandem and Salesforce"
		return "", f
	}
	locator := path.Base(u.Path)
	if !locatorForm.MatchString(locator) {
		return "", malformed("the next page's address cannot be understood")
	}
	return locator, nil
}

func malformed(what string) error { return fault.New(fault.Malformed, fault.ScopeCall, "%s", what) }

func (a *api) path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = url.PathEscape(p)
	}
	return "/services/data/v" + a.version + "/" + strings.Join(escaped, "/")
}

// retrieve reads records by id, in their order; one that is not there is nil.
func (a *api) retrieve(ctx context.Context, object string, ids, fields []string) ([]jsonRow, error) {
	var rows []jsonRow
	_, err := a.client.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: a.path("composite", "sobjects", object), Idempotent: true, MaxBytes: pageBytes,
		Body: map[string]any{"ids": ids, "fields": fields}, Into: &rows, Op: "read " + object, Object: object,
	})
	if err != nil {
		return nil, err
	}
	if len(rows) != len(ids) {
		return nil, malformed("the answer has another number of records than asked for")
	}
	return rows, nil
}

func profile() httpapi.Profile {
	return httpapi.Profile{
		Vendor: "salesforce", Classify: classify, Observe: observe, MaxBytes: pageBytes,
		Limits: []httpapi.Limit{{Name: limitDaily, Period: 24 * time.Hour}},
	}
}

const limitDaily = "daily"

var usageForm = regexp.MustCompile(`\bapi-usage=(\d+)/(\d+)`)

// observe reads how many of the organisation's calls are left.
func observe(header http.Header) []httpapi.Seen {
	m := usageForm.FindStringSubmatch(header.Get("Sforce-Limit-Info"))
	if m == nil {
		return nil
	}
	used, err1 := strconv.Atoi(m[1])
	limit, err2 := strconv.Atoi(m[2])
	if err1 != nil || err2 != nil {
		return nil
	}
	seen := httpapi.Seen{Limit: limitDaily, Remaining: max(limit-used, 0)}
	// The day is a rolling one: some of it is free again before long.
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		seen.Reset = date.UTC().Add(exhaustedWait)
	}
	return []httpapi.Seen{seen}
}

// allowInstance tells whether a token reply may send us to this host.
func allowInstance(u *url.URL) bool {
	if u.Scheme != "https" || u.User != nil || u.Port() != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, domain := range []string{".salesforce.com", ".salesforce.mil", ".force.com", ".cloudforce.com", ".sfcrmproducts.cn"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
