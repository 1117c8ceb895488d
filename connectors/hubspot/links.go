package hubspot

import (
	"context"
	"strings"
)

// link is one associated record.
type link struct {
	id      string
	label   string
	primary bool
}

// main picks the record a reference shows: the primary one, else the oldest.
func mainLink(links []link) string {
	var best link
	for _, l := range links {
		switch {
		case best.id == "", l.primary && !best.primary, l.primary == best.primary && idNumber(l.id) < idNumber(best.id):
			best = l
		}
	}
	return best.id
}

func (r *row) setLinks(to string, links []link) {
	if r.links == nil {
		r.links, r.all = map[string]string{}, map[string][]link{}
	}
	r.links[to], r.all[to] = mainLink(links), links
}

// listedLinks takes over the associations that came with a list. HubSpot names
// the primary company's type as the plain pair and all others "_unlabeled".
func (r *row) listedLinks(wanted []string) {
	for _, to := range wanted {
		var links []link
		unlabeled := false
		for _, l := range r.Linked[to].Results {
			unlabeled = unlabeled || strings.HasSuffix(l.Type, "_unlabeled")
		}
		for _, l := range r.Linked[to].Results {
			links = append(links, link{id: l.ID.s, primary: unlabeled && !strings.HasSuffix(l.Type, "_unlabeled")})
		}
		r.setLinks(to, links)
	}
}

type idInput struct {
	ID string `json:"id"`
}

type idInputs struct {
	Inputs []idInput `json:"inputs"`
}

func inputsOf(ids []string) []idInput {
	in := make([]idInput, len(ids))
	for i, id := range ids {
		in[i] = idInput{id}
	}
	return in
}

// readLinks asks for the associations of rows that came without: search and
// batch read carry none.
func (c *Connector) readLinks(ctx context.Context, object string, rows []row, wanted []string) error {
	for _, to := range wanted {
		for from := 0; from < len(rows); from += linkRows {
			if err := c.readLinksTo(ctx, object, rows[from:min(from+linkRows, len(rows))], to); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Connector) readLinksTo(ctx context.Context, object string, rows []row, to string) error {
	var answer struct {
		Results []struct {
			From struct {
				ID text `json:"id"`
			} `json:"from"`
			To []struct {
				ID    text `json:"toObjectId"`
				Types []struct {
					Label text `json:"label"`
				} `json:"associationTypes"`
			} `json:"to"`
		} `json:"results"`
	}
	body := idInputs{}
	for i := range rows {
		body.Inputs = append(body.Inputs, idInput{rows[i].ID})
	}
	what := call{op: "read associations of " + object, object: object, body: body, repeat: true}
	if _, err := c.post(ctx, what, c.path.links(object, to, "/batch/read"), &answer); err != nil {
		return err
	}
	found := map[string][]link{}
	for _, r := range answer.Results {
		for _, l := range r.To {
			one := link{id: l.ID.s}
			for _, t := range l.Types {
				if t.Label.s != "" {
					one.label = t.Label.s
				}
				one.primary = one.primary || t.Label.s == "Primary"
			}
			found[r.From.ID.s] = append(found[r.From.ID.s], one)
		}
	}
	for i := range rows {
		rows[i].setLinks(to, found[rows[i].ID])
	}
	return nil
}
