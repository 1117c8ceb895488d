package expression

import (
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// fieldMark is put before the name of a field, so that a field may be called
// like a function (`email(email)`). No source can spell it.
const fieldMark = "·"

// guard walks a freshly parsed tree. It lets pass what is on its allow-list,
// renames fields, and collects lineage and the calls worth explaining.
type guard struct {
	prepared

	known    map[string]function
	reads    map[string]bool
	lets     []string
	calls    []string
	mistakes []Mistake
	depth    int
	loops    int
}

func (g *guard) wrong(n ast.Node, format string, args ...any) {
	g.mistakes = append(g.mistakes, Mistake{At: n.Location().From, Summary: fmt.Sprintf(format, args...)})
}

func (g *guard) add(m *Mistake) {
	if m != nil {
		g.mistakes = append(g.mistakes, *m)
	}
}

func (g *guard) walk(node *ast.Node) {
	if *node == nil {
		return
	}
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > maxDepth {
		if g.depth == maxDepth+1 {
			g.wrong(*node, "the expression is nested too deeply")
		}
		return
	}
	switch n := (*node).(type) {
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
	case *ast.IdentifierNode:
		g.identifier(n)
	case *ast.UnaryNode:
		g.walk(&n.Node)
	case *ast.BinaryNode:
		g.binary(n)
	case *ast.ConditionalNode:
		g.walk(&n.Cond)
		g.walk(&n.Exp1)
		g.walk(&n.Exp2)
	case *ast.ArrayNode:
		for i := range n.Nodes {
			g.walk(&n.Nodes[i])
		}
	default:
		g.compound(node)
	}
}

// compound handles the nodes that need more than a look at their children.
func (g *guard) compound(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		g.call(n)
	case *ast.BuiltinNode:
		g.loop(n)
	case *ast.PointerNode:
		if n.Name != "" && n.Name != "index" {
			g.wrong(n, "#%s is not available here", n.Name)
		}
	case *ast.VariableDeclaratorNode:
		g.walk(&n.Value)
		g.lets = append(g.lets, n.Name)
		g.walk(&n.Expr)
		g.lets = g.lets[:len(g.lets)-1]
	case *ast.MemberNode:
		g.member(node, n)
	case *ast.SliceNode:
		g.walk(&n.Node)
		g.walk(&n.From)
		g.walk(&n.To)
	default:
		g.wrong(n, "this construct is not available in expressions")
	}
}

func (g *guard) identifier(n *ast.IdentifierNode) {
	if slices.Contains(g.lets, n.Value) {
		return
	}
	name := n.Value
	if g.field(n, name) {
		n.Value = fieldMark + name
	}
}

// field notes that a field is read, or that there is none.
func (g *guard) field(n ast.Node, name string) bool {
	if _, ok := g.scope.Fields[name]; ok || g.scope.Open && name != "$env" {
		g.reads[name] = true
		return true
	}
	if _, ok := g.known[name]; ok {
		g.wrong(n, "%s is a function: write %s", name, g.known[name].usage)
		return false
	}
	g.mistakes = append(g.mistakes, Mistake{
		At: n.Location().From, Summary: fmt.Sprintf("unknown field %q", name), Name: name,
		Known: slices.Sorted(maps.Keys(g.scope.Fields)),
	})
	return false
}

func (g *guard) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		g.wrong(n, "ranges are not available in expressions")
	case "matches":
		g.add(g.pattern(n.Right))
	}
	g.walk(&n.Left)
	g.walk(&n.Right)
}

func (g *guard) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		g.wrong(n, "only the functions of this page can be called")
		return
	}
	if _, ok := g.known[callee.Value]; !ok {
		g.mistakes = append(g.mistakes, Mistake{
			At: callee.Location().From, Summary: fmt.Sprintf("unknown function %q", callee.Value), Name: callee.Value, Known: names(),
		})
		return
	}
	g.add(g.prepared.call(n, callee.Value))
	if g.loops == 0 && len(g.lets) == 0 {
		g.calls = append(g.calls, n.String())
	}
	for i := range n.Arguments {
		g.walk(&n.Arguments[i])
	}
}

func loops() []string { return []string{"all", "any", "count", "filter", "map", "none"} }

func (g *guard) loop(n *ast.BuiltinNode) {
	if !slices.Contains(loops(), n.Name) {
		g.mistakes = append(g.mistakes, Mistake{
			At: n.Location().From, Summary: fmt.Sprintf("the function %q is not available in expressions", n.Name), Name: n.Name, Known: names(),
		})
		return
	}
	if g.loops > 0 {
		g.wrong(n, "%s may not stand inside another loop", n.Name)
		return
	}
	for i := range n.Arguments {
		body, isBody := n.Arguments[i].(*ast.PredicateNode)
		if !isBody {
			g.walk(&n.Arguments[i])
			continue
		}
		g.loops++
		g.walk(&body.Node)
		g.loops--
	}
}

// member allows list[0] and $env["any name"], the way to a field whose name is
// no identifier.
func (g *guard) member(node *ast.Node, n *ast.MemberNode) {
	name, isName := n.Property.(*ast.StringNode)
	env, isIdentifier := n.Node.(*ast.IdentifierNode)
	switch {
	case isName && isIdentifier && env.Value == "$env":
		if g.field(n, name.Value) {
			ast.Patch(node, &ast.IdentifierNode{Value: fieldMark + name.Value})
		}
	case isName || n.Method:
		g.wrong(n, "values have no members: use a function")
	default:
		g.walk(&n.Node)
		g.walk(&n.Property)
	}
}
