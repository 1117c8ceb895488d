package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/internal/app/propose"
)

// Propose reads the schemas of all connected systems and returns the
// configuration with what could be mapped besides: its files by name. It
// writes nothing.
func Propose(ctx context.Context, o Options) (map[string]string, propose.Proposal, error) {
	o = o.withDefaults()
	systems, catalogs, err := describeAll(ctx, o)
	if err != nil {
		return nil, propose.Proposal{}, err
	}
	cfg, _ := Read(o) // it was read a moment ago
	var in []propose.System
	for i, s := range systems {
		in = append(in, propose.System{Name: s.Config.Name, Catalog: catalogs[i], Objects: proposeFor(s.Config)})
	}
	p := propose.From(cfg.Canonical(), in)
	files := map[string]string{}
	for _, s := range systems {
		name := path.Join("connectors", s.Config.Name+".yaml")
		text, err := fs.ReadFile(o.Files, name)
		if err != nil {
			return nil, p, fmt.Errorf("%s cannot be read again: %w", name, err)
		}
		files[name] = propose.Connector(string(text), p.Entries[s.Config.Name], p.Unused[s.Config.Name])
	}
	text, err := fs.ReadFile(o.Files, "tandem.yaml")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, p, err
	}
	files["tandem.yaml"] = propose.Settings(string(text), p.Custom)
	return files, p, nil
}

// proposeFor lists what a connector maps already.
func proposeFor(k *config.Connector) []propose.Object {
	var out []propose.Object
	for _, o := range k.Objects {
		object := propose.Object{Name: o.Name, As: o.As, Remotes: slices.Collect(maps.Keys(o.Adopt))}
		object.Remotes = append(object.Remotes, o.Key)
		for _, entry := range o.Fields.Items() {
			object.Fields = append(object.Fields, textOf(entry, "field"))
			object.Remotes = append(object.Remotes, textOf(entry, "remote"))
		}
		out = append(out, object)
	}
	return out
}

func textOf(n diag.Node, key string) string {
	v, ok := n.Get(key)
	if !ok || !v.IsScalar() {
		return ""
	}
	return v.String()
}
