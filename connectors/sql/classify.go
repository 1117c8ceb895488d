package sql

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"slices"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// verdict is what a database's answer means. It holds names and codes, never
// the database's text, which quotes values.
type verdict struct {
	class fault.Class
	scope fault.Scope // ScopeCall: of the row
	code  string
	field string // a column
	index string // or the name of an index or constraint
	next  string
	lost  bool // the transaction is rolled back; the same again may work
}

// one tells that the verdict is on single rows: without them the others go.
func (v *verdict) one() bool { return !v.lost && v.scope <= fault.ScopeRow && !v.class.Later() }

// judge tells what an error means.
func (d *dialect) judge(err error) *verdict {
	if v := d.classify(err); v != nil {
		return v
	}
	v := &verdict{class: fault.Transient, scope: fault.ScopeSystem, lost: true}
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	if unknown || name || invalid {
		v.class, v.next = fault.Forbidden, "the server's certificate does not prove that it is the one in the address: give the right host, or its authority as sslrootcert"
	}
	return v
}

// fault makes an error of ours of a database's.
func (c *Connector) fault(ctx context.Context, object, op string, err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	f := &fault.Error{System: c.name, Object: object, Op: op}
	if ctx.Err() != nil {
		f.Class, f.Err = fault.Canceled, ctx.Err()
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) {
		f.Class, f.Scope, f.Err = fault.Transient, fault.ScopeObject, errors.New("the database did not answer in time")
		f.Next = "raise timeout, or add an index on the time of the change and the id"
		return f
	}
	return c.blame(f, c.d.judge(err), err)
}

func (c *Connector) blame(f *fault.Error, v *verdict, err error) *fault.Error {
	f.Class, f.Scope, f.Code, f.Next = v.class, v.scope, v.code, v.next
	if f.Scope == fault.ScopeCall {
		f.Scope = fault.ScopeRow
	}
	f.Err = errors.New(reason(v, err))
	return f
}

// reason says in words what happened, without the database's.
func reason(v *verdict, err error) string {
	switch v.code {
	case "22001", "1406":
		return "the value is too long"
	case "23502", "1048", "1364", "1299":
		return "the column must hold a value"
	case "23503", "1452", "787":
		return "the value refers to a row that does not exist"
	}
	switch v.class {
	case fault.Conflict:
		return "another row holds the value"
	case fault.Locked:
		return "others are writing the same rows"
	case fault.Auth:
		return "the user or the password is refused"
	case fault.Permission:
		return "the user may not do this"
	case fault.Missing:
		return "there is no such database, table or column"
	case fault.Malformed:
		return "the file cannot be read"
	case fault.Forbidden:
		return "the server is not the one asked for"
	case fault.Transient:
		return "the database cannot be reached or is overloaded" + network(err)
	default:
		return "the database refuses it"
	}
}

// network adds what the system says of a connection that failed: never an
// address.
func network(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Err != nil {
		inner := e.Err
		for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
			inner = next
		}
		return " (" + inner.Error() + ")"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return " (its name is not known)"
	}
	return ""
}

// culprit is the column that a verdict speaks of, if it is one of the table.
func (l *layout) culprit(v *verdict) string {
	if _, ok := l.at[v.field]; ok {
		return v.field
	}
	i := slices.IndexFunc(l.columns, func(c column) bool { return v.index != "" && slices.Contains(c.indexes, v.index) })
	if i < 0 {
		return ""
	}
	return l.columns[i].name
}
