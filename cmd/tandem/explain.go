package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

func newExplain(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "explain PERSON [FIELD]",
		Short: "Tell where each value of a person came from, and why something is not synced",
		Long:  "PERSON is an e-mail address, an entity id or SYSTEM/OBJECT/ID. It works while the daemon runs.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("say whom: tandem explain ann@example.com [first_name]")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			a, err := app.OpenLedger(c.Context(), g.options(nil), sqlite.Options{ReadOnly: true})
			if err != nil {
				return err
			}
			field := ""
			if len(args) == 2 {
				field = args[1]
			}
			stories, err := tellAll(c.Context(), a.Ledger, args[0], field)
			if err == nil {
				err = printStories(c.OutOrStdout(), g, stories, field)
			}
			return errors.Join(err, a.Close())
		},
	}
}

// story is all that the ledger knows of an entity.
type story struct {
	Entity  ledger.Entity   `json:"entity"`
	Links   []ledger.Link   `json:"links"`
	Holds   []ledger.Hold   `json:"holds"`
	Intents []ledger.Intent `json:"writes"`
	History []ledger.Change `json:"history"`
}

// tellAll finds whom the text means and tells each one's story.
func tellAll(ctx context.Context, l ledger.Ledger, who, field string) ([]story, error) {
	ids, err := findEntity(ctx, l, who)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("nobody in the ledger is known as %q: it may not have been read yet, or be in quarantine (`tandem quarantine`)", who)
	}
	var stories []story
	for _, id := range ids {
		s, err := tell(ctx, l, id)
		if err != nil {
			return nil, err
		}
		if field != "" && s.Entity.Golden[field].IsAbsent() && len(fieldHistory(s, field)) == 0 {
			return nil, usagef("there is no value of %q; the fields known are %s", field, strings.Join(s.Entity.Golden.Names(), ", "))
		}
		stories = append(stories, s)
	}
	return stories, nil
}

func printStories(w io.Writer, g *globals, stories []story, field string) error {
	for _, s := range stories {
		if g.json {
			if err := printJSON(w, s); err != nil {
				return err
			}
			continue
		}
		printStory(w, s, field)
	}
	return nil
}

// findEntity finds by SYSTEM/OBJECT/ID too.
func findEntity(ctx context.Context, l ledger.Ledger, text string) ([]record.EntityID, error) {
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 {
		return findPerson(ctx, l, text)
	}
	var ids []record.EntityID
	err := l.View(ctx, func(r ledger.Reader) error {
		links, err := r.Links.ByRemote(ctx, parts[0], parts[1], parts[2])
		for _, link := range links {
			ids = append(ids, link.Entity)
		}
		return err
	})
	return ids, err
}

func tell(ctx context.Context, l ledger.Ledger, id record.EntityID) (story, error) {
	var s story
	err := l.View(ctx, func(r ledger.Reader) error {
		entities, err := r.Entities.Get(ctx, id)
		if err != nil {
			return err
		}
		s.Entity = entities[id]
		links, err := r.Links.ByEntity(ctx, id)
		if err != nil {
			return err
		}
		s.Links = links[id]
		holds, err := r.Holds.Of(ctx, id)
		if err != nil {
			return err
		}
		s.Holds = holds[id]
		if s.Intents, err = r.Intents.Of(ctx, id); err != nil {
			return err
		}
		s.History, err = r.History.Of(ctx, id)
		return err
	})
	return s, err
}

func fieldHistory(s story, field string) []ledger.Change {
	var out []ledger.Change
	for _, c := range s.History {
		for _, f := range c.Fields {
			if f.Field == field {
				out = append(out, c)
			}
		}
	}
	return out
}

func printStory(w io.Writer, s story, field string) {
	fmt.Fprintf(w, "%s %s, known since %s\n", s.Entity.Object, s.Entity.ID, day(s.Entity.Created))
	for _, l := range s.Links {
		mark := ""
		if !l.Primary {
			mark = ", read only: another record of the same system is the one written"
		}
		fmt.Fprintf(w, "  %s %s %s: %s (%s)%s\n", l.System, l.Object, l.ID, l.State, l.Rule, mark)
	}
	if field != "" {
		printFieldStory(w, s, field)
	} else {
		printGolden(w, s)
	}
	printHolds(w, s, field)
}

func printGolden(w io.Writer, s story) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nFIELD\tVALUE\tFROM\tRULE\tCHANGED THERE")
	for _, name := range s.Entity.Golden.Names() {
		o := s.Entity.Origins[name]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name, display(s.Entity.Golden[name]), from(o.Source), o.Rule, day(o.At))
	}
	_ = t.Flush()
}

func from(s record.Source) string {
	text := s.System
	if s.Actor.Kind != record.ActorUnknown {
		text += " by " + string(s.Actor.Kind)
	}
	if s.Actor.ID != "" {
		text += " " + s.Actor.ID
	}
	return text
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func printFieldStory(w io.Writer, s story, field string) {
	fmt.Fprintf(w, "\n%s is %s\n", field, display(s.Entity.Golden[field]))
	for _, c := range fieldHistory(s, field) {
		for _, f := range c.Fields {
			if f.Field != field {
				continue
			}
			fmt.Fprintf(w, "  %s  %s -> %s   %s, rule %s, run %s\n", day(c.Source.At), display(f.From), display(f.To), from(c.Source), f.Rule, c.Run)
			if f.LostBy != "" {
				fmt.Fprintf(w, "      lost: %s, held by %s\n", display(f.Lost), f.LostBy)
			}
		}
	}
}

func printHolds(w io.Writer, s story, field string) {
	n := 0
	for _, h := range s.Holds {
		if field != "" && h.Field != field && h.Field != "*" {
			continue
		}
		if n++; n == 1 {
			fmt.Fprintln(w, "\nNot synced:")
		}
		where := h.System
		if where == "" {
			where = "every system"
		}
		fmt.Fprintf(w, "  %s in %s: %s (%s): %s\n", fieldName(h.Field), where, h.Reason, h.Cause, h.Detail)
		if !h.Until.IsZero() {
			fmt.Fprintf(w, "      tried again after %s\n", day(h.Until))
		}
	}
	open := 0
	for _, i := range s.Intents {
		if !i.State.Ended() {
			open++
		}
	}
	switch {
	case open > 0:
		fmt.Fprintf(w, "\n%d writes are not confirmed yet; the next cycle looks for them.\n", open)
	case n == 0 && s.Entity.Dirty:
		fmt.Fprintln(w, "\nIt changed since the last plan; the next cycle writes what differs.")
	case n == 0:
		fmt.Fprintln(w, "\nIn sync.")
	}
}

func fieldName(f string) string {
	if f == "*" {
		return "the whole record"
	}
	return f
}
