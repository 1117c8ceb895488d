package listmonk

import (
	"strings"

	"github.com/tandem-sync/tandem/record"
)

// Canonical returns fields as listmonk will hold them: addresses in small
// letters, names and addresses without spaces at their ends.
func (*Connector) Canonical(_ string, f record.Fields) record.Fields {
	out := f.Clone()
	for name, v := range f {
		switch {
		case !v.IsPresent():
		case name == "email":
			out[name] = record.Of(v.Kind(), address(v.Text()))
		case name == "name":
			out[name] = record.Of(v.Kind(), strings.TrimSpace(v.Text()))
		}
	}
	return out
}
