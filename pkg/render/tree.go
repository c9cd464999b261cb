package render

import "strconv"

// Node is a name in a tree, with how many things it stands for.
type Node struct {
	Name     string `json:"name"`              // any bytes; escaped when printed
	Count    int    `json:"count"`             // what is below it included
	Children []Node `json:"children,omitzero"` // in the order they are printed
}

// Tree prints root and what is below it: one line for each node with its name
// and count, joined by branches. The JSON formats print root as one document.
// It returns the errors [One] does.
func Tree(p *Printer, root Node) error {
	if p.options.Format == JSON || p.options.Format == JSONL {
		return One(p, root, View[Node]{})
	}
	return p.writeNode(root, "", "")
}

// writeNode prints n behind branch, and its children behind stem.
func (p *Printer) writeNode(n Node, branch, stem string) error {
	p.out.WriteString(branch)
	p.out.WriteString(Text(n.Name))
	p.out.WriteString(p.styles.faint.paint("  " + strconv.Itoa(n.Count)))
	err := p.out.WriteByte('\n')
	for i, child := range n.Children {
		if i < len(n.Children)-1 {
			err = p.writeNode(child, stem+"├── ", stem+"│   ")
		} else {
			err = p.writeNode(child, stem+"└── ", stem+"    ")
		}
	}
	return err
}
