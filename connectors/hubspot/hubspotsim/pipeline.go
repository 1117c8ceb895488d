package hubspotsim

import (
	"net/http"
	"strings"
)

// Pipeline is a row of stages records go through.
type Pipeline struct {
	Label        string  `json:"label"`
	DisplayOrder int     `json:"displayOrder"`
	ID           string  `json:"id"`
	Stages       []Stage `json:"stages"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
	Archived     bool    `json:"archived"`
}

// Stage is one stage of a pipeline; Metadata holds isClosed, and probability
// for deals ("1.0" is won, "0.0" and closed is lost).
type Stage struct {
	Label            string            `json:"label"`
	DisplayOrder     int               `json:"displayOrder"`
	Metadata         map[string]string `json:"metadata"`
	ID               string            `json:"id"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	WritePermissions string            `json:"writePermissions"`
	Archived         bool              `json:"archived"`
}

const dawn = "1970-01-01T00:00:00Z"

// NewPipeline builds a deal pipeline of stages given as "id=Label=probability";
// a probability of 0.0 or 1.0 closes the deal.
func NewPipeline(id, name string, stages ...string) Pipeline {
	p := Pipeline{Label: name, ID: id, CreatedAt: dawn, UpdatedAt: dawn}
	for i, s := range stages {
		part := strings.SplitN(s+"==", "=", 4)
		closed := "false"
		if part[2] == "0.0" || part[2] == "1.0" {
			closed = "true"
		}
		p.Stages = append(p.Stages, Stage{
			Label: part[1], DisplayOrder: i, ID: part[0], CreatedAt: dawn, UpdatedAt: dawn,
			WritePermissions: "CRM_PERMISSIONS_ENFORCEMENT",
			Metadata:         map[string]string{"isClosed": closed, "probability": part[2]},
		})
	}
	return p
}

func standardPipelines() map[string][]Pipeline {
	life := NewPipeline("contacts-lifecycle-pipeline", "Lifecycle Stage Pipeline",
		"subscriber=Subscriber", "lead=Lead", "marketingqualifiedlead=Marketing Qualified Lead",
		"salesqualifiedlead=Sales Qualified Lead", "opportunity=Opportunity", "customer=Customer", "evangelist=Evangelist", "other=Other")
	for i := range life.Stages {
		life.Stages[i].Metadata = map[string]string{"isClosed": "false", "state": "OPEN"}
	}
	life.Stages[7].Metadata = map[string]string{"isClosed": "true", "state": "CLOSED"}
	return map[string][]Pipeline{
		"contacts": {life},
		"deals": {NewPipeline("default", "Sales Pipeline",
			"appointmentscheduled=Appointment Scheduled=0.2", "qualifiedtobuy=Qualified To Buy=0.4",
			"presentationscheduled=Presentation Scheduled=0.6", "decisionmakerboughtin=Decision Maker Bought-In=0.8",
			"contractsent=Contract Sent=0.9", "closedwon=Closed Won=1.0", "closedlost=Closed Lost=0.0")},
	}
}

// AddPipeline gives deals a further pipeline, and each stage its properties
// that say when a deal came into it.
func (t *Twin) AddPipeline(p Pipeline) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.DisplayOrder = len(t.pipes["deals"])
	t.pipes["deals"] = append(t.pipes["deals"], p)
	for _, s := range p.Stages {
		t.tables["deals"].define(parseStandard("hs_v2_date_entered_" + s.ID + "\tDate entered " + s.Label + "\tdatetime\tcalculation_read_time\tdeal_stages\tc"))
	}
}

// stage finds a deal's stage within its pipeline.
func (t *Twin) stage(pipeline, id string) (Stage, bool) {
	for _, p := range t.pipes["deals"] {
		for _, s := range p.Stages {
			if p.ID == pipeline && s.ID == id {
				return s, true
			}
		}
	}
	return Stage{}, false
}

func (t *Twin) listPipelines(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	rows := t.pipes[tb.plural]
	if rows == nil {
		rows = []Pipeline{}
	}
	return c.json(http.StatusOK, results[Pipeline]{Results: rows})
}

func (c *call) pipeline() (Pipeline, error) {
	tb, err := c.table()
	if err != nil {
		return Pipeline{}, err
	}
	for _, p := range c.t.pipes[tb.plural] {
		if p.ID == c.r.PathValue("id") {
			return p, nil
		}
	}
	return Pipeline{}, notFound()
}

func (t *Twin) getPipeline(c *call) error {
	p, err := c.pipeline()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, p)
}

func (t *Twin) listStages(c *call) error {
	p, err := c.pipeline()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[Stage]{Results: p.Stages})
}
