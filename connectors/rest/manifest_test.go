package rest_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
)

// TestMistakes tells each mistake with its line and what was probably meant.
func TestMistakes(t *testing.T) {
	const good = `base_url: https://api.example.com
auth: {token: "${env:KEY}"}
vars: {region: eu}
manifest:
  auth: {kind: bearer}
  vars: {region: "two letters"}
  check: {path: "/{vars.region}/me"}
  times: {rows: iso}
  errors:
    rules:
      - {status: [429], class: rate_limited}
  objects:
    people:
      updated_at: updated_at
      fields:
        email: {kind: email}
        team: {kind: reference, refers_to: teams}
      list: {path: /people, query: {since: "{since}", page: "{page}"}, paging: {by: page}}
      lookup: {path: /people, query: {email: "{value}"}, keys: [email]}
      create: {path: /people, body: "{fields}"}
      update: {path: "/people/{id}", body: "{fields}"}
      check_unique: [email]
    teams:
      fields: {name: {}}
      list: {path: /teams}
`
	if _, problems := tryBuild(t, connectors.Env{}, good, "KEY", "k"); len(problems) > 0 {
		t.Fatalf("the manifest without a mistake: %v", problems)
	}
	for _, c := range []struct{ old, wrong, want string }{
		{"  check:", "  chek:", `rest.yaml:7:3: error: unknown key "chek" (did you mean "check"?)`},
		{"paging: {by: page}", "paging: {by: pages}", `"pages" is not one of`},
		{"paging: {by: page}", "pagin: {by: page}", `rest.yaml:18:72: error: unknown key "pagin" (did you mean "paging"?)`},
		{"{since}", "{sinc}", `there is no placeholder {sinc} here (did you mean "since"?)`},
		{"{vars.region}", "{vars.regoin}", `there is no placeholder {vars.regoin} here (did you mean "vars.region"?)`},
		{"{since}", "{since", "a placeholder is not closed"},
		{"{since}", "{since:txt}", `there is no form "txt"`},
		{`page: "{page}"`, `page: 1`, "paging by page, but the call does not use {page}"},
		{"{by: page}", "{by: cursor}", "paging by cursor needs next"},
		{"{by: page}", "{by: keyset}", "does not use {last.id}"},
		{"{by: page}", "{by: page, start: one}", "start must be a whole number"},
		{"{by: page}", "{by: page, until: short}", "until: short needs {size}"},
		{"{kind: email}", "{kind: mail}", `"mail" is not one of`},
		{"refers_to: teams", "refers_to: team", `there is no object "team" (did you mean "teams"?)`},
		{"keys: [email]", "keys: [e-mail]", `the key "e-mail" is no field`},
		{"check_unique: [email]", "check_unique: [phone]", `"phone" cannot be looked up`},
		{`"/people/{id}"`, "/people", "nothing in the call says which record is meant"},
		{"/people, body:", "\"/people?x=1\", body:", "parameters stand under query"},
		{"/people, body:", "https://evil.example/people, body:", "must be a path below the base URL"},
		{"      updated_at: updated_at\n", "", "needs updated_at"},
		{"rows: iso", "rows: 2006-01-02", "yyyy-mm-dd"},
		{"class: rate_limited", "class: ratelimited", `(did you mean "rate_limited"?)`},
		{"{status: [429], class", "{class", "it would fit every failure"},
		{"status: [429],", "status: [429], at: code,", "add is or has"},
		{"token: \"${env:KEY}\"", "username: me", "which needs auth.token"},
		{`{token: "${env:KEY}"}`, `{token: abcdef}`, "a secret must not be written in the configuration"},
		{"vars: {region: eu}", "vars: {regoin: eu}", `(did you mean "region"?)`},
		{"base_url: https://api.example.com\n", "", `"base_url" is required`},
		{"base_url: https", "base_url: http", "must begin with https://"},
		{"{kind: bearer}", "{kind: header}", "needs the name of the header"},
		{"{kind: bearer}", "{kind: oauth2, token_url: http://x}", "needs token_url"},
		{`"/{vars.region}/me"`, `/me, headers: {Authorization: x}`, "credentials stand under auth"},
		{"body: \"{fields}\"}\n      update", "batch: 10, body: \"{fields}\"}\n      update", "a batch needs row"},
		{"manifest:\n", "manifest: nowhere.yaml\nmanifest_of:\n", `unknown key "manifest_of"`},
	} {
		t.Run(c.wrong, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.wrong, 1)
			if text == good {
				t.Fatal("the mistake is not in the text")
			}
			_, problems := tryBuild(t, connectors.Env{}, text, "KEY", "k")
			if !problems.HasErrors() || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("got %q, want %q", problems.Error(), c.want)
			}
		})
	}
	_, problems := tryBuild(t, connectors.Env{}, "manifest: nowhere.yaml\nbase_url: https://api.example.com\n")
	if !strings.Contains(problems.Error(), "no readable file nowhere.yaml") {
		t.Errorf("a manifest that is not there: %v", problems)
	}
}
