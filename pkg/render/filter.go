package render

import (
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// FilterError reports a jq expression that is not valid, or that failed on a document.
type FilterError struct {
	Expression string // as the user wrote it
	Err        error  // what jq says about it
}

// Error returns the expression and what is wrong, which can quote stored data.
func (e *FilterError) Error() string { return fmt.Sprintf("jq %q: %v", e.Expression, e.Err) }

// Unwrap returns what jq says about the expression.
func (e *FilterError) Unwrap() error { return e.Err }

// errHalted ends a list whose jq expression asked for it, without being a failure.
var errHalted = errors.New("halted")

// unlessHalted returns err, or nil when it only says that the expression halted.
func unlessHalted(err error) error {
	if errors.Is(err, errHalted) {
		return nil
	}
	return err
}

// filter is a compiled jq expression.
type filter struct {
	expression string
	code       *gojq.Code
	input      decoder
}

// compile compiles expression; an empty one gives no filter.
func compile(expression string) (*filter, error) {
	if expression == "" {
		return nil, nil
	}
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, &FilterError{Expression: expression, Err: err}
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, &FilterError{Expression: expression, Err: err}
	}
	return &filter{expression: expression, code: code}, nil
}

// printFiltered prints what the jq expression makes of input, one result a line.
func (p *Printer) printFiltered(input any) error {
	results := p.filter.code.Run(input)
	for {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		if err, failed := result.(error); failed {
			return p.filter.failure(err)
		}
		if err := p.printResult(result); err != nil {
			return err
		}
	}
}

// failure returns what an error that ended the expression means to the caller.
func (f *filter) failure(err error) error {
	if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.ExitCode() == 0 {
		return errHalted
	}
	return &FilterError{Expression: f.expression, Err: err}
}

// printResult prints a string as its text and every other result as JSON, as
// those who pipe it into the next command expect.
func (p *Printer) printResult(result any) error {
	if s, ok := result.(string); ok {
		return p.writeLine(s)
	}
	document, err := gojq.Marshal(result)
	if err != nil {
		return err
	}
	return p.writeDocument(document)
}
