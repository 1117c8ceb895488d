package expression

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"

	"github.com/tandem-sync/tandem/record/format"
)

// Compile checks an expression and returns it ready to run, or everything that
// is wrong with it.
func Compile(source string, scope Scope) (*Program, []Mistake) {
	if n := utf8.RuneCountInString(source); n > maxSource {
		return nil, []Mistake{{Summary: fmt.Sprintf("an expression may be %d characters long, this one has %d", maxSource, n)}}
	}
	tree, g, mistakes := parse(source, &scope)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	reads := slices.Sorted(maps.Keys(g.reads))
	result, err := checker.Check(tree, typed(reads, &scope, g.known))
	if err != nil {
		return nil, []Mistake{located(err)}
	}
	ast.Walk(&tree.Node, rewriter{})
	code, err := compiler.Compile(tree, untyped(reads, g.known))
	if err != nil {
		return nil, []Mistake{located(err)}
	}
	p := &Program{source: source, reads: reads, calls: g.calls, result: resultType(result), code: code, ready: g.prepared}
	for _, name := range reads {
		p.marked = append(p.marked, fieldMark+name)
	}
	return p, nil
}

func parse(source string, scope *Scope) (*parser.Tree, *guard, []Mistake) {
	g := &guard{known: map[string]function{}, reads: map[string]bool{}}
	g.prepared = prepared{
		scope: scope, patterns: map[string]pattern{}, layouts: map[string]format.Layout{}, numbers: map[string]format.Number{},
		zones: map[string]*time.Location{},
	}
	for _, f := range functions() {
		g.known[f.name] = f
	}
	cfg := config(types.Map{})
	for name, f := range g.known {
		cfg.Functions[name] = f.checked()
	}
	tree, err := parser.ParseWithConfig(source, cfg)
	if err != nil {
		return nil, g, []Mistake{located(err)}
	}
	g.walk(&tree.Node)
	return tree, g, g.mistakes
}

func config(env types.Map) *conf.Config {
	cfg := conf.CreateNew()
	cfg.WithEnv(env)
	cfg.MaxNodes = maxNodes
	cfg.Optimize = false
	return cfg
}

// typed is the configuration that operands and arguments are checked with.
func typed(reads []string, scope *Scope, known map[string]function) *conf.Config {
	env := types.Map{}
	for _, name := range reads {
		env[fieldMark+name] = scope.Fields[name].checked()
	}
	cfg := config(env)
	for name, f := range known {
		cfg.Functions[name] = f.checked()
	}
	return cfg
}

// untyped is the configuration for the rewritten tree, in which every call has
// the budget as its first argument.
func untyped(reads []string, known map[string]function) *conf.Config {
	env := types.Map{budgetName: types.Any}
	for _, name := range reads {
		env[fieldMark+name] = types.Any
	}
	cfg := config(env)
	for name, f := range known {
		cfg.Functions[name] = &builtin.Function{Name: name, Func: budgeted(f.run)}
	}
	for op, run := range operators() {
		cfg.Functions[opPrefix+op] = &builtin.Function{Name: opPrefix + op, Func: budgeted(run)}
	}
	return cfg
}

func budgeted(run call) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		b, ok := args[0].(*budget)
		if !ok {
			return nil, fail("it has no budget")
		}
		return run(b, args[1:])
	}
}

func (f function) checked() *builtin.Function {
	out := &builtin.Function{Name: f.name, Func: budgeted(f.run)}
	if f.name == "coalesce" || f.name == "default" {
		out.Validate = common
	}
	for _, t := range f.types {
		out.Types = append(out.Types, reflect.TypeOf(t).Elem())
	}
	return out
}

// common is the type that alternatives have in common.
func common(args []reflect.Type) (reflect.Type, error) {
	if len(args) == 0 {
		return nil, errors.New("coalesce needs at least one value")
	}
	found := args[0]
	for _, t := range args[1:] {
		if t != found {
			return reflect.TypeFor[any](), nil
		}
	}
	if found == nil {
		found = reflect.TypeFor[any]()
	}
	return found, nil
}

func resultType(t reflect.Type) Type {
	if t == nil {
		return Any
	}
	switch t.Kind() {
	case reflect.String:
		return Text
	case reflect.Int:
		return Whole
	case reflect.Float64:
		return Number
	case reflect.Bool:
		return Bool
	case reflect.Slice:
		return List
	default:
		return Any
	}
}

func located(err error) Mistake {
	if at, ok := errors.AsType[*file.Error](err); ok {
		return Mistake{At: at.From, Summary: strings.ReplaceAll(at.Message, fieldMark, "")}
	}
	return Mistake{Summary: "the expression cannot be compiled"}
}
