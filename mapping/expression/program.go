package expression

import (
	"errors"
	"slices"
	"sync"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/tandem-sync/tandem/record"
)

// Program is a compiled expression. It never changes and may be used from
// several goroutines at once.
type Program struct {
	source string
	reads  []string
	marked []string // reads with the mark the machine knows them by
	calls  []string
	result Type
	code   *vm.Program
	ready  prepared
	pool   sync.Pool
}

// machine is what one evaluation needs and the next can use again.
type machine struct {
	vm     vm.VM
	env    map[string]any
	budget budget
}

// Source returns the expression as written.
func (p *Program) Source() string { return p.source }

// Reads lists the fields the expression reads, sorted.
func (p *Program) Reads() []string { return p.reads }

// Result returns the static type of the result.
func (p *Program) Result() Type { return p.result }

// Calls lists the function calls in the expression that can be evaluated on
// their own, innermost first, then the whole expression: the steps in which it
// can be explained.
func (p *Program) Calls() []string {
	steps := slices.Clone(p.calls)
	slices.Reverse(steps)
	return slices.Compact(steps)
}

// Eval evaluates the expression on a record. Fields that are not present count
// as null. The result is nil, string, int, float64, bool or []string. Every
// failure is an *Error without any value in it.
func (p *Program) Eval(fields record.Fields) (any, error) {
	m, ok := p.pool.Get().(*machine)
	if !ok {
		m = &machine{env: make(map[string]any, len(p.reads)+1), budget: budget{prepared: p.ready}}
	}
	defer p.release(m)
	for i, name := range p.reads {
		v, err := enter(fields[name])
		if err != nil {
			return nil, err
		}
		m.env[p.marked[i]] = v
	}
	m.budget.refill()
	m.env[budgetName] = &m.budget
	m.vm.MemoryBudget = maxMemory
	out, err := m.vm.Run(p.code, m.env)
	if err != nil {
		return nil, p.failure(err)
	}
	return leave(out)
}

// release puts the machine back without the record it has seen.
func (p *Program) release(m *machine) {
	clear(m.env)
	clear(m.vm.Stack[:cap(m.vm.Stack)])
	clear(m.vm.Variables)
	p.pool.Put(m)
}

// failure keeps the place and the words of our own errors; those of the
// machine may repeat a value.
func (p *Program) failure(err error) error {
	out := &Error{At: -1, What: "an operation does not suit its values"}
	if at, ok := errors.AsType[*file.Error](err); ok {
		out.At = at.From
		if at.Message == "memory budget exceeded" {
			out.What = "it takes too much memory"
		}
	}
	if own, ok := errors.AsType[*Error](err); ok {
		out.What = own.What
	}
	return out
}
