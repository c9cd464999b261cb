package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// Context is a named profile of the config file. Its URL is shown without its password.
type Context struct {
	Name    string `json:"name"`
	Current bool   `json:"current"` // the one in effect
	Profile
}

// Contexts returns the contexts of the config file by name.
func (t *Tool) Contexts() ([]Context, error) {
	file, err := t.userConfig()
	if err != nil {
		return nil, err
	}
	contexts := []Context{}
	for _, name := range slices.Sorted(maps.Keys(file.document.Contexts)) {
		contexts = append(contexts, t.context(file, name))
	}
	return contexts, nil
}

// ContextNamed returns one context. An empty name stands for the one in effect; where
// none is, the answer is No.
func (t *Tool) ContextNamed(name string) (Context, error) {
	file, err := t.userConfig()
	if err != nil {
		return Context{}, err
	}
	if name == "" {
		name = t.active
	}
	if name == "" {
		return Context{}, &No{Reason: "no context is in effect"}
	}
	if _, known := file.document.Contexts[name]; !known {
		return Context{}, file.unknownContext(name)
	}
	return t.context(file, name), nil
}

func (t *Tool) context(file *configFile, name string) Context {
	c := Context{Name: name, Current: name == t.active, Profile: file.document.Contexts[name]}
	c.URL = c.shownURL()
	c.ReadOnly = c.ReadOnly || c.ReadOnlyToo
	return c
}

// userConfig reads the user's own config file, in which contexts are kept.
func (t *Tool) userConfig() (*configFile, error) {
	return readConfig(t.configPath(), false)
}

// unknownContext says that there is no such context, and which there are.
func (f *configFile) unknownContext(name string) error {
	names := slices.Sorted(maps.Keys(f.document.Contexts))
	hint := "contexts: " + strings.Join(names, ", ")
	if meant := Suggest(name, names); meant != "" {
		hint = fmt.Sprintf("%s (%s)", meant, hint)
	}
	if len(names) == 0 {
		hint = "the config file has no contexts; make one with store context add"
	}
	return &UsageError{
		Reason: fmt.Sprintf("there is no context %q in %s", name, f.path), Hint: hint,
	}
}

// UseContext makes a context the current one. An empty name stands for the one that was
// current before. It returns the name.
func (t *Tool) UseContext(name string) (string, error) {
	err := t.editConfig(func(file *configFile, root *yaml.Node) error {
		if name == "" {
			name = file.document.Previous
		}
		if name == "" {
			return &No{Reason: "no context was current before"}
		}
		if _, known := file.document.Contexts[name]; !known {
			return file.unknownContext(name)
		}
		if before := file.document.Context; before != "" && before != name {
			putText(root, "previous-context", before)
		}
		putText(root, "context", name)
		return nil
	})
	return name, err
}

// PutContext adds a context, or replaces one where that is allowed.
func (t *Tool) PutContext(name string, p Profile, replace bool) error {
	if err := errors.Join(p.check(), p.checkOutput(name)); err != nil {
		return err
	}
	if strings.TrimSpace(name) == "" {
		return Usagef("a context needs a name")
	}
	return t.editConfig(func(file *configFile, root *yaml.Node) error {
		if _, known := file.document.Contexts[name]; known && !replace {
			return &UsageError{
				Reason: fmt.Sprintf("there is a context %q already", name),
				Hint:   "add --replace, or change it with store context edit",
			}
		}
		var text yaml.Node
		if err := text.Encode(p); err != nil {
			return err
		}
		put(mapping(root, "contexts"), name, &text)
		return nil
	})
}

// RemoveContext removes a context. Where it was the current one, none is any more.
func (t *Tool) RemoveContext(name string) error {
	return t.editConfig(func(file *configFile, root *yaml.Node) error {
		if _, known := file.document.Contexts[name]; !known {
			return file.unknownContext(name)
		}
		drop(mapping(root, "contexts"), name)
		if file.document.Context == name {
			drop(root, "context")
			t.Notef("store: context %q was the current one; there is none now", name)
		}
		if file.document.Previous == name {
			drop(root, "previous-context")
		}
		return nil
	})
}

// ContextText returns a context as it stands in the file.
func (t *Tool) ContextText(name string) ([]byte, error) {
	file, err := t.userConfig()
	if err != nil {
		return nil, err
	}
	if _, known := file.document.Contexts[name]; !known {
		return nil, file.unknownContext(name)
	}
	root, err := file.tree()
	if err != nil {
		return nil, err
	}
	return encode(find(mapping(root, "contexts"), name))
}

// ReplaceContextText puts a text in the place of a context. The text is read strictly:
// what the file could not hold is refused.
func (t *Tool) ReplaceContextText(name string, text []byte) error {
	var node yaml.Node
	var p Profile
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	err := errors.Join(strict.Decode(&p), yaml.Unmarshal(text, &node))
	if err != nil && !errors.Is(err, io.EOF) {
		return Usagef("context %q: %s", name, yamlReason(err))
	}
	if len(node.Content) == 0 || node.Content[0].Kind != yaml.MappingNode {
		return Usagef("context %q: a context is a list of settings, one a line", name)
	}
	if err := p.checkOutput(name); err != nil {
		return err
	}
	return t.editConfig(func(file *configFile, root *yaml.Node) error {
		if _, known := file.document.Contexts[name]; !known {
			return file.unknownContext(name)
		}
		put(mapping(root, "contexts"), name, node.Content[0])
		return nil
	})
}

// CompleteContext completes the name of a context.
func (t *Tool) CompleteContext(_ *cobra.Command, args []string, _ string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	file, err := t.userConfig()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, name := range slices.Sorted(maps.Keys(file.document.Contexts)) {
		p := file.document.Contexts[name]
		names = append(names, cobra.CompletionWithDesc(name, p.shownURL()))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
