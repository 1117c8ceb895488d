package app_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// seeded is twins with a few people on the marketing side.
func seeded(t *testing.T, o hubspotsim.Options) *twins {
	t.Helper()
	tw := newTwinsWith(t, o)
	for _, name := range []string{"ann", "ben", "cem"} {
		if _, err := tw.hub.Create("contacts", map[string]string{"email": name + "@acme.example", "firstname": name, "lastname": "Doe", "hs_lead_status": "OPEN"}); err != nil {
			t.Fatal(err)
		}
	}
	return tw
}

// oauth lets the marketing side be called by an app whose refresh tokens are
// good for one use.
func (tw *twins) oauth() {
	file := tw.files["connectors/hubspot.yaml"]
	file.Data = bytes.Replace(file.Data, []byte(`{service_key: "${env:HUB_KEY}"}`),
		[]byte(`{client_id: "`+tw.hub.Credentials().ClientID+`", client_secret: "${env:HUB_SECRET}", refresh_token: "${env:HUB_REFRESH}"}`), 1)
}

func (tw *twins) plan(a *app.App) (*syncer.Plan, error) {
	tw.t.Helper()
	c, err := a.Engine.NewCycle(tw.t.Context(), "plan", syncer.Scope{})
	if err != nil {
		tw.t.Fatal(err)
	}
	if err := c.Pull(tw.t.Context()); err != nil {
		return nil, err
	}
	for _, p := range c.Pulled() {
		if p.Err != nil {
			return nil, p.Err
		}
	}
	return c.Plan(tw.t.Context(), syncer.PlanScope{All: true, Out: filepath.Join(tw.t.TempDir(), "plan.jsonl")})
}

func (tw *twins) expire() {
	tw.t.Helper()
	req, err := http.NewRequestWithContext(tw.t.Context(), http.MethodPost, tw.hub.URL()+"/__sim/expire_tokens", http.NoBody)
	if err != nil {
		tw.t.Fatal(err)
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		tw.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode >= http.StatusMultipleChoices {
		tw.t.Fatal(res.Status, err)
	}
}

func (tw *twins) close(a *app.App) {
	tw.t.Helper()
	if err := a.Close(); err != nil {
		tw.t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(tw.state, "scratch-*")); len(left) > 0 {
		tw.t.Errorf("left behind: %q", left)
	}
}

// facts is what the ledger's small facts and runs are.
func facts(t *testing.T, a *app.App) string {
	t.Helper()
	var b strings.Builder
	err := a.Ledger.View(t.Context(), func(r ledger.Reader) error {
		for _, key := range []string{"revision/applied", "revision/derived"} {
			v, err := r.Meta.Get(t.Context(), key)
			if err != nil {
				return err
			}
			b.Write(v)
		}
		runs, err := r.Meta.Runs(t.Context(), 100)
		for _, run := range runs {
			b.WriteString(run.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPlanOfAnotherConfigurationLeavesTheLedgerAlone(t *testing.T) {
	tw := seeded(t, hubspotsim.Options{})
	owner := tw.open()
	tw.cycle(owner)
	tw.cycle(owner)
	before := facts(t, owner)
	file := tw.files["connectors/salesforce.yaml"]
	file.Data = append(file.Data, "      - {remote: City, out: '\"here\"', direction: out}\n"...)

	beside := tw.opened(app.OpenToLook)
	p, err := tw.plan(beside)
	if err != nil {
		t.Fatal(err)
	}
	if p.Rows != 3 || p.Revision == owner.Engine.Revision {
		t.Errorf("%d rows for revision %s", p.Rows, p.Revision)
	}
	tw.close(beside)
	if facts(t, owner) != before {
		t.Error("the plan changed the ledger")
	}
	if out := tw.cycle(owner); out.Pushed.Applied != 0 {
		t.Errorf("after the plan %d rows were written under the old configuration", out.Pushed.Applied)
	}
	tw.close(owner)

	// The same without an owner; the plan made there can be applied.
	alone := tw.opened(app.OpenToLook)
	if p, err = tw.plan(alone); err != nil || p.Rows != 3 {
		t.Fatalf("%+v %v", p, err)
	}
	c, err := tw.applying(alone, p)
	if err != nil || c.Pushed.Updated != 3 {
		t.Errorf("%+v %v", c, err)
	}
}

// applying closes what made the plan, as the command does, and applies it.
func (tw *twins) applying(made *app.App, p *syncer.Plan) (syncer.Outcome, error) {
	tw.t.Helper()
	tw.close(made)
	approved, err := syncer.OpenPlan(p.Path)
	if err != nil {
		tw.t.Fatal(err)
	}
	a := tw.open()
	defer tw.close(a)
	c, err := a.Engine.NewCycle(tw.t.Context(), "apply", syncer.Scope{})
	if err != nil {
		tw.t.Fatal(err)
	}
	return c.Apply(tw.t.Context(), approved, syncer.Narrow{})
}

func TestLookingNeverSpendsARefreshToken(t *testing.T) {
	tw := seeded(t, hubspotsim.Options{RotateRefreshTokens: true})
	tw.oauth()
	owner := tw.open()
	tw.cycle(owner)
	for range 2 {
		beside := tw.opened(app.OpenToLook)
		if _, err := tw.plan(beside); err != nil {
			t.Fatal(err)
		}
		tw.close(beside)
	}
	tw.expire()
	if beside, err := app.OpenToLook(t.Context(), tw.options()); err == nil {
		t.Error("an expired token opened the system")
		tw.close(beside)
	} else if !strings.Contains(err.Error(), "after its next cycle") {
		t.Errorf("it says %v", err)
	}
	if out := tw.cycle(owner); out.Outcome != "ok" {
		t.Errorf("the owner's log-in is lost: %+v", out)
	}
	beside := tw.opened(app.OpenEmpty)
	if _, err := tw.plan(beside); err != nil {
		t.Error(err)
	}
	tw.close(beside)
	tw.close(owner)
}

func TestLogInsOutliveAnAudit(t *testing.T) {
	tw := seeded(t, hubspotsim.Options{RotateRefreshTokens: true})
	tw.oauth()
	for range 2 { // the second must know the refresh token that the first was given
		a := tw.opened(app.OpenEmpty)
		if p, err := tw.plan(a); err != nil || p.Rows != 3 {
			t.Fatalf("%+v %v", p, err)
		}
		tw.close(a)
		tw.expire()
	}
	if _, err := app.Look(t.Context(), tw.options()); err != nil {
		t.Error(err)
	}
}
