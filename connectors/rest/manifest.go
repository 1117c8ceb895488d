package rest

import (
	"time"

	"github.com/tandem-sync/tandem/config/diag"
)

// Manifest describes an HTTP API that answers in JSON.
type Manifest struct {
	Title   string            `yaml:"title" doc:"What the system is called."`
	BaseURL string            `yaml:"base_url" doc:"Address of the API, where it is the same for everyone. The connector's own base_url comes first."`
	Vars    map[string]string `yaml:"vars" doc:"Values that each connector's file must give under vars, each with a word on what it is; {vars.NAME} stands for one."`
	Auth    Scheme            `yaml:"auth" doc:"How calls are signed. The credentials themselves stand in the connector's file."`
	Headers map[string]string `yaml:"headers" doc:"Headers that every call carries."`
	Check   Check             `yaml:"check,required" doc:"A cheap call that only good credentials can make."`
	Times   Times             `yaml:"times" doc:"How moments are written."`
	Values  Values            `yaml:"values" doc:"How values are written."`
	Errors  Errors            `yaml:"errors" doc:"What failures look like."`
	Limits  []Limit           `yaml:"limits" doc:"Rate limits, as far as they are known beforehand."`
	Objects map[string]Object `yaml:"objects,required" doc:"The objects, by the names that connectors' files call them by."`
}

// Scheme is a way to sign calls.
type Scheme struct {
	Kind     string   `yaml:"kind" oneof:"none bearer basic header query oauth2" doc:"bearer, unless set, sends a token; basic sends a user name and password; header a key in a header; query a key in the address (discouraged: addresses end up in logs over there); oauth2 gets tokens by the grant client credentials."`
	Name     string   `yaml:"name" doc:"Of header and query: the header or parameter."`
	Prefix   string   `yaml:"prefix" doc:"Of header: what stands before the key, with its space."`
	TokenURL string   `yaml:"token_url" doc:"Of oauth2: where tokens come from; a path is below the base URL."`
	Scopes   []string `yaml:"scopes" doc:"Of oauth2: the scopes asked for."`
}

// Request is a call with placeholders.
type Request struct {
	Method  string            `yaml:"method" oneof:"GET POST PUT PATCH DELETE" doc:"GET unless set; of writes POST to create, PATCH to update, DELETE to archive."`
	Path    string            `yaml:"path,required" doc:"Path below the base URL. What stands for a placeholder is escaped."`
	Query   diag.Node         `yaml:"query" kind:"mapping" doc:"Parameters of the address; a list repeats one. A parameter whose placeholder has no value is left out."`
	Headers map[string]string `yaml:"headers" doc:"Further headers."`
	Body    diag.Node         `yaml:"body" kind:"any" doc:"What is sent as JSON. A text that is one placeholder takes its value as it is, a list or a number too; a member without a value is left out; the key ... lays a mapping among its neighbours."`
}

// Check is the call that proves the credentials.
type Check struct {
	Request `yaml:",inline"`
	Account string `yaml:"account" doc:"Where the answer holds the account's id; without it the address stands for the account."`
	Name    string `yaml:"name" doc:"Where the answer holds the account's name."`
}

// Times says how moments are written.
type Times struct {
	Rows   string `yaml:"rows" doc:"In rows: iso, unix, unix_ms or a pattern such as yyyy-mm-dd hh:mm:ss; alternatives are divided by a bar between spaces."`
	Filter string `yaml:"filter" doc:"In {since} and {last.time}; as in rows unless set."`
	Write  string `yaml:"write" doc:"In what is written; as in rows unless set."`
	Zone   string `yaml:"zone" doc:"IANA zone of times that name none; UTC unless set."`
}

// Values says how values are written.
type Values struct {
	Clear string `yaml:"clear" oneof:"null empty" doc:"What clears a field: null, or an empty text."`
	Text  bool   `yaml:"text" doc:"Numbers and truths are sent as text."`
}

// Errors says what failures look like.
type Errors struct {
	Code        string `yaml:"code" doc:"Where the answer holds the system's own code."`
	Message     string `yaml:"message" doc:"Where it holds a message for people. Name it only if it quotes no personal data beside e-mail addresses, numbers and what stands in quotes, which are cut out."`
	Field       string `yaml:"field" doc:"Where it names the field at fault."`
	Existing    string `yaml:"existing" doc:"Where a conflict names the id of the record in the way."`
	Correlation string `yaml:"correlation" doc:"The header with the id of the exchange, for the vendor's support."`
	Rules       []Rule `yaml:"rules" doc:"What the status alone does not tell; the first that fits counts. Without one: 401 auth, 402 and 403 permission, 404 and 410 missing, 409 conflict, 412 stale, 423 locked, 429 rate_limited, 5xx transient, other 4xx invalid."`
}

// Rule says what an answer means.
type Rule struct {
	Status []int         `yaml:"status" doc:"The statuses it is about; any failure unless set. A good status may be named, for systems that hide failures in one."`
	At     string        `yaml:"at" doc:"The value in the answer it looks at."`
	Is     []string      `yaml:"is" doc:"What the value must be, any of these."`
	Has    string        `yaml:"has" doc:"What the value must contain, in whatever case."`
	Class  string        `yaml:"class,required" oneof:"transient rate_limited exhausted locked auth permission invalid conflict stale missing unsupported expired" doc:"What it means. exhausted is a quota of the day, expired a cursor no longer accepted: the read begins again."`
	Scope  string        `yaml:"scope" oneof:"row batch object system" doc:"How far it reaches, where that is not plain from the class."`
	Until  string        `yaml:"until" doc:"The header that tells when to come back; Retry-After is always heeded."`
	Form   string        `yaml:"until_is" oneof:"seconds unix unix_ms iso" doc:"How that header is written; seconds from now unless set."`
	Wait   time.Duration `yaml:"wait" doc:"When to come back where nothing tells."`
	Next   string        `yaml:"next" doc:"What a person can do about it."`
}

// Limit is a rate limit.
type Limit struct {
	Name      string        `yaml:"name,required" doc:"A word for it, for metrics."`
	Calls     int           `yaml:"calls" doc:"How many calls; without it only what the headers tell counts."`
	Per       time.Duration `yaml:"per,required" doc:"In how long a time."`
	Paths     []string      `yaml:"paths" doc:"Parts of the paths it is about; all calls unless set."`
	Remaining string        `yaml:"remaining" doc:"The header with the calls left."`
	Reset     string        `yaml:"reset" doc:"The header with the time they are back."`
	Form      string        `yaml:"reset_is" oneof:"seconds unix unix_ms iso" doc:"How that header is written; seconds from now unless set."`
}

// Object is one sort of record.
type Object struct {
	Label       string           `yaml:"label" doc:"What people call it."`
	As          string           `yaml:"as" oneof:"person company deal campaign touch activity owner relation change" doc:"What it usually is in Tandem."`
	ID          string           `yaml:"id" doc:"Where a row holds its id; id unless set."`
	UpdatedAt   Paths            `yaml:"updated_at" doc:"Where it holds the time of its last change; of several the first that is not empty."`
	CreatedAt   Paths            `yaml:"created_at" doc:"Where it holds the time it was made."`
	Version     string           `yaml:"version" doc:"Where it holds what changes with the content: a counter, an ETag, a time of fine grain. Without it the time and the values of all fields stand for it."`
	GoneIf      string           `yaml:"gone_if" doc:"A row in which this holds something other than false is told as deleted."`
	OmitsEmpty  bool             `yaml:"omits_empty" doc:"The system leaves empty fields out of its rows."`
	Fields      map[string]Field `yaml:"fields,required" doc:"The fields, by the names that maps call them by."`
	Extras      string           `yaml:"extras" doc:"Where rows hold further fields, which are found in the first page and read as text; a dot alone is the row itself."`
	Overlap     time.Duration    `yaml:"overlap" doc:"How late a change may become visible; each pass reaches back that far. 1m unless set."`
	PageSize    int              `yaml:"page_size" doc:"Rows asked for at once, {size}; 100 unless set."`
	List        *Walk            `yaml:"list,required" doc:"Reads all rows, and if it uses {since} the changed ones as well."`
	Changes     *Walk            `yaml:"changes" doc:"Reads the rows changed since a moment; uses {since}, {last.time} or both."`
	Gone        *Tombs           `yaml:"gone" doc:"Reads what was deleted."`
	Get         *Find            `yaml:"get" doc:"Reads records by id. It must see what was just written: name no search index."`
	Lookup      *Lookup          `yaml:"lookup" doc:"Finds records by a unique field. It must see what was just written."`
	Create      *Write           `yaml:"create" doc:"Makes records."`
	Update      *Write           `yaml:"update" doc:"Changes records; only the fields that differ are sent."`
	Archive     *Write           `yaml:"archive" doc:"Removes records."`
	CheckUnique []string         `yaml:"check_unique" doc:"Fields that are looked up before they are written, for systems that merge or overwrite instead of refusing a value that another record has."`
}

// Field is one field of an object.
type Field struct {
	Path      string   `yaml:"path" doc:"Where a row holds it; its name unless set."`
	Write     string   `yaml:"write" doc:"Where {fields} holds it when written; its name unless set. Dots make mappings."`
	Kind      string   `yaml:"kind" oneof:"string text integer decimal money boolean date instant enum set phone email url country reference" doc:"Type of the values; string unless set."`
	Label     string   `yaml:"label" doc:"What people call it."`
	ReadOnly  bool     `yaml:"read_only" doc:"It cannot be written."`
	Required  bool     `yaml:"required" doc:"A create without it is refused."`
	Unique    bool     `yaml:"unique" doc:"The system refuses a second record with the same value."`
	Volatile  bool     `yaml:"volatile" doc:"It changes without moving updated_at."`
	MaxLength int      `yaml:"max_length" doc:"Longest text taken, in characters."`
	Options   []string `yaml:"options" doc:"The values of an enum or set."`
	Closed    bool     `yaml:"closed" doc:"Other values than the options are refused."`
	RefersTo  string   `yaml:"refers_to" doc:"Of a reference: the object its ids belong to."`
	Empty     []string `yaml:"empty" doc:"Texts that mean no value, besides none."`
	Separator string   `yaml:"separator" doc:"Of a set: what stands between its members in one text; without it a set is a list."`
	Format    string   `yaml:"format" doc:"Of an instant: how it is written, where it differs from times."`
}

// Walk reads rows page by page.
type Walk struct {
	Request `yaml:",inline"`
	Records string `yaml:"records" doc:"Where the answer holds the rows, a list or a mapping; the whole answer unless set."`
	Paging  Paging `yaml:"paging" doc:"How the next page is asked for."`
}

// Paging says how the next page is asked for, and which is the last.
type Paging struct {
	By      string `yaml:"by" oneof:"none page offset cursor next_url link keyset" doc:"none: one page holds all. page and offset count with {page} and {offset}. cursor takes {cursor} from the answer. next_url follows an address in the answer, link one in the header Link; neither is ever followed to another host. keyset goes on after {last.id} and {last.time} of the last row, which loses nothing and is to be preferred."`
	Next    string `yaml:"next" doc:"Of cursor and next_url: where the answer holds it."`
	Start   string `yaml:"start" doc:"The first {page} (1) or {offset} (0), or the {last.id} of the first page of a keyset (none)."`
	ID      string `yaml:"id" doc:"Where a row holds what {last.id} takes; the object's id unless set."`
	Time    string `yaml:"time" doc:"Where a row holds what {last.time} takes; updated_at unless set."`
	More    string `yaml:"more" doc:"Where the answer tells whether there is another page."`
	Total   string `yaml:"total" doc:"Where the answer counts all rows that fit; of a keyset those not yet read."`
	Until   string `yaml:"until" oneof:"empty short" doc:"Which page is the last where neither more nor total tells: an empty one, or with short one that is not full (only if the system never sends fewer rows than {size} before the last)."`
	Advance bool   `yaml:"advance" doc:"Of page and offset, sorted by time: {since} moves on to the last row's time after each page, and pages are counted within one moment only, so that rows edited meanwhile push none aside."`
	Stable  bool   `yaml:"stable" doc:"Of page and offset: rows neither move nor vanish while they are read, so the page before need not be looked at again."`
}

// Tombs reads what was deleted.
type Tombs struct {
	Walk `yaml:",inline"`
	ID   string `yaml:"id" doc:"Where a row holds the id of the deleted record; the object's id unless set."`
	At   string `yaml:"at" doc:"Where it holds the time."`
}

// Find reads records by id.
type Find struct {
	Request `yaml:",inline"`
	Records string    `yaml:"records" doc:"Where the answer holds the records, or the one; the whole answer unless set."`
	Batch   int       `yaml:"batch" doc:"How many {ids} a call takes; 1 unless set, and {id} is the one."`
	Row     diag.Node `yaml:"row" kind:"any" doc:"What stands for one {id} in {rows}."`
	Total   string    `yaml:"total" doc:"Where the answer counts what it found; more than it shows is an error, never a loss."`
}

// Lookup finds records by a unique field.
type Lookup struct {
	Find `yaml:",inline"`
	Keys []string `yaml:"keys,required" doc:"The fields it can be asked for, {key}, best first; {values} are the values and {value} the one."`
}

// Write writes records.
type Write struct {
	Request `yaml:",inline"`
	Batch   int       `yaml:"batch" doc:"How many rows a call takes; 1 unless set."`
	Row     diag.Node `yaml:"row" kind:"any" doc:"Of a batch: what stands for one record in {rows}; {id}, {op} and {fields} are its own."`
	Repeat  bool      `yaml:"repeat" doc:"The call may be made again when its fate is not known. Updates and archives always may; a create only if the system knows it again."`
	Answer  Answer    `yaml:"answer" doc:"What the answer tells."`
}

// Answer says where an answer to a write tells what became of each row.
type Answer struct {
	ID       string `yaml:"id" doc:"Where a created record's id is, in the answer or in its row of a batch; the object's id unless set."`
	Record   string `yaml:"record" doc:"Where the answer holds the record as stored, with all that rows of list hold; a dot alone is the whole answer."`
	Rows     string `yaml:"rows" doc:"Of a batch: where the rows as stored are, a list or a mapping."`
	RowKey   Paths  `yaml:"row_key" doc:"Where a row holds the {op} or the id it was sent with; without it its place tells, or the key it stands under."`
	Whole    bool   `yaml:"whole" doc:"The rows hold all that rows of list hold, so that they tell the version stored."`
	Errors   string `yaml:"errors" doc:"Of a batch: where the refused rows are."`
	ErrorKey Paths  `yaml:"error_key" doc:"Where one holds its {op} or id, or several; without it its place tells, or the key it stands under."`
	Status   string `yaml:"error_status" doc:"Where one holds a status; 400 unless set."`
}

// Paths lead to the same thing in different rows.
type Paths []string

// DecodeNode reads one path or a list of them.
func (p *Paths) DecodeNode(n diag.Node) (problems diag.List) {
	if n.IsList() {
		*p = n.Strings(&problems)
		return problems
	}
	*p = Paths{n.Str(&problems)}
	return problems
}

func (p Paths) parse() []path {
	out := make([]path, len(p))
	for i, s := range p {
		out[i] = parsePath(s)
	}
	return out
}
