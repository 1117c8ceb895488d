package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func TestDoAndStream(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer key-123456" || r.Header.Get("User-Agent") != "Tandem/9.9" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":9007199254740993,"q":"`+r.URL.RawQuery+`","path":"`+r.URL.EscapedPath()+`"}`)
	}))
	t.Cleanup(srv.Close)
	c, err := httpapi.New(httpapi.Env{AllowLoopback: true, Version: "9.9"}, httpapi.Profile{Vendor: "x"}, "crm", srv.URL+"/base/",
		httpapi.ServiceKey(secret.New("key-123456")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var into struct {
		ID   any    `json:"id"`
		Q    string `json:"q"`
		Path string `json:"path"`
	}
	res, err := c.Do(t.Context(), httpapi.Request{Path: "/a%2Fb?x=1", Query: map[string][]string{"y": {"2"}}, Op: "read", Into: &into})
	if err != nil || res.Status != http.StatusOK || res.ServerTime.IsZero() {
		t.Fatal(err, res)
	}
	if got := into.Path + "?" + into.Q; got != "/base/a%2Fb?x=1&y=2" {
		t.Errorf("called %s", got)
	}
	if n, ok := into.ID.(interface{ String() string }); !ok || n.String() != "9007199254740993" {
		t.Errorf("the number became %v", into.ID)
	}
	var got string
	_, err = c.Stream(t.Context(), httpapi.Request{Path: "/s", Op: "stream"}, func(r io.Reader) error {
		b, err := io.ReadAll(r)
		got = string(b)
		return err
	})
	if err != nil || len(got) < 20 {
		t.Errorf("streamed %q, %v", got, err)
	}
}
