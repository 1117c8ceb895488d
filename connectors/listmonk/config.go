package listmonk

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// Config is what a connectors/<name>.yaml of type listmonk holds beside what
// every connector has.
type Config struct {
	BaseURL string `yaml:"base_url,required" doc:"Address of listmonk, as in https://lists.example.com."`
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem authenticates: an API user with its token (version 4 and later), or the name and password of the configuration file (before that)."`
	// Attribs declares what is mapped of the free JSON in attribs.
	Attribs map[string]string `yaml:"attribs" doc:"The attributes that are mapped and their kinds, as in {city: string, crm.stage: enum}: a dot leads into nested objects. Each is a field attribs.<name>."`
	// Lists are those that new subscribers are put on.
	Lists []int64 `yaml:"lists" doc:"Ids of the lists that subscribers made by Tandem are put on."`
	// Confirmed spares them the confirmation of double opt-in.
	Confirmed bool `yaml:"confirmed" doc:"Subscribers made by Tandem have confirmed already, elsewhere: their subscriptions are made confirmed."`
	// Reminding writes to those who have not confirmed.
	Reminding bool `yaml:"update_unconfirmed" doc:"Also change subscribers who have not confirmed a double opt-in. listmonk sends them the request to confirm again each time."`
	// Counted are the lists whose subscriptions tell an opt-out.
	Counted []int64 `yaml:"opt_out_lists" doc:"Ids of the lists that count for an opt-out: whoever has unsubscribed from all of them that they are on has opted out. All lists unless set."`
	// Overlap is how late a change may become visible; each pass reaches back
	// that far.
	Overlap  time.Duration `yaml:"overlap" doc:"How late a change may become visible, as during an import; each pass reaches back that far. At least 1s."`
	PageSize int           `yaml:"page_size" doc:"Subscribers asked for at once, 10 to 5000."`
}

// Auth is an API user's name and token, or the administrator's name and
// password.
type Auth struct {
	User     string        `yaml:"user" doc:"Name of the API user (version 4 and later)."`
	Token    secret.Secret `yaml:"token" doc:"Token of the API user."`
	Username string        `yaml:"username" doc:"Name of the administrator (version 1 to 3)."`
	Password secret.Secret `yaml:"password" doc:"Password of the administrator."`
}

func defaults() Config { return Config{Overlap: 2 * time.Minute, PageSize: 1000} }

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if cfg.PageSize < 10 || cfg.PageSize > 5000 {
		problems.Errorf(at("page_size"), "page_size must be from 10 to 5000")
	}
	// The moment of a pass is read from a header with whole seconds.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	for name, kind := range cfg.Attribs {
		if _, ok := record.ParseKind(kind); !ok || name == "" || strings.Contains("."+name+".", "..") {
			problems.Errorf(at("attribs"), "attribs: %q: %q is not a name with a kind, as in {city: string}", name, kind)
		}
	}
	problems.Add(cfg.Auth.check(at("auth"))...)
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return cfg, problems
}

func (a Auth) check(n diag.Node) diag.List {
	var problems diag.List
	user, admin := a.User != "" && !a.Token.IsZero(), a.Username != "" && !a.Password.IsZero()
	if parts := a.User != "" || !a.Token.IsZero(); user == admin || parts && admin || user && (a.Username != "" || !a.Password.IsZero()) {
		problems.Errorf(n, "give either user and token, or username and password")
	}
	return problems
}

func (a Auth) way() httpapi.Auth {
	if a.User != "" {
		return httpapi.HeaderKey("Authorization", secret.New("token "+a.User+":"+a.Token.Reveal()))
	}
	return httpapi.Basic(a.Username, a.Password)
}
