package salesforce

import (
	"bytes"
	"context"
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

const (
	maxIngest  = 100 << 20 // bytes of CSV; Salesforce stores it half as large again
	resultRows = 50_000    // rows of results a call
	clearCell  = "#N/A"    // how a CSV cell clears a field; an empty one leaves it
)

// BulkAbove is the number of ops above which a bulk job costs fewer calls.
func (c *Connector) BulkAbove() int {
	if c.cfg.Bulk.Off {
		return 0
	}
	return c.cfg.Bulk.IngestAbove
}

// WriteBulk hands any number of ops of one object and kind to a job of Bulk
// API 2.0. Creates need a key. A handle that comes with an error is of a job
// that exists but may not have its rows: Resume sends them.
func (c *Connector) WriteBulk(ctx context.Context, ops []connectors.Op) (connectors.Handle, error) {
	if c.cfg.Bulk.Off || len(ops) == 0 {
		return "", fault.ErrUnsupported(c.name, objectOf(ops), "bulk write")
	}
	o, s, err := c.writable(ctx, ops)
	if err != nil {
		return "", err
	}
	groups := grouped(sorted(ops, o.parents), s)
	if len(groups) != 1 || ops[0].Kind == connectors.Create && groups[0].key == "" {
		return "", fault.ErrUnsupported(c.name, o.name, "bulk create without one unique external id")
	}
	data, err := ingestCSV(groups[0])
	if err != nil {
		return "", err
	}
	spec := map[string]string{"object": o.name, "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}
	switch ops[0].Kind {
	case connectors.Create:
		spec["operation"], spec["externalIdFieldName"] = "upsert", groups[0].key
	case connectors.Update:
		spec["operation"] = "update"
	case connectors.Archive:
		spec["operation"] = "delete"
	}
	j, err := c.api.createJob(ctx, ingestJobs, spec)
	if err != nil {
		return "", err
	}
	return connectors.Handle(j.ID), c.upload(ctx, j.ID, data)
}

func objectOf(ops []connectors.Op) string {
	if len(ops) == 0 {
		return ""
	}
	return ops[0].Object
}

func (c *Connector) upload(ctx context.Context, id string, data []byte) error {
	_, err := c.api.client.Do(ctx, httpapi.Request{
		Method: http.MethodPut, Path: c.api.path("jobs", ingestJobs, id, "batches"), RawBody: data, ContentType: "text/csv",
		Op: "upload bulk ingest job",
	})
	if err != nil {
		return err
	}
	return c.api.setState(ctx, ingestJobs, id, jobUploaded)
}

// ingestCSV writes ops as CSV: the id or key first, then every field any of
// them has. A cell left empty is not touched.
func ingestCSV(g group) ([]byte, error) {
	first := fieldID
	if g.key != "" {
		first = g.key
	}
	columns := g.columns(first)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	cells := append([]string{first}, columns...)
	_ = w.Write(cells) // a buffer takes everything
	for _, op := range g.ops {
		cells[0] = longID(op.RemoteID)
		if g.key != "" {
			cells[0] = op.Key.Value
		}
		for i, name := range columns {
			cell, err := ingestCell(op.Fields[name].IsAbsent(), op, name)
			if err != nil {
				return nil, err
			}
			cells[i+1] = cell
		}
		_ = w.Write(cells)
	}
	w.Flush()
	if b.Len() > maxIngest {
		return nil, fault.New(fault.Invalid, fault.ScopeBatch, "%d rows are too large for one bulk job; send fewer", len(g.ops))
	}
	return b.Bytes(), nil
}

// columns are all fields that any op has, but the first column's.
func (g group) columns(first string) []string {
	names := map[string]bool{}
	for _, op := range g.ops {
		for name, v := range op.Fields {
			if op.Kind != connectors.Archive && !v.IsAbsent() && name != first {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func ingestCell(absent bool, op connectors.Op, name string) (string, error) {
	text, null := encoded(op.Fields[name])
	switch {
	case absent:
		return "", nil
	case null:
		return clearCell, nil
	case text == clearCell:
		return "", fault.ErrUnsupported("", op.Object, "bulk write of a text that means clearing there")
	}
	return text, nil
}

// Resume asks a bulk job for the fate of its rows. A job that was opened but
// never got its rows gets them now.
func (c *Connector) Resume(ctx context.Context, h connectors.Handle, ops []connectors.Op) ([]connectors.Result, error) {
	if !isID(string(h)) {
		return nil, fault.ErrUnsupported(c.name, objectOf(ops), "resume work that is not a bulk job")
	}
	j, err := c.api.job(ctx, ingestJobs, string(h))
	switch {
	case fault.Is(err, fault.Missing):
		f := fault.New(fault.Expired, fault.ScopeBatch, "Salesforce has forgotten the bulk job; it keeps them for 7 days")
		f.System, f.Object, f.Next = c.name, objectOf(ops), "look the records up before writing them again"
		return nil, f
	case err != nil:
		return nil, err
	case j.State == jobOpen:
		return c.reopen(ctx, j, ops)
	case !j.ended():
		return nil, nil
	}
	return c.collect(ctx, j, ops)
}

// reopen sends the rows of a job that was created just before a crash. Ops
// whose fields are not known any more end the job instead: nothing ran yet.
func (c *Connector) reopen(ctx context.Context, j job, ops []connectors.Op) ([]connectors.Result, error) {
	bare := slices.ContainsFunc(ops, func(op connectors.Op) bool { return len(op.Fields) == 0 && op.Kind != connectors.Archive })
	if bare || len(ops) == 0 {
		if err := c.api.setState(ctx, ingestJobs, j.ID, jobAborted); err != nil {
			return nil, err
		}
		f := fault.New(fault.Transient, fault.ScopeRow, "the bulk job never got its rows and was ended")
		f.System, f.Object = c.name, j.Object
		results := failed(ops, f)
		for i := range results {
			results[i].Status = connectors.Rejected
		}
		return results, nil
	}
	o, _ := objectNamed(j.Object)
	data, err := ingestCSV(group{ops: sorted(ops, o.parents), key: j.Key})
	if err != nil {
		return nil, err
	}
	err = c.upload(ctx, j.ID, data)
	if err != nil && strings.HasPrefix(fault.As(err).Code, "INVALIDJOBSTATE") || fault.Is(err, fault.Invalid) {
		// The rows did arrive; only the word that they are complete is missing.
		err = c.api.setState(ctx, ingestJobs, j.ID, jobUploaded)
	}
	return nil, err
}
