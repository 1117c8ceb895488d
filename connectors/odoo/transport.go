package odoo

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// way is how a version of Odoo is spoken to.
type way struct {
	api   string // apiJSON2 or apiRPC; "" is not known yet
	major int
}

// firstJSON2 is the version that brought JSON-2.
const firstJSON2 = 19

// call is a call of a model's method.
type call struct {
	model, method string
	ids           []int64 // the records it is called on; nil for a method of the model itself
	args          map[string]any
	op            string // as in "read crm.lead"
	object        string
	again         bool // it may be repeated
}

// context goes with every call. Archived records are records: a lost lead is
// archived. Moments in imported texts are in UTC.
func contextOf() map[string]any {
	return map[string]any{"active_test": false, "tz": "UTC"}
}

// do makes a call by the way that this Odoo understands.
func (c *Connector) do(ctx context.Context, k call, into any) (*httpapi.Response, error) {
	w, err := c.knownWay(ctx)
	if err != nil {
		return nil, err
	}
	if w.api == apiJSON2 {
		return c.json2(ctx, k, into)
	}
	uid, err := c.user(ctx)
	if err != nil {
		return nil, err
	}
	on := []any{}
	if k.ids != nil {
		on = append(on, k.ids)
	}
	named := map[string]any{"context": contextOf()}
	maps.Copy(named, k.args)
	args := []any{c.cfg.Database, uid, c.cfg.Auth.Key.Reveal(), k.model, k.method, on, named}
	return c.rpc(ctx, service{"object", "execute_kw", args}, k, into)
}

func (c *Connector) json2(ctx context.Context, k call, into any) (*httpapi.Response, error) {
	body := map[string]any{"context": contextOf()}
	maps.Copy(body, k.args)
	if k.ids != nil {
		body["ids"] = k.ids
	}
	header := http.Header{}
	if c.cfg.Database != "" {
		header.Set("X-Odoo-Database", c.cfg.Database)
	}
	return c.http.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: "/json/2/" + k.model + "/" + k.method, Header: header, Body: body,
		Op: k.op, Object: k.object, Idempotent: k.again, Into: into,
	})
}

// service is a call of one of the services behind JSON-RPC.
type service struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Args    []any  `json:"args"`
}

func (c *Connector) rpc(ctx context.Context, params service, k call, into any) (*httpapi.Response, error) {
	var answer struct {
		Result json.RawMessage `json:"result"`
	}
	res, err := c.http.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: "/jsonrpc", Op: k.op, Object: k.object, Idempotent: k.again, Into: &answer,
		Body: map[string]any{"jsonrpc": "2.0", "method": "call", "id": 1, "params": params},
	})
	if err != nil || into == nil || len(answer.Result) == 0 {
		return res, err
	}
	if err := httpapi.Decode(answer.Result, into); err != nil {
		return res, &fault.Error{Class: fault.Malformed, System: c.name, Op: k.op, Object: k.object, Err: err}
	}
	return res, nil
}

// knownWay finds out once how to speak to this Odoo.
func (c *Connector) knownWay(ctx context.Context) (way, error) {
	c.mu.Lock()
	w := c.way
	c.mu.Unlock()
	if w.api != "" {
		return w, nil
	}
	if w = (way{apiJSON2, firstJSON2}); c.cfg.API != apiJSON2 {
		major, err := c.version(ctx)
		if err != nil {
			return w, err
		}
		w.major = major
		if major < firstJSON2 || c.cfg.API == apiRPC {
			w.api = apiRPC
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.way = w
	return w, nil
}

// version asks for the number of the version by the service that the earlier
// ones have. Later ones have none, and tell so.
func (c *Connector) version(ctx context.Context) (int, error) {
	var answer struct {
		Version string `json:"server_version"`
	}
	_, err := c.rpc(ctx, service{"common", "version", []any{}}, call{op: "ask for the version", again: true}, &answer)
	if f := fault.As(err); f != nil && f.Class == fault.Missing {
		return firstJSON2, nil
	}
	if err != nil {
		return 0, err
	}
	digits := strings.TrimPrefix(answer.Version, "saas~")
	digits, _, _ = strings.Cut(digits, ".")
	major, err := strconv.Atoi(digits)
	if err != nil {
		return 0, &fault.Error{
			Class: fault.Malformed, Scope: fault.ScopeSystem, System: c.name, Op: "ask for the version",
			Err: errors.New("the number of the version cannot be understood"), Next: "set api to json2 or jsonrpc",
		}
	}
	return major, nil
}

// user returns the number of the user whose key it is.
func (c *Connector) user(ctx context.Context) (int64, error) {
	c.mu.Lock()
	uid := c.uid
	c.mu.Unlock()
	if uid != 0 {
		return uid, nil
	}
	w, err := c.knownWay(ctx)
	if err != nil {
		return 0, err
	}
	if uid, err = c.login(ctx, w); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.uid = uid
	return uid, nil
}

func (c *Connector) login(ctx context.Context, w way) (int64, error) {
	k := call{model: "res.users", method: "context_get", op: "log in", again: true}
	if w.api == apiJSON2 {
		var me struct {
			UID int64 `json:"uid"`
		}
		_, err := c.json2(ctx, k, &me)
		return me.UID, err
	}
	refused := &fault.Error{
		Class: fault.Auth, Scope: fault.ScopeSystem, System: c.name, Op: k.op,
		Next: "check database, auth.user and auth.key in the connector's file; a key lives no longer than it was made for",
	}
	if c.cfg.Database == "" || c.cfg.Auth.User == "" {
		refused.Err = errors.New("this version of Odoo is told the database and the user")
		return 0, refused
	}
	var uid json.RawMessage // false if refused
	who := []any{c.cfg.Database, c.cfg.Auth.User, c.cfg.Auth.Key.Reveal(), map[string]any{}}
	if _, err := c.rpc(ctx, service{"common", "authenticate", who}, k, &uid); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(uid), 10, 64)
	if err != nil || n == 0 {
		return 0, refused
	}
	return n, nil
}
