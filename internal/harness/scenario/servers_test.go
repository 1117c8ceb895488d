package scenario_test

import (
	"testing"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
	"github.com/tandem-sync/tandem/internal/harness/servers"
)

// TestServers tells the story between a real listmonk and a real Tryton, over
// connections that get cut, with servers that start again in between.
func TestServers(t *testing.T) {
	lists, crm := servers.Listmonk(t, servers.ListmonkOptions{}), servers.Tryton(t)
	proxy := servers.NewToxiproxy(t)
	toLists, toCRM := proxy.Link(t, lists.URL), proxy.Link(t, crm.URL)
	person := ends.TrytonLogin{User: crm.Person, Password: crm.PersonPass}
	tandem := ends.TrytonLogin{User: crm.Tandem, Password: crm.TandemPass}
	scenario.Run(t, scenario.Build(t), scenario.Pair{
		Marketing: ends.Listmonk(lists.URL, lists.User, lists.Password, lists.Mailbox.Mails),
		Sales:     ends.Tryton(crm.URL, crm.Database, person, tandem),
		Via:       map[string]string{lists.URL: toLists.URL, crm.URL: toCRM.URL},
		Patience:  2 * time.Minute,
		Disturb: func(t *testing.T) {
			t.Helper()
			toCRM.Poison(t, 2*time.Second, "limit_data", map[string]int{"bytes": 200})
			toLists.Poison(t, 2*time.Second, "latency", map[string]int{"latency": 500, "jitter": 400})
			toLists.Poison(t, 2*time.Second, "reset_peer", map[string]int{"timeout": 20})
			lists.Restart(t)
			crm.Kill()
			toCRM.Down(t, 2*time.Second)
			crm.Restart(t)
		},
	})
}
