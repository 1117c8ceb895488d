package expression

import "github.com/expr-lang/expr/ast"

// The names under which operators and the budget are known to the machine. No
// source can spell them.
const (
	budgetName = fieldMark + fieldMark
	opPrefix   = fieldMark + "op "
)

// rewriter turns every operator that could fail on null, or grow without
// bound, into a call of a guarded function, and hands the budget to every call.
type rewriter struct{}

// Visit is called for each node after its children.
func (rewriter) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		callee, _ := n.Callee.(*ast.IdentifierNode)
		n.Callee = &ast.IdentifierNode{Value: callee.Value} // without the type it was checked against
		n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: budgetName}}, n.Arguments...)
	case *ast.UnaryNode:
		guarded(node, "unary "+n.Operator, n.Node)
	case *ast.BinaryNode:
		binary(node, n)
	case *ast.ConditionalNode:
		guarded(&n.Cond, "true", n.Cond)
	case *ast.MemberNode:
		guarded(node, "at", n.Node, n.Property)
	case *ast.SliceNode:
		guarded(node, "slice", n.Node, orNil(n.From), orNil(n.To))
	case *ast.BuiltinNode:
		loop(n)
	}
}

func orNil(n ast.Node) ast.Node {
	if n == nil {
		return &ast.NilNode{}
	}
	return n
}

func guarded(node *ast.Node, op string, args ...ast.Node) {
	patched := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: opPrefix + op},
		Arguments: append([]ast.Node{&ast.IdentifierNode{Value: budgetName}}, args...),
	}
	patched.SetLocation((*node).Location())
	*node = patched
}

func binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "and", "&&", "or", "||": // stay, because they short-circuit
		guarded(&n.Left, "true", n.Left)
		guarded(&n.Right, "true", n.Right)
	case "??": // handles null itself
	default:
		guarded(node, n.Operator, n.Left, n.Right)
	}
}

func loop(n *ast.BuiltinNode) {
	for i := range n.Arguments {
		body, ok := n.Arguments[i].(*ast.PredicateNode)
		switch {
		case !ok:
			guarded(&n.Arguments[i], "list", n.Arguments[i])
		case n.Name != "map":
			guarded(&body.Node, "true", body.Node)
		}
	}
}
