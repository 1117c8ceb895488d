package hubspotsim

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

var versionSegment = regexp.MustCompile(`^(v[1-4]|20(25-09|26-03|26-09)(-beta)?)$`)

// unversioned takes the version out of a path, wherever its family puts it, so
// that /crm/v3/objects/contacts and /crm/objects/2026-03/contacts are one.
func unversioned(path string) string {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, part := range parts {
		if i <= 3 && versionSegment.MatchString(part) {
			return strings.Join(append(parts[:i:i], parts[i+1:]...), "/")
		}
	}
	return path
}

// canonical returns the request under its unversioned path; false means that
// it names no version HubSpot serves.
func canonical(r *http.Request) (*http.Request, bool) {
	escaped := r.URL.EscapedPath()
	path := unversioned(escaped)
	if path == escaped && path != "/oauth/authorize" {
		return r, false
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return r, false
	}
	u := *r.URL
	u.Path, u.RawPath = plain, path
	same := r.WithContext(r.Context())
	same.URL = &u
	return same, true
}

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Hubspot-Correlation-Id", newUUID())
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat)) // readers tell the portal's time by it
	same, ok := canonical(r)
	if !ok {
		notFound().write(w)
		return
	}
	t.mux.ServeHTTP(w, same)
}

func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	same, _ := canonical(r)
	_, pattern := t.mux.Handler(same)
	if pattern == "" || pattern == "/" {
		return simkit.Read, "unknown"
	}
	method, route, _ := strings.Cut(pattern, " ")
	return classOf(method, route), route
}

func classOf(method, route string) simkit.Class {
	switch {
	case strings.HasPrefix(route, "/oauth/"):
		return simkit.Auth
	case method == http.MethodGet, strings.HasSuffix(route, "/search"), strings.HasSuffix(route, "/read"):
		return simkit.Read
	}
	return simkit.Write
}

// handle answers a route under the lock its class needs; scope is what the
// caller must have, with {object} for the object's own.
func (t *Twin) handle(pattern, scope string, fn func(*call) error) {
	method, route, _ := strings.Cut(pattern, " ")
	class := classOf(method, route)
	t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		c := &call{t: t, w: w, r: r, class: class, search: strings.HasSuffix(route, "/search") && strings.HasPrefix(route, "/crm/objects")}
		if err := c.enter(scope); err != nil {
			c.refuse(err)
			return
		}
		if err := c.run(fn); err != nil {
			c.refuse(err)
			return
		}
		c.send()
	})
}

func (t *Twin) routes() {
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound().write(w) })
	t.objectRoutes()
	t.associationRoutes()
	t.schemaRoutes()
	t.accountRoutes()
	t.marketingRoutes()
	t.consentRoutes()
	t.oauthRoutes()
}
