package hubspotsim

import "encoding/json"

// refs is one reference or a list of them.
type refs []ref

// UnmarshalJSON takes {"id":…} and [{"id":…}].
func (r *refs) UnmarshalJSON(b []byte) error {
	var one ref
	if len(b) > 0 && b[0] == '{' {
		err := json.Unmarshal(b, &one)
		*r = refs{one}
		return err
	}
	return json.Unmarshal(b, (*[]ref)(r))
}
