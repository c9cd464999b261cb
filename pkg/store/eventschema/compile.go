package eventschema

import (
	"encoding/json"
	"errors"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// compiled is a schema that is ready to judge. It is safe for concurrent use.
type compiled struct {
	root     *schema
	targets  []*schema               // what references lead to
	patterns map[string]*ecma.Regexp // by their text
}

// compile reads a schema and checks all of it.
func compile(text []byte, dialect string) (*compiled, error) {
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, errors.New("a number in it is too large")
	}
	s, p, err := parse(root, dialect)
	if err != nil {
		return nil, err
	}
	return &compiled{s, p.targetOrder, p.patterns}, nil
}

// target returns what the reference of a schema leads to.
func (c *compiled) target(s *schema) *schema { return c.targets[target(s.Ref)] }
