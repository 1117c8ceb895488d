// Package config reads a directory of YAML files into plain values that know
// where they were written, and reports every mistake in all files at once.
//
// The directory holds tandem.yaml, one connectors/<name>.yaml for each
// connected system and, if wanted, smarketing.yaml. What belongs to a connector
// alone, to field maps and to tests is handed on as nodes to those who
// understand it; nothing here touches the environment or a network.
package config

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Config is a whole configuration. What the files leave out has its default.
// The fields with a tag are the keys of tandem.yaml.
type Config struct {
	State    State    `yaml:"state" doc:"Where Tandem keeps what it must not forget."`
	Schedule Schedule `yaml:"schedule" doc:"When Tandem works by itself."`
	FirstRun string   `yaml:"first_run" oneof:"plan apply" doc:"What a first run against systems that already hold data does: make a plan and wait for tandem apply, or apply it at once."`
	Server   Server   `yaml:"server" doc:"The status page, health checks and metrics."`
	Log      Log      `yaml:"log" doc:"What is logged, and how."`
	Guard    Guard    `yaml:"guard" doc:"Breakers: a plan that would do more than this in one system waits for a person. A rule is {share, count} or off."`
	Limits   Limits   `yaml:"limits" doc:"How hard Tandem works."`
	Network  Network  `yaml:"network" doc:"Where Tandem may connect to."`
	// Fields are the custom canonical fields of each object.
	Fields   map[record.Object][]Field  `yaml:"fields" doc:"Custom canonical fields, by object."`
	Identity Identity                   `yaml:"identity" doc:"Canonical fields that propose that two records are the same, strongest first."`
	Policies map[record.Object]Policies `yaml:"policies" doc:"How differences are decided, by object and field. The key default stands for all other fields. A rule that needs no particulars may be written as one word."`
	// Retention is kept for who prunes the ledger.
	Retention diag.Node `yaml:"retention" kind:"mapping" doc:"How long history is kept."`

	// Dir is the directory the configuration was read from.
	Dir string
	// Connectors are sorted by name; those that are not enabled are among them.
	Connectors []*Connector
	// Smarketing is smarketing.yaml as it stands; the zero Node without it.
	Smarketing diag.Node
	// Node is tandem.yaml.
	Node diag.Node
}

// State says where Tandem keeps what it must not forget.
type State struct {
	Dir         string   `yaml:"dir" doc:"Directory of the ledger and of spooled plans; a relative path starts at the working directory."`
	Redis       Endpoint `yaml:"redis" doc:"Address of the Redis server that holds checkpoints, leases and shared rate budgets. Without it the ledger holds them."`
	RedisPrefix string   `yaml:"redis_prefix" doc:"First part of every key in Redis, so that several installations can share a server."`
}

// Schedule says when Tandem works by itself.
type Schedule struct {
	Default Cron          `yaml:"default" doc:"When the connectors that name no schedule are synchronised."`
	Sweep   Cron          `yaml:"sweep" doc:"When deletions, merges and conversions are looked for."`
	Zone    Zone          `yaml:"zone" doc:"Time zone of all schedules."`
	Jitter  time.Duration `yaml:"jitter" doc:"Longest random delay of a start, so that many installations do not call at the same second."`
}

// Server is the HTTP server of the daemon.
type Server struct {
	Listen Listen        `yaml:"listen" doc:"Address and port of the status page, health checks and metrics; off for none."`
	Token  secret.Secret `yaml:"token" doc:"Bearer token of who may start, pause and resume jobs over HTTP. Without it nobody may."`
	Drain  time.Duration `yaml:"drain" doc:"How long work that has begun may go on after the signal to stop."`
}

// Log says what is logged, and how.
type Log struct {
	Level  string `yaml:"level" oneof:"trace debug info warn error" doc:"Least severity that is logged."`
	Pretty bool   `yaml:"pretty" doc:"Log lines for people instead of JSON."`
}

// Limits says how hard the engine works.
type Limits struct {
	Ranges int           `yaml:"ranges" doc:"Ranges of a first read that are read side by side."`
	Lanes  int           `yaml:"lanes" doc:"Batches of one object that are written side by side."`
	MaxAge time.Duration `yaml:"max_age" doc:"Age of a read beyond which a record is read again before it is updated."`
}

// Network says where Tandem may connect to.
type Network struct {
	Loopback bool `yaml:"loopback" doc:"Allow systems on this machine, by plain HTTP too: for the sandbox and for tests. Private and link-local addresses stay refused."`
	// Private are networks in CIDR form, as Prefixes parses them.
	Private []string `yaml:"private" doc:"Private networks that may be called by HTTPS all the same, as in [10.1.0.0/16]: for systems of your own that the internet does not see."`
}

// Prefixes are the private networks that may be called.
func (n Network) Prefixes() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range n.Private {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network, as in 10.1.0.0/16", text)
		}
		out = append(out, p)
	}
	return out, nil
}

// What a first run does.
const (
	FirstPlan  = "plan"
	FirstApply = "apply"
)

// Default returns what an empty configuration means.
func Default() *Config {
	return &Config{
		State:    State{Dir: "./state", RedisPrefix: "tandem"},
		Schedule: Schedule{Default: Cron{text: "*/5 * * * *"}, Sweep: Cron{text: "17 * * * *"}, Zone: Zone{at: time.UTC}, Jitter: 10 * time.Second},
		FirstRun: FirstPlan,
		Server:   Server{Listen: "127.0.0.1:8484", Drain: 25 * time.Second},
		Log:      Log{Level: "info"},
		Guard:    defaultGuard(),
		Limits:   Limits{Ranges: 4, Lanes: 8, MaxAge: time.Minute},
		Identity: defaultIdentity(),
		Policies: DefaultPolicies(),
	}
}

// Canonical returns Tandem's model with the custom fields in it.
func (c *Config) Canonical() schema.Catalog {
	catalog := schema.Canonical()
	for i, o := range catalog.Objects {
		for _, f := range c.Fields[o.As] {
			if _, taken := o.Field(f.Name); !taken {
				o.Fields = append(o.Fields, f.schema())
			}
		}
		catalog.Objects[i] = o
	}
	return catalog
}

// Connector returns the connector of that name.
func (c *Config) Connector(name string) (*Connector, bool) {
	i := slices.IndexFunc(c.Connectors, func(k *Connector) bool { return k.Name == name })
	if i < 0 {
		return nil, false
	}
	return c.Connectors[i], true
}

// Enabled returns the connectors that take part, sorted by name.
func (c *Config) Enabled() []*Connector {
	return slices.DeleteFunc(slices.Clone(c.Connectors), func(k *Connector) bool { return !k.Enabled })
}

// ScheduleOf returns when a connector is synchronised: its own schedule or the
// default one.
func (c *Config) ScheduleOf(k *Connector) Cron {
	if k.Schedule.text != "" {
		return k.Schedule
	}
	return c.Schedule.Default
}

// Resolve fetches the secrets of tandem.yaml. Those of a connector are resolved
// by its factory.
func (c *Config) Resolve(r secret.Resolver) diag.List {
	return append(c.State.Redis.resolve(r), secret.ResolveAll(r, &c.Server.Token)...)
}
