package app

import (
	"slices"

	"github.com/tandem-sync/tandem/connectors"
)

// mostNotice bounds a notice in bytes: systems tell of some hundred records at
// most in one.
const mostNotice = 1 << 20

// notified checks what a system says has changed there and starts its cycle
// now. The notice is not kept: the cycle reads all that changed since the one
// before, told or not, so that a notice that is lost or forged late costs or
// gains nothing but time.
func (d *Daemon) notified(n connectors.Notifier, connector string, post connectors.Delivery) error {
	notice, err := n.Verify(post)
	if err != nil || len(notice.Hints) == 0 {
		return err
	}
	for _, g := range groups(d.App().Config) {
		if slices.Contains(g.systems, connector) {
			d.Scheduler().Trigger(g.name)
		}
	}
	return nil
}
