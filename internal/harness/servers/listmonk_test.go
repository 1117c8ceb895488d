package servers_test

import (
	"net/smtp"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/internal/harness/servers"
)

func TestMailbox(t *testing.T) {
	m := servers.NewMailbox(t)
	text := "Subject: Hello\r\n\r\nFirst\r\n.dot\r\n"
	if err := smtp.SendMail(m.Addr, nil, "a@example.com", []string{"b@example.com"}, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if got := m.Await(t.Context(), "Hello"); got != strings.ReplaceAll(text, "\r", "") {
		t.Errorf("taken was %q", got)
	}
}

// A listmonk answers, and again after it was stopped and after it was killed.
func TestListmonk(t *testing.T) {
	s := servers.Listmonk(t, servers.ListmonkOptions{})
	for _, end := range []func(){s.Stop, s.Kill} {
		if !servers.Answers(t.Context(), strings.Replace(s.URL, "://", "://listmonk:listmonk@", 1)+"/api/lists") {
			t.Errorf("it does not answer:\n%s", s.Log())
		}
		end()
		s.Restart(t)
	}
}
