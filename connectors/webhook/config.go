package webhook

import (
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/record"
)

// Config is the part of connectors/<name>.yaml that is the webhook connector's
// own.
type Config struct {
	Signature Signature       `yaml:"signature" doc:"How the tool signs what it posts, with HMAC-SHA256."`
	Token     Token           `yaml:"token" doc:"A secret in a header, for tools that cannot sign."`
	Key       Key             `yaml:"key" doc:"What names a post, so that one that comes twice is kept once; a digest of the body unless set."`
	MaxBody   int             `yaml:"max_body" doc:"Longest body in bytes, 1024 to 8388608; 262144 unless set."`
	Rate      int             `yaml:"rate" doc:"Posts a second that are taken, 1 to 1000; 50 unless set. More are answered 429, and tools send them again."`
	Retention time.Duration   `yaml:"retention" doc:"How long a post is kept after it came, if it was read by then; 720h unless set."`
	Zone      string          `yaml:"zone" doc:"IANA time zone of times that name none; UTC unless set."`
	PageSize  int             `yaml:"page_size" doc:"Posts a page, 1 to 1000; 200 unless set."`
	Forms     map[string]Form `yaml:"forms,required" doc:"One entry for each object, by its name."`
}

// Signature says where a signature stands and what it covers.
type Signature struct {
	Header    string        `yaml:"header" doc:"Header with the signature, such as Typeform-Signature."`
	Secret    secret.Secret `yaml:"secret" doc:"Key of the signature."`
	Previous  secret.Secret `yaml:"previous" doc:"The key before, accepted as well while the key is being changed."`
	Encoding  string        `yaml:"encoding" oneof:"hex base64" doc:"How the signature is written; hex unless set."`
	Prefix    string        `yaml:"prefix" doc:"Text before the signature, such as sha256=."`
	Part      string        `yaml:"part" doc:"Name of the signature in a header of several parts: v1 in t=...,v1=..."`
	Signed    string        `yaml:"signed" doc:"What is signed: {body}, or with the time such as {timestamp}.{body}."`
	Timestamp Timestamp     `yaml:"timestamp" doc:"Where the time of the post stands, so that an old one cannot be sent again by others."`
}

// Timestamp says where the time of a post stands.
type Timestamp struct {
	Header    string        `yaml:"header" doc:"Header with the time."`
	Part      string        `yaml:"part" doc:"Name of the time among the parts of the signature's header: t in t=...,v1=..."`
	Format    string        `yaml:"format" oneof:"unix unix_ms iso" doc:"Seconds or milliseconds since 1970, or RFC 3339; unix unless set."`
	Tolerance time.Duration `yaml:"tolerance" doc:"How far the time may be from ours; 5m unless set."`
}

// Token is a shared secret in a header.
type Token struct {
	Header   string        `yaml:"header" doc:"Header with the secret, such as X-Tandem-Token or Authorization."`
	Secret   secret.Secret `yaml:"secret" doc:"The secret."`
	Previous secret.Secret `yaml:"previous" doc:"The secret before, accepted as well while it is being changed."`
	Prefix   string        `yaml:"prefix" doc:"Text before the secret, such as \"Bearer \"."`
}

// Key says what names a post.
type Key struct {
	Header string `yaml:"header" doc:"Header with the id of the post."`
	Path   string `yaml:"path" doc:"Path of the id in the body."`
}

// Form says which posts are records of one object, and what they hold.
type Form struct {
	As             string  `yaml:"as" doc:"The canonical object the records usually are."`
	Only           Only    `yaml:"only" doc:"Which posts are of this object; all unless set."`
	Each           string  `yaml:"each" doc:"Path of a list in the body whose items are the records; the body is one record unless set, or a list of them."`
	ID             string  `yaml:"id" doc:"Path of the record's id; each post is a record of its own unless set."`
	Modified       string  `yaml:"modified" doc:"Path of the time of the change; when the post came unless set."`
	ModifiedFormat string  `yaml:"modified_format" doc:"How that time is written; iso unless set."`
	Fields         []Field `yaml:"fields,required" doc:"The fields of a record."`
}

// Only compares one value of the body.
type Only struct {
	Path string   `yaml:"path" doc:"Path of the value."`
	Is   []string `yaml:"is" doc:"The values of posts that are of this object."`
}

// Field says where a value stands in the body and how it is written.
type Field struct {
	Name      string   `yaml:"name,required"`
	Path      string   `yaml:"path" doc:"Where the value stands, such as answers[field.ref=email].email; the name unless set."`
	Kind      string   `yaml:"kind" doc:"Type of the value; string unless set."`
	Format    string   `yaml:"format" doc:"How numbers, dates and times are written: an example such as € 3.500,00 or a pattern such as dd.mm.yyyy hh:mm."`
	Currency  string   `yaml:"currency" doc:"ISO 4217 code of amounts."`
	Zone      string   `yaml:"zone" doc:"Zone of this field's times."`
	Empty     []string `yaml:"empty" doc:"Texts that mean no value, besides nothing at all."`
	Separator string   `yaml:"separator" doc:"Between the members of a set that is written as one text; ; unless set."`
	True      []string `yaml:"true_words" doc:"Words for true; true, yes, on and 1 unless set."`
	False     []string `yaml:"false_words" doc:"Words for false; false, no, off and 0 unless set."`
	RefersTo  string   `yaml:"refers_to" doc:"For a reference: the object its ids belong to."`
}

const (
	defaultPage      = 200
	defaultTolerance = 5 * time.Minute
	bodyMark         = "{body}"
	timeMark         = "{timestamp}"
)

func decode(node diag.Node) (Config, diag.List) {
	cfg := Config{MaxBody: 256 << 10, Rate: 50, Retention: 30 * 24 * time.Hour, PageSize: defaultPage}
	cfg.Signature.Encoding, cfg.Signature.Signed = "hex", bodyMark
	cfg.Signature.Timestamp.Format, cfg.Signature.Timestamp.Tolerance = "unix", defaultTolerance
	problems := diag.Decode(node, &cfg)
	if problems.HasErrors() {
		return cfg, problems
	}
	for key, in := range map[string]bool{
		"max_body": cfg.MaxBody >= 1<<10 && cfg.MaxBody <= 8<<20, "rate": cfg.Rate >= 1 && cfg.Rate <= 1000,
		"page_size": cfg.PageSize >= 1 && cfg.PageSize <= 1000, "retention": cfg.Retention >= time.Hour,
	} {
		if !in {
			problems.Errorf(node.At(key), "%s is out of its bounds", key)
		}
	}
	if _, err := time.LoadLocation(cfg.Zone); err != nil || strings.EqualFold(cfg.Zone, "local") {
		problems.Add(node.At("zone").Errorf("%q is not a time zone", cfg.Zone).WithHint("write an IANA name such as Europe/Berlin"))
	}
	if len(cfg.Forms) == 0 {
		problems.Errorf(node.At("forms"), "there is no form")
	}
	problems.Add(cfg.checkProofs(node)...)
	checkPath(&problems, node.At("key").At("path"), cfg.Key.Path)
	if cfg.Key.Header != "" && cfg.Key.Path != "" {
		problems.Errorf(node.At("key"), "name either a header or a path, not both")
	}
	for name, f := range cfg.Forms {
		problems.Add(f.check(node.At("forms").At(name), cfg)...)
	}
	return cfg, problems.Sorted()
}

// checkProofs wants at least one way to tell who posts.
func (c Config) checkProofs(node diag.Node) (problems diag.List) {
	s, t := c.Signature, c.Token
	if s.Header == "" && t.Header == "" {
		problems.Add(node.Errorf("nothing proves who posts").WithHint("set signature, or token for a tool that cannot sign"))
	}
	if (s.Header == "") != s.Secret.IsZero() {
		problems.Errorf(node.At("signature"), "a signature needs both header and secret")
	}
	if (t.Header == "") != t.Secret.IsZero() {
		problems.Errorf(node.At("token"), "a token needs both header and secret")
	}
	if !strings.Contains(s.Signed, bodyMark) {
		problems.Errorf(node.At("signature").At("signed"), "what is signed must contain {body}")
	}
	timed, at := s.Timestamp.Header != "" || s.Timestamp.Part != "", node.At("signature").At("timestamp")
	if timed != strings.Contains(s.Signed, timeMark) {
		problems.Add(at.Errorf("a time proves something only if it is signed, and can be checked only if it is found").
			WithHint("set both timestamp and signed, such as {timestamp}.{body}"))
	}
	if timed && (s.Timestamp.Tolerance < time.Second || s.Timestamp.Tolerance > 24*time.Hour) {
		problems.Errorf(at, "the tolerance must be from 1s to 24h")
	}
	return problems
}

// weak warns of secrets that can be guessed.
func (c Config) weak(node diag.Node) (problems diag.List) {
	const short = 16
	for key, s := range map[string]secret.Secret{"signature": c.Signature.Secret, "token": c.Token.Secret} {
		if v := s.Reveal(); v != "" && len(v) < short {
			problems.Warnf(node.At(key), "the secret is shorter than %d characters: whoever guesses it can make records", short)
		}
	}
	return problems
}

func (f Form) check(at diag.Node, cfg Config) (problems diag.List) {
	if f.As != "" && !record.Object(f.As).Valid() {
		problems.Add(at.At("as").Errorf("there is no canonical object %q", f.As).WithNearest(f.As, objectNames()))
	}
	for key, p := range map[string]string{"each": f.Each, "id": f.ID, "modified": f.Modified} {
		checkPath(&problems, at.At(key), p)
	}
	checkPath(&problems, at.At("only").At("path"), f.Only.Path)
	if (f.Only.Path == "") != (len(f.Only.Is) == 0) {
		problems.Errorf(at.At("only"), "a choice of posts needs both path and is")
	}
	if _, err := newField(Field{Name: "modified", Kind: "instant", Format: f.ModifiedFormat}, cfg.Zone); err != nil {
		problems.Errorf(at.At("modified_format"), "%v", err)
	}
	items, seen := at.At("fields").Items(), map[string]bool{}
	for i, field := range f.Fields {
		here := at
		if i < len(items) {
			here = items[i]
		}
		if seen[field.Name] {
			problems.Errorf(here.At("name"), "the field %q is listed twice", field.Name)
		}
		seen[field.Name] = true
		if _, known := record.ParseKind(field.Kind); field.Kind != "" && !known {
			problems.Add(here.At("kind").Errorf("there is no kind %q", field.Kind).WithNearest(field.Kind, record.KindNames()))
		} else if _, err := newField(field, cfg.Zone); err != nil {
			problems.Errorf(here, "%v", err)
		}
		checkPath(&problems, here.At("path"), field.Path)
	}
	return problems
}

func checkPath(problems *diag.List, at diag.Node, text string) {
	if _, err := parsePath(text); err != nil {
		problems.Add(at.Errorf("%q is not a path: %v", text, err).WithHint("write names with dots between, such as answers[field.ref=email].email"))
	}
}

func (c Config) names() []string {
	names := make([]string, 0, len(c.Forms))
	for name := range c.Forms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func objectNames() []string {
	var names []string
	for _, o := range record.Objects() {
		names = append(names, string(o))
	}
	return names
}
