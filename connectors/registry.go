package connectors

import (
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

// Factory makes connectors of one type and knows what its page in the
// documentation says.
type Factory struct {
	Type  string // as in `type: hubspot`
	Title string
	Role  string // what it usually is: marketing, sales or both
	// About is Markdown: set-up steps, permissions, limits, known traps.
	About string
	// Example is a complete connectors/<name>.yaml, as `tandem init` writes it.
	Example string
	// Config is the zero value of the struct its configuration decodes into.
	Config any
	// Catalog is what the vendor's standard account holds, for documentation
	// and checks without a network.
	Catalog func() schema.Catalog
	// New builds a connector from the part of the file that is its own. It
	// does no I/O; all that is wrong with the configuration is returned.
	New func(env Env, node diag.Node) (Connector, diag.List)
}

// Env is what a connector is given by whoever runs it.
type Env struct {
	Name    string // the connector's name in the configuration
	Secrets secret.Resolver
	HTTP    httpapi.Env
	Inbox   Inbox // nil where there is none
}

// Registry is a list of factories.
type Registry []Factory

// Lookup returns the factory of a type.
func (r Registry) Lookup(typ string) (Factory, bool) {
	i := slices.IndexFunc(r, func(f Factory) bool { return f.Type == typ })
	if i < 0 {
		return Factory{}, false
	}
	return r[i], true
}

// Types lists the types there are.
func (r Registry) Types() []string {
	types := make([]string, len(r))
	for i, f := range r {
		types[i] = f.Type
	}
	return types
}
