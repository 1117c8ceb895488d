package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/record/schema"
)

func connectorPages() ([]page, error) {
	b := bytes.NewBufferString(notice + "# Connectors\n\nEach passes the same suite, `connectors/connectortest`.\n\n| Type | What it is | Usual role |\n|---|---|---|\n")
	var pages []page
	for _, f := range all.Registry() {
		fmt.Fprintf(b, "| [`%s`](%s.md) | %s | %s |\n", f.Type, f.Type, cell(f.Title), f.Role)
		p, err := connectorPage(f)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return append(pages, text("connectors/README.md", b)), nil
}

func connectorPage(f connectors.Factory) (page, error) {
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "%s# %s\n\n`type: %s`, usual role: %s. [JSON Schema](../%s)\n\n%s\n\n", notice, f.Title, f.Type, f.Role, schemaPath(f), strings.TrimSpace(f.About))
	b.WriteString("## Configuration\n\nBeside the keys [every connector has](../configuration.md):\n\n")
	if err := config.ConnectorReference(b, f.Config); err != nil {
		return page{}, err
	}
	catalog := f.Catalog()
	b.WriteString("## What can be done\n\n")
	if len(catalog.Objects) > 0 {
		b.WriteString("With what a standard account holds; `tandem check` tells what yours allows.\n\n")
		capabilities(b, catalog)
		suite(b, f, catalog)
	} else {
		b.WriteString("What its configuration says; `tandem check` tells what your account allows of it.\n\n")
	}
	fmt.Fprintf(b, "## Example\n\n`connectors/%s.yaml`, as `tandem init` writes it:\n\n```yaml\n%s\n```\n", f.Type, strings.TrimSpace(f.Example))
	return text("connectors/"+f.Type+".md", b), nil
}

// capabilities writes two tables: what can be read, and what can be written.
func capabilities(b *bytes.Buffer, c schema.Catalog) {
	b.WriteString("| Object | Usually | Changes (rows a page) | In ranges | Deletions | By id (ids a call) | By key | Seen after | Deletions are told for |\n|---|---|---|---|---|---|---|---|---|\n")
	writable := false
	for _, o := range c.Objects {
		caps := o.Caps
		writable = writable || caps.BatchWrite > 0
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | %s | %s | %s |\n", o.Name, o.As, sized(caps.Changes, caps.PageSize), yes(caps.Split),
			yes(caps.Gone), sized(caps.Read, caps.BatchRead), keys(o), lag(o.Lag), downtime(o))
	}
	if !writable {
		b.WriteString("\nNothing is written.\n\n")
		return
	}
	b.WriteString("\n| Object | Create | Update | Archive | Rows a call | Only if unchanged | The reply carries the record |\n|---|---|---|---|---|---|---|\n")
	for _, o := range c.Objects {
		if caps := o.Caps; caps.BatchWrite > 0 {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %d | %s | %s |\n", o.Name, yes(caps.Create), yes(caps.Update), yes(caps.Archive),
				caps.BatchWrite, yes(caps.Conditional), yes(caps.Echo))
		}
	}
	b.WriteString("\n")
}

//nolint:revive // the word for a capability, not a choice of what to do
func yes(can bool) string {
	if can {
		return "yes"
	}
	return "–"
}

//nolint:revive // as above
func sized(can bool, n int) string {
	if can && n > 0 {
		return "yes (" + strconv.Itoa(n) + ")"
	}
	return yes(can)
}

func keys(o schema.Object) string {
	if !o.Caps.Lookup || len(o.Keys) == 0 {
		return "–"
	}
	return "`" + strings.Join(o.Keys, "`, `") + "`"
}

func lag(d time.Duration) string {
	if d == 0 {
		return "at once"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		return strings.TrimSuffix(text, "0s")
	}
	return text
}

func downtime(o schema.Object) string {
	switch {
	case !o.Caps.Gone:
		return "–"
	case o.MaxDowntime == 0:
		return "ever"
	default:
		return strconv.Itoa(int(o.MaxDowntime/(24*time.Hour))) + " days"
	}
}

// suite lists the cases of the conformance suite that cannot apply.
func suite(b *bytes.Buffer, f connectors.Factory, c schema.Catalog) {
	transport := connectortest.HTTP
	if slices.Contains([]string{"csv", "sql", "webhook"}, f.Type) {
		transport = connectortest.File
	}
	cases := connectortest.Applicable(c, transport)
	out := 0
	for _, k := range cases {
		if k.NotApplicable != "" {
			out++
		}
	}
	fmt.Fprintf(b, "## Conformance\n\nOf the %d cases that `connectors/connectortest` holds, %d apply to this connector.", len(cases), len(cases)-out)
	if out == 0 {
		b.WriteString("\n\n")
		return
	}
	b.WriteString(" These do not:\n\n| Case | What it asks | Why it does not apply |\n|---|---|---|\n")
	for _, k := range cases {
		if k.NotApplicable != "" {
			fmt.Fprintf(b, "| %s | %s | %s |\n", cell(k.Name), cell(k.About), cell(k.NotApplicable))
		}
	}
	b.WriteString("\n")
}
