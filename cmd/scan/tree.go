package scan

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tenantstore/store/cmd/internal/cli"
	"github.com/tenantstore/store/pkg/render"
	"github.com/tenantstore/store/pkg/store"
)

// printTree draws the parts of all keys as a tree. It needs memory for the tree, not
// for the keys that hang below its leaves.
func printTree(t *cli.Tool, items iter.Seq2[store.Item, error]) error {
	root := newBranch()
	for item, err := range items {
		if err != nil {
			return err
		}
		root.add(path(item))
	}
	return cli.PrintTree(t, root.node("store"))
}

// path returns the parts of a key from the service inwards.
func path(i store.Item) []string {
	parts := []string{i.Service}
	for _, s := range i.Scopes {
		parts = append(parts, s.String())
	}
	return append(append(parts, string(i.Namespace)), strings.Split(i.Key.Key, ":")...)
}

// branch is a part of keys with what follows it.
type branch struct {
	count    int
	children map[string]*branch
}

func newBranch() *branch { return &branch{children: map[string]*branch{}} }

// add counts one key.
func (b *branch) add(path []string) {
	b.count++
	if len(path) == 0 {
		return
	}
	child := b.children[path[0]]
	if child == nil {
		child = newBranch()
		b.children[path[0]] = child
	}
	child.add(path[1:])
}

// node returns the branch in alphabetical order. A key that also has others below it
// keeps its own count.
func (b *branch) node(name string) render.Node {
	node := render.Node{Name: name, Count: b.count}
	for _, name := range slices.Sorted(maps.Keys(b.children)) {
		node.Children = append(node.Children, b.children[name].node(name))
	}
	return node
}
