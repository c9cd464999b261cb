package eventschema

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// reference reads a $ref, which must lead from the root of the same schema.
func (p *parser) reference(v any, at string) string {
	ref := p.text(v, at)
	path, local := strings.CutPrefix(ref, "#")
	if !local || path != "" && path[0] != '/' {
		p.fail(at, "%q leads out of the schema; only references from its own root are supported", ref)
		return ""
	}
	if n, known := p.targets[path]; known {
		return defs(n)
	}
	plain, err := url.PathUnescape(path)
	target := p.at(plain)
	if err != nil || target == nil {
		p.fail(at, "%q leads nowhere", ref)
		return ""
	}
	n := len(p.targetOrder)
	p.targets[path] = n
	p.targetOrder = append(p.targetOrder, nil)
	depth := p.depth
	p.depth = 0
	p.targetOrder[n] = p.schema(target, plain)
	p.depth = depth
	return defs(n)
}

func defs(n int) string { return "#/$defs/" + strconv.Itoa(n) }

// at returns the part of the schema that a JSON Pointer leads to, or nil.
func (p *parser) at(pointer string) any {
	v := p.root
	if pointer == "" {
		return v
	}
	for step := range strings.SplitSeq(pointer[1:], "/") {
		step = unescape(step)
		switch parent := v.(type) {
		case map[string]any:
			v = parent[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}

// checkLoops refuses a schema that refers to itself for the same value: it would never be
// done.
func (p *parser) checkLoops(all []*schema) {
	const visiting, done = 1, 2
	state := map[*schema]int{}
	var visit func(s *schema)
	visit = func(s *schema) {
		switch state[s] {
		case visiting:
			p.fail("", "it refers to itself without end")
			return
		case done:
			return
		}
		state[s] = visiting
		for child := range sameValue(s) {
			visit(child)
		}
		if s.Ref != "" {
			visit(p.targetOrder[target(s.Ref)])
		}
		state[s] = done
	}
	for _, s := range all {
		visit(s)
	}
}

// target returns the N of a reference "#/$defs/N".
func target(ref string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(ref, "#/$defs/"))
	if err != nil {
		panic(errors.New("eventschema: a reference was not replaced: " + ref))
	}
	return n
}
