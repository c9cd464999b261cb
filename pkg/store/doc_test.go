package store_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestDocumented makes sure that go doc alone explains the packages: each exported name has
// a comment that begins with it and is made of sentences.
func TestDocumented(t *testing.T) {
	for _, dir := range []string{
		".", "embedded", "eventschema", "otel", "storetest", filepath.Join("..", "render"),
	} {
		a := newAuditor(t)
		a.audit(dir)
		if a.names == 0 {
			t.Errorf("%s exports nothing", dir)
		}
	}
}

// TestExamples makes sure that every part of the library has an example that is run.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	run := map[string]bool{}
	for _, e := range doc.Examples(files...) {
		run[e.Name] = e.Output != ""
	}
	for _, name := range []string{
		"Open", "KV", "Batch", "Batch_Get", "Counter", "Claim", "Claim_Hold", "Events", "Streams",
		"Streams_Tail", "Group_Consume", "Client_Scan", "Client_Actor", "ParseKey", "Error", "Get",
		"GetBatch", "Consume", "EventType", "Telemetry", "TelemetryLines", "WithAdapter",
	} {
		if !run[name] {
			t.Errorf("Example%s is missing, or prints nothing", name)
		}
	}
}

// auditor reads the comments of one package.
type auditor struct {
	t       *testing.T
	files   *token.FileSet
	names   int             // looked at so far
	symbols map[string]bool // what a [link] may name: Type, Type.Method, Type.Field
}

func newAuditor(t *testing.T) *auditor { return &auditor{t: t, files: token.NewFileSet()} }

func (a *auditor) audit(dir string) {
	a.t.Helper()
	pkg := a.load(dir)
	a.links(token.NoPos, pkg.Name, pkg.Doc)
	if !strings.HasPrefix(pkg.Doc, "Package "+pkg.Name+" ") {
		a.t.Errorf("%s: the package comment begins otherwise: %.40q", dir, pkg.Doc)
	}
	a.values(pkg.Consts)
	a.values(pkg.Vars)
	a.funcs(pkg.Funcs)
	for _, typ := range pkg.Types {
		a.comment(typ.Decl.Pos(), typ.Name, typ.Doc)
		a.values(typ.Consts)
		a.values(typ.Vars)
		a.funcs(typ.Funcs)
		a.funcs(typ.Methods)
		for _, spec := range typ.Decl.Specs {
			a.members(spec.(*ast.TypeSpec), typ.Doc)
		}
	}
}

// load parses the files of a package that are not tests.
func (a *auditor) load(dir string) *doc.Package {
	a.t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		a.t.Fatalf("%s: no files: %v", dir, err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(a.files, path, nil, parser.ParseComments)
		if err != nil {
			a.t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(a.files, files, dir)
	if err != nil {
		a.t.Fatal(err)
	}
	a.symbols = symbols(pkg)
	return pkg
}

func (a *auditor) funcs(funcs []*doc.Func) {
	a.t.Helper()
	for _, f := range funcs {
		a.comment(f.Decl.Pos(), f.Name, f.Doc)
	}
}

// values checks constants and variables. The comment of a group speaks for its members,
// which are of one kind; those of a group without one need comments of their own.
func (a *auditor) values(values []*doc.Value) {
	a.t.Helper()
	for _, v := range values {
		if len(v.Names) == 1 && !v.Decl.Lparen.IsValid() {
			a.comment(v.Decl.Pos(), v.Names[0], v.Doc)
			continue
		}
		if v.Doc != "" {
			a.sentences(v.Decl.Pos(), "the group of "+v.Names[0], v.Doc)
		}
		for _, spec := range v.Decl.Specs {
			one := spec.(*ast.ValueSpec)
			a.names += len(one.Names)
			a.links(one.Pos(), one.Names[0].Name, one.Doc.Text()+one.Comment.Text())
			if v.Doc == "" && one.Doc.Text()+one.Comment.Text() == "" {
				a.complain(one.Pos(), one.Names[0].Name, "has no comment")
			}
		}
	}
}

// members checks the fields of a struct and the methods of an interface. A comment above it,
// behind it, or above another member or the type where that names it, will do.
func (a *auditor) members(spec *ast.TypeSpec, about string) {
	a.t.Helper()
	var list *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return
	}
	for _, field := range list.List {
		about += field.Doc.Text()
		a.links(field.Pos(), spec.Name.Name, field.Doc.Text()+field.Comment.Text())
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			if !name.IsExported() {
				continue
			}
			a.names++
			if field.Doc.Text()+field.Comment.Text() == "" && !mentions(about, name.Name) {
				a.complain(field.Pos(), spec.Name.Name+"."+name.Name, "has no comment")
			}
		}
	}
}

// comment checks the comment of one name.
func (a *auditor) comment(at token.Pos, name, text string) {
	a.t.Helper()
	a.names++
	if !strings.HasPrefix(text, name+" ") {
		a.complain(at, name, fmt.Sprintf("has a comment that begins with %.30q", text))
		return
	}
	a.sentences(at, name, text)
}

// sentences makes sure that the last paragraph ends like one, unless it is code.
func (a *auditor) sentences(at token.Pos, name, text string) {
	a.t.Helper()
	a.links(at, name, text)
	text = strings.TrimRight(text, "\n")
	lines := strings.Split(text, "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "\t") && !strings.HasSuffix(last, ".") {
		a.complain(at, name, fmt.Sprintf("has a comment that ends with %q", last))
	}
}

// link is a link to a name of the same package.
var link = regexp.MustCompile(`\[\*?([A-Z]\w*(?:\.[A-Z]\w*)?)\]`)

// links makes sure that what a comment links to is there.
func (a *auditor) links(at token.Pos, name, text string) {
	a.t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "\t") { // code
			continue
		}
		for _, found := range link.FindAllStringSubmatch(line, -1) {
			if !a.symbols[found[1]] {
				a.complain(at, name, "has a link to "+found[1]+", which there is not")
			}
		}
	}
}

// symbols returns the names that a package exports, those of methods and members behind
// their types.
func symbols(pkg *doc.Package) map[string]bool {
	all := map[string]bool{}
	values := func(values []*doc.Value) {
		for _, v := range values {
			for _, name := range v.Names {
				all[name] = true
			}
		}
	}
	funcs := func(prefix string, funcs []*doc.Func) {
		for _, f := range funcs {
			all[prefix+f.Name] = true
		}
	}
	values(slices.Concat(pkg.Consts, pkg.Vars))
	funcs("", pkg.Funcs)
	for _, typ := range pkg.Types {
		all[typ.Name] = true
		values(slices.Concat(typ.Consts, typ.Vars))
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
		ast.Inspect(typ.Decl, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				for _, name := range field.Names {
					all[typ.Name+"."+name.Name] = true
				}
			}
			return true
		})
	}
	return all
}

func (a *auditor) complain(at token.Pos, name, what string) {
	a.t.Helper()
	a.t.Errorf("%v: %s %s", a.files.Position(at), name, what)
}

// mentions reports whether a text has a word in it.
func mentions(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), word)
}
