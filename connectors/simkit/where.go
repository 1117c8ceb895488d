package simkit

import "slices"

// TakeWhere is Take for faults that the caller chooses by more than kind, such
// as by the rows of a call: the faults that fits refuses are left as they are.
func (f *Faults) TakeWhere(method, path string, fits func(Fault) bool) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if !f.matches(fault, method, path) || !fits(*fault) {
			continue
		}
		if fault.After > 0 {
			fault.After--
			continue
		}
		taken := *fault
		if fault.Times > 0 {
			fault.Times--
			if fault.Times == 0 {
				f.list = slices.Delete(f.list, i, i+1)
			}
		}
		return taken, true
	}
	return Fault{}, false
}
