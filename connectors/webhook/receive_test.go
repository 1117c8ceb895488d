package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/webhook"
)

const oneForm = "\nforms: {f: {id: id, fields: [{name: email, kind: email}]}}\n"

const body = `{"id":"1","email":"canary.bird@private.example"}`

func mac(key, text string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	_, _ = m.Write([]byte(text))
	return m.Sum(nil)
}

func TestOnlyWhatIsProvenIsKept(t *testing.T) {
	const stamped = `signature: {header: X-Sig, part: v1, signed: "{timestamp}.{body}", timestamp: {part: t}, secret: "${env:FORM_SECRET}"}`
	now := time.Now()
	unix := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	parts := func(stamp, signed string) string {
		return "t=" + stamp + ", v1=" + hex.EncodeToString(mac(formSecret, signed+"."+body))
	}
	plain := `signature: {header: X-Sig, secret: "${env:FORM_SECRET}"}`
	based := `signature: {header: X-Sig, secret: "${env:FORM_SECRET}", previous: "${env:OLD}", prefix: sha256=, encoding: base64}`
	timed := `signature: {header: X-Sig, secret: "${env:FORM_SECRET}", signed: "v0:{timestamp}:{body}", timestamp: {header: X-Time, format: unix_ms, tolerance: 1m}}`
	millis := strconv.FormatInt(now.UnixMilli(), 10)
	token := `token: {header: Authorization, prefix: "Bearer ", secret: "${env:TOKEN}", previous: "${env:OLD}"}`
	tests := map[string]struct {
		yaml, header, value string
		good                bool
	}{
		"hex":                        {plain, "X-Sig", hex.EncodeToString(mac(formSecret, body)), true},
		"hex in capitals":            {plain, "X-Sig", strings.ToUpper(hex.EncodeToString(mac(formSecret, body))), true},
		"another key":                {plain, "X-Sig", hex.EncodeToString(mac("another", body)), false},
		"another body":               {plain, "X-Sig", hex.EncodeToString(mac(formSecret, body+" ")), false},
		"an empty key":               {plain, "X-Sig", hex.EncodeToString(mac("", body)), false},
		"half of it":                 {plain, "X-Sig", hex.EncodeToString(mac(formSecret, body))[:32], false},
		"no hex":                     {plain, "X-Sig", "signature", false},
		"none":                       {plain, "X-Other", "x", false},
		"base64":                     {based, "X-Sig", "sha256=" + base64.StdEncoding.EncodeToString(mac(formSecret, body)), true},
		"base64, the key before":     {based, "X-Sig", "sha256=" + base64.StdEncoding.EncodeToString(mac("the secret before that one", body)), true},
		"base64 without prefix":      {based, "X-Sig", base64.StdEncoding.EncodeToString(mac(formSecret, body)), false},
		"hex instead of base64":      {based, "X-Sig", "sha256=" + hex.EncodeToString(mac(formSecret, body)), false},
		"in parts":                   {stamped, "X-Sig", parts(unix(0), unix(0)), true},
		"in parts, a little late":    {stamped, "X-Sig", parts(unix(-4*time.Minute), unix(-4*time.Minute)), true},
		"in parts, a little early":   {stamped, "X-Sig", parts(unix(4*time.Minute), unix(4*time.Minute)), true},
		"sent again":                 {stamped, "X-Sig", parts(unix(-6*time.Minute), unix(-6*time.Minute)), false},
		"sent again with a new time": {stamped, "X-Sig", parts(unix(0), unix(-6*time.Minute)), false},
		"from the future":            {stamped, "X-Sig", parts(unix(time.Hour), unix(time.Hour)), false},
		"no time":                    {stamped, "X-Sig", "v1=" + hex.EncodeToString(mac(formSecret, "."+body)), false},
		"a time that is none":        {stamped, "X-Sig", parts("soon", "soon"), false},
		"time in a header":           {timed, "X-Sig", hex.EncodeToString(mac(formSecret, "v0:"+millis+":"+body)), true},
		"token":                      {token, "Authorization", "Bearer a shared secret for a header", true},
		"token before":               {token, "Authorization", "Bearer the secret before that one", true},
		"token without prefix":       {token, "Authorization", "a shared secret for a header", false},
		"wrong token":                {token, "Authorization", "Bearer x", false},
		"empty token":                {token, "Authorization", "Bearer ", false},
		"token, no signature":        {plain + "\n" + token, "Authorization", "Bearer a shared secret for a header", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kept := &inbox{}
			c := build(t, connectors.Env{Inbox: kept}, test.yaml+oneForm)
			err := c.Receive(t.Context(), post(body, "X-Time", millis, test.header, test.value))
			if test.good != (err == nil) || test.good != (len(kept.kept) == 1) {
				t.Fatalf("kept %d: %v", len(kept.kept), err)
			}
			if err == nil {
				return
			}
			if !fault.Is(err, fault.Auth) {
				t.Errorf("it is refused as %v", err)
			}
			for _, private := range []string{"canary", formSecret, "shared"} {
				if strings.Contains(err.Error(), private+"@") || strings.Contains(err.Error(), formSecret) || strings.Contains(err.Error(), "canary") {
					t.Errorf("the error shows %s", private)
				}
			}
		})
	}
}

func TestPostsThatCannotBeRead(t *testing.T) {
	tests := map[string]struct {
		d    connectors.Delivery
		want fault.Class
	}{
		"text":              {post(body, "Content-Type", "text/plain"), fault.Unsupported},
		"no type":           {post(body, "Content-Type", ""), fault.Unsupported},
		"several parts":     {post(body, "Content-Type", "multipart/form-data; boundary=x"), fault.Unsupported},
		"compressed":        {post(body, "Content-Encoding", "gzip"), fault.Unsupported},
		"half of JSON":      {post(body[:20]), fault.Invalid},
		"two in one":        {post(body + body), fault.Invalid},
		"nothing":           {post(""), fault.Invalid},
		"no encoded form":   {post("%zz", "Content-Type", "application/x-www-form-urlencoded"), fault.Invalid},
		"an encoded form":   {post("id=1&email=a%40x.example", "Content-Type", "application/x-www-form-urlencoded"), fault.Unclassified},
		"JSON of a dialect": {post(body, "Content-Type", "application/cloudevents+json"), fault.Unclassified},
	}
	for name, test := range tests {
		kept := &inbox{}
		err := build(t, connectors.Env{Inbox: kept}, formsYAML).Receive(t.Context(), test.d)
		if fault.ClassOf(err) != test.want || (err == nil) != (len(kept.kept) == 1) {
			t.Errorf("%s: kept %d, %v", name, len(kept.kept), err)
		}
	}
}

func TestAPostIsKeptOnceByItsKey(t *testing.T) {
	other := `{"id":"2","email":"b@x.example","event":"e1"}`
	tests := map[string]struct {
		key  string
		a, b connectors.Delivery
		want int
	}{
		"digest, the same":    {"", post(body), post(body), 1},
		"digest, others":      {"", post(body), post(other), 2},
		"header, the same":    {"key: {header: X-Id}", post(body, "X-Id", "1"), post(other, "X-Id", "1"), 1},
		"header, others":      {"key: {header: X-Id}", post(body, "X-Id", "1"), post(body, "X-Id", "2"), 2},
		"header, not sent":    {"key: {header: X-Id}", post(body), post(other), 2},
		"path, the same":      {"key: {path: event}", post(other), post(`{"id":"3","event":"e1"}`), 1},
		"path, not there":     {"key: {path: event}", post(body), post(`{"id":"3"}`), 2},
		"path is no header":   {"key: {path: id}", post(`{"id":"1","x":1}`), post(`{"id":"1","x":2}`), 1},
		"an empty id is none": {"key: {path: id}", post(`{"id":"","x":1}`), post(`{"id":"","x":2}`), 2},
	}
	for name, test := range tests {
		kept := &inbox{}
		c := build(t, connectors.Env{Inbox: kept}, test.key+formsYAML)
		for _, d := range []connectors.Delivery{test.a, test.b, test.a} {
			if err := c.Receive(t.Context(), d); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if len(kept.kept) != test.want {
			t.Errorf("%s: %d are kept, want %d", name, len(kept.kept), test.want)
		}
		for _, d := range kept.kept {
			if len(d.Key) != 64 {
				t.Errorf("%s: the key is %q", name, d.Key)
			}
		}
	}
}

func TestWhatIsNotKeptIsNotTaken(t *testing.T) {
	for name, kept := range map[string]connectors.Inbox{"no inbox": nil, "a full disk": &inbox{err: errors.New("full: canary")}} {
		err := build(t, connectors.Env{Inbox: kept}, formsYAML).Receive(t.Context(), post(body))
		if !fault.Is(err, fault.Transient) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTooManyPostsAreToldToComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &inbox{}
		c := build(t, connectors.Env{Inbox: kept}, "rate: 5"+formsYAML)
		send := func(n int) (taken int) {
			for i := range n {
				switch err := c.Receive(t.Context(), post(`{"id":"`+strconv.Itoa(len(kept.kept)+i)+`"}`)); {
				case err == nil:
					taken++
				case !fault.Is(err, fault.RateLimited):
					t.Fatal(err)
				}
				if err := c.Receive(t.Context(), post(body, "X-Signature", "00")); !fault.Is(err, fault.Auth) {
					t.Fatal("a forged post takes of the pace: ", err)
				}
			}
			return taken
		}
		if n := send(50); n != 10 {
			t.Errorf("%d were taken at once", n)
		}
		<-time.After(time.Second)
		if n := send(50); n != 5 {
			t.Errorf("%d were taken a second later", n)
		}
	})
}

func TestConfigurationMistakesHaveAPlace(t *testing.T) {
	const sig = `signature: {header: X, secret: "${env:FORM_SECRET}"`
	tests := map[string]string{
		"forms: {f: {fields: [{name: a}]}}":                                                      "nothing proves who posts",
		"signature: {header: X}" + oneForm:                                                       "needs both header and secret",
		"token: {secret: \"${env:TOKEN}\"}" + oneForm:                                            "needs both header and secret",
		"token: {header: X, secret: abc}" + oneForm:                                              "must not be written",
		"token: {header: X, secret: \"${env:NONE}\"}" + oneForm:                                  "is not set",
		sig + ", signed: x}" + oneForm:                                                           "must contain {body}",
		sig + ", timestamp: {header: X-Time}}" + oneForm:                                         "only if it is signed",
		sig + ", signed: \"{timestamp}{body}\"}" + oneForm:                                       "only if it is signed",
		sig + ", encoding: base32}" + oneForm:                                                    "not one of",
		sig + ", signed: \"{timestamp}{body}\", timestamp: {part: t, tolerance: 48h}}" + oneForm: "tolerance",
		sig + "}\nmax_body: 1" + oneForm:                                                         "out of its bounds",
		sig + "}\nretention: 1m" + oneForm:                                                       "out of its bounds",
		sig + "}\nzone: Berlin" + oneForm:                                                        "not a time zone",
		sig + "}\nkey: {header: X, path: y}" + oneForm:                                           "not both",
		sig + "}\nkey: {path: a..b}" + oneForm:                                                   "not a path",
		sig + "}\nforms: {f: {as: persn, fields: [{name: a}]}}":                                  "no canonical object",
		sig + "}\nforms: {f: {only: {path: a}, fields: [{name: a}]}}":                            "both path and is",
		sig + "}\nforms: {f: {fields: [{name: a}, {name: a}]}}":                                  "listed twice",
		sig + "}\nforms: {f: {fields: [{name: a, kind: emial}]}}":                                "no kind",
		sig + "}\nforms: {f: {fields: [{name: a, kind: date, format: q}]}}":                      "format",
		sig + "}\nforms: {f: {fields: [{name: a, path: \"a[\"}]}}":                               "not a path",
		sig + "}\nforms: {}":                                                                     "no form",
	}
	for yaml, want := range tests {
		node, problems := diag.Parse("forms.yaml", []byte(yaml))
		_, more := webhook.Factory().New(connectors.Env{Secrets: environment(map[string]string{"FORM_SECRET": formSecret, "TOKEN": "x"})}, node)
		if problems.Add(more...); !problems.HasErrors() || !strings.Contains(problems.Error(), want) || problems[0].Pos.Line == 0 {
			t.Errorf("%s: %v, want %q", yaml, problems, want)
		}
	}
}

func TestAWeakSecretIsToldAsAWarning(t *testing.T) {
	node, _ := diag.Parse("forms.yaml", []byte(`token: {header: X, secret: "${env:TOKEN}"}`+oneForm))
	c, problems := webhook.Factory().New(connectors.Env{Secrets: environment(map[string]string{"TOKEN": "short"})}, node)
	if c == nil || len(problems) != 1 || problems.HasErrors() || strings.Contains(problems.Error(), "short\"") {
		t.Errorf("%v", problems)
	}
}
