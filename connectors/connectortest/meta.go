package connectortest

import (
	"reflect"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record/schema"
)

func metaCases() []Case {
	return []Case{
		{Name: "check names the account", About: "Check tells the same account each time.", run: checkAccount},
		{
			Name: "check with refused credentials", About: "Refused credentials are told as such, with the next step.",
			needs: need{transport: HTTP}, run: checkRefused,
		},
		{Name: "describe agrees with itself", About: "The catalog names each object and field once and holds what the page declares.", run: describe},
		{
			Name: "describe is cached", About: "Asking for the catalog again soon costs no call.",
			needs: need{transport: HTTP, faults: []string{"latency"}}, run: describeCached,
		},
		{Name: "undeclared is unsupported", About: "What an object does not declare is answered as unsupported.", run: undeclared},
		{Name: "unknown object", About: "An object that does not exist is refused with an error, not an empty page.", run: unknownObject},
	}
}

func checkAccount(k *kit) {
	first, err := k.Connector.Check(k.ctx())
	k.must(err)
	again, err := k.Connector.Check(k.ctx())
	k.must(err)
	if first.ID == "" || first.ID != again.ID {
		k.t.Errorf("the account is %q, then %q", first.ID, again.ID)
	}
}

func checkRefused(k *kit) {
	o := k.options()
	o.Refused = true
	_, err := k.setup.New(k.test, o).Connector.Check(k.ctx())
	k.class(err, fault.Auth)
	if fault.As(err).Next == "" {
		k.t.Error("the error names no next step")
	}
}

func describe(k *kit) {
	cat, err := k.Connector.Describe(k.ctx())
	k.must(err)
	main, ok := cat.Object(k.obj.Name)
	if !ok {
		k.t.Fatalf("the catalog lacks %s", k.obj.Name)
	}
	if _, ok := main.Field(k.setup.Field); !ok {
		k.t.Errorf("the object lacks the field %s", k.setup.Field)
	}
	if !reflect.DeepEqual(main.Caps, k.obj.Caps) {
		k.t.Errorf("the capabilities are %+v, declared are %+v", main.Caps, k.obj.Caps)
	}
	for _, o := range cat.Objects {
		if dup := repeated(o.FieldNames()); dup != "" {
			k.t.Errorf("%s has the field %s twice", o.Name, dup)
		}
		for _, key := range o.Keys {
			if _, ok := o.Field(key); !ok {
				k.t.Errorf("%s has the key %s, which is no field", o.Name, key)
			}
		}
		if writes := o.Caps.Create || o.Caps.Update || o.Caps.Archive; writes != (o.Caps.BatchWrite > 0) || o.Caps.Read != (o.Caps.BatchRead > 0) {
			k.t.Errorf("%s: the batch sizes do not go with the capabilities", o.Name)
		}
	}
	if dup := repeated(cat.Names()); dup != "" {
		k.t.Errorf("the catalog has %s twice", dup)
	}
}

func repeated(names []string) string {
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			return n
		}
		seen[n] = true
	}
	return ""
}

func describeCached(k *kit) {
	_, err := k.Connector.Describe(k.ctx())
	k.must(err)
	bench, ok := k.Bench.(Faulter)
	if !ok {
		k.t.Fatal("the bench counts no calls")
	}
	before := bench.Counts().Total
	_, err = k.Connector.Describe(k.ctx())
	k.must(err)
	if more := bench.Counts().Total - before; more != 0 {
		k.t.Errorf("asking again cost %d calls", more)
	}
}

func undeclared(k *kit) {
	cat, err := k.Connector.Describe(k.ctx())
	k.must(err)
	for _, o := range cat.Objects {
		if !o.Caps.Gone {
			_, err := k.Connector.Gone(k.ctx(), connectors.Query{Object: o.Name})
			k.unsupported(o.Name, "Gone", err)
		}
		k.undeclaredFinds(o)
		k.undeclaredWrites(o)
	}
}

func (k *kit) undeclaredFinds(o schema.Object) {
	k.t.Helper()
	f, ok := k.Connector.(connectors.Finder)
	if !ok {
		if o.Caps.Read || o.Caps.Lookup {
			k.t.Errorf("%s declares reading by id or key, the connector has no Finder", o.Name)
		}
		return
	}
	if !o.Caps.Read {
		_, err := f.Read(k.ctx(), o.Name, []string{"1"}, nil)
		k.unsupported(o.Name, "Read", err)
	}
	if !o.Caps.Lookup {
		key := "id"
		if len(o.Fields) > 0 {
			key = o.Fields[0].Name
		}
		_, err := f.Lookup(k.ctx(), o.Name, key, []string{"1"}, nil)
		k.unsupported(o.Name, "Lookup", err)
	}
}

func (k *kit) undeclaredWrites(o schema.Object) {
	k.t.Helper()
	w, ok := k.Connector.(connectors.Writer)
	declared := map[connectors.OpKind]bool{connectors.Create: o.Caps.Create, connectors.Update: o.Caps.Update, connectors.Archive: o.Caps.Archive}
	for kind, can := range declared {
		if !ok && can {
			k.t.Errorf("%s declares %s, the connector has no Writer", o.Name, kind)
		}
		if !ok || can {
			continue
		}
		results, err := w.Write(k.ctx(), []connectors.Op{{ID: "op-1", Kind: kind, Object: o.Name, RemoteID: "1"}})
		if err == nil && len(results) == 1 && results[0].Status == connectors.Rejected {
			err = results[0].Err
		}
		k.unsupported(o.Name, string(kind), err)
	}
}

func (k *kit) unsupported(object, what string, err error) {
	k.t.Helper()
	if k.note(err) == nil || !fault.Is(err, fault.Unsupported) {
		k.t.Errorf("%s does not declare %s, which answers %v", object, what, err)
	}
}

func unknownObject(k *kit) {
	_, err := k.Connector.Changes(k.ctx(), connectors.Query{Object: "no_such_object", Fields: []string{"x"}})
	if k.note(err) == nil {
		k.t.Fatal("an unknown object answers without an error")
	}
	if f := fault.As(err); f.Class.Later() || strings.Contains(err.Error(), "panic") {
		k.t.Errorf("an unknown object is %s, as if it would work later", f.Class)
	}
}
