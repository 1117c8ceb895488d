package hubspotsim

import (
	"embed"
	"strings"
)

//go:embed properties/*.tsv
var standardFiles embed.FS

// Property is a property's definition, in the fields HubSpot answers with.
type Property struct {
	UpdatedAt      string           `json:"updatedAt,omitempty"`
	CreatedAt      string           `json:"createdAt,omitempty"`
	Name           string           `json:"name"`
	Label          string           `json:"label"`
	Type           string           `json:"type"`
	FieldType      string           `json:"fieldType"`
	Description    string           `json:"description"`
	GroupName      string           `json:"groupName"`
	Options        []PropertyOption `json:"options"`
	Referenced     string           `json:"referencedObjectType,omitempty"`
	CreatedUserID  string           `json:"createdUserId,omitempty"`
	UpdatedUserID  string           `json:"updatedUserId,omitempty"`
	DisplayOrder   int              `json:"displayOrder"`
	Calculated     bool             `json:"calculated"`
	External       bool             `json:"externalOptions"`
	Archived       *bool            `json:"archived,omitempty"`
	HasUniqueValue bool             `json:"hasUniqueValue"`
	Hidden         bool             `json:"hidden"`
	HubspotDefined bool             `json:"hubspotDefined,omitempty"`
	Modification   modification     `json:"modificationMetadata"`
	FormField      bool             `json:"formField"`
	Sensitivity    string           `json:"dataSensitivity"`
}

// PropertyOption is one value of an enumeration.
type PropertyOption struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description,omitempty"`
	DisplayOrder int    `json:"displayOrder"`
	Hidden       bool   `json:"hidden"`
}

// PropertyGroup is a heading properties stand under.
type PropertyGroup struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	DisplayOrder int    `json:"displayOrder"`
	Archived     bool   `json:"archived"`
}

type modification struct {
	Archivable         bool `json:"archivable"`
	ReadOnlyDefinition bool `json:"readOnlyDefinition"`
	ReadOnlyOptions    bool `json:"readOnlyOptions,omitempty"`
	ReadOnlyValue      bool `json:"readOnlyValue"`
}

func (p *Property) readOnly() bool { return p.Calculated || p.Modification.ReadOnlyValue }

// loadStandard reads the properties every portal has. A line is: name, label,
// type, field type, group, flags (c calculated, r read-only, h hidden,
// x external options, u unique), options as label=value separated by |.
func (tb *table) loadStandard() {
	files := []string{"common.tsv", tb.plural + ".tsv"}
	if tb.baseID > 60_000_000_000 && tb.baseID < 70_000_000_000 {
		files = []string{"common.tsv", "activity.tsv", tb.plural + ".tsv"}
	}
	for _, file := range files {
		text, err := standardFiles.ReadFile("properties/" + file)
		if err != nil {
			panic("hubspotsim is built without its property file " + file)
		}
		for line := range strings.Lines(string(text)) {
			tb.define(parseStandard(strings.TrimRight(line, "\r\n")))
		}
	}
}

func parseStandard(line string) *Property {
	col := strings.Split(line+"\t\t\t\t\t\t", "\t")
	flag := func(f string) bool { return strings.Contains(col[5], f) }
	p := &Property{
		UpdatedAt: "2024-09-12T14:22:56.844Z", CreatedAt: "2020-06-30T15:57:37.277Z",
		Name: col[0], Label: col[1], Type: col[2], FieldType: col[3], GroupName: col[4], Description: col[1],
		Options: []PropertyOption{}, DisplayOrder: -1, Calculated: flag("c"), External: flag("x"), Hidden: flag("h"),
		HasUniqueValue: flag("u"), HubspotDefined: true, FormField: !flag("r") && !flag("c"), Sensitivity: "non_sensitive",
		Modification: modification{Archivable: true, ReadOnlyDefinition: true, ReadOnlyValue: flag("r") || flag("c")},
	}
	if col[6] == "" {
		return p
	}
	for i, option := range strings.Split(col[6], "|") {
		label, value, _ := strings.Cut(option, "=")
		p.Options = append(p.Options, PropertyOption{Label: label, Value: value, DisplayOrder: i})
	}
	return p
}

func (tb *table) define(p *Property) {
	if tb.defs[p.Name] == nil {
		tb.order = append(tb.order, p.Name)
	}
	tb.defs[p.Name] = p
	tb.key(p.Name)
	if p.HasUniqueValue && tb.unique[p.Name] == nil && !p.readOnly() {
		tb.unique[p.Name] = map[string]*record{}
	}
	tb.group(p.GroupName)
}

func (tb *table) group(name string) {
	for _, g := range tb.groups {
		if g.Name == name {
			return
		}
	}
	tb.groups = append(tb.groups, PropertyGroup{Name: name, Label: name, DisplayOrder: len(tb.groups)})
}

// AddProperty defines a custom property, as an administrator would.
func (t *Twin) AddProperty(object string, p Property) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb := t.table(object)
	tb.define(t.custom(tb, p))
}

// custom fills in what HubSpot does for a property it did not define.
func (t *Twin) custom(tb *table, p Property) *Property {
	stamp, no := iso(t.now()), false
	p.UpdatedAt, p.CreatedAt, p.Archived = stamp, stamp, &no
	p.CreatedUserID, p.UpdatedUserID = itoa(userID), itoa(userID)
	p.Modification = modification{Archivable: true}
	p.HubspotDefined, p.Calculated = false, false
	if p.DisplayOrder == 0 {
		p.DisplayOrder = -1
	}
	if p.Options == nil {
		p.Options = []PropertyOption{}
	}
	if p.Sensitivity == "" {
		p.Sensitivity = "non_sensitive"
	}
	if p.GroupName == "" {
		p.GroupName = tb.singular + "information"
	}
	for i := range p.Options {
		if p.Options[i].DisplayOrder == 0 {
			p.Options[i].DisplayOrder = i
		}
	}
	return &p
}
