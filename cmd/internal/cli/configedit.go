package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
	"go.yaml.in/yaml/v3"
)

// editConfig changes the user's config file. Comments and order stay. The file is written
// beside its place and then moved there, so that it is whole at any time; a lock keeps
// two that change it at once from undoing each other's work.
func (t *Tool) editConfig(change func(file *configFile, root *yaml.Node) error) error {
	path := t.configPath()
	if path == "" {
		return &UsageError{
			Reason: "there is no place for a config file: neither XDG_CONFIG_HOME nor HOME is set",
			Hint:   "name one with --config",
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Usagef("config file: %v", err)
	}
	unlock, err := lockedfile.MutexAt(path + ".lock").Lock()
	if err != nil {
		return Usagef("config file: %v", err)
	}
	defer unlock()
	file, err := readConfig(path, false)
	if err != nil {
		return err
	}
	root, err := file.tree()
	if err != nil {
		return err
	}
	if err := change(file, root); err != nil {
		return err
	}
	return file.replace(root)
}

// tree returns the file as a tree that keeps comments; an empty mapping for none.
func (f *configFile) tree() (*yaml.Node, error) {
	data, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, Usagef("config file: %v", err)
	}
	var whole yaml.Node
	if err := yaml.Unmarshal(data, &whole); err != nil {
		return nil, Usagef("config file %s: %s", f.path, yamlReason(err))
	}
	if len(whole.Content) == 0 {
		comment := string(bytes.TrimSpace(data)) // there is nothing else in it
		return &yaml.Node{Kind: yaml.MappingNode, HeadComment: comment}, nil
	}
	return whole.Content[0], nil
}

// replace writes the file anew, if it can still be read afterwards. What the path is a
// link to is replaced, not the link.
func (f *configFile) replace(root *yaml.Node) error {
	text, err := encode(root)
	if err != nil {
		return err
	}
	after := &configFile{path: f.path, values: map[string]any{}}
	if err := after.decode(text); err != nil {
		return err
	}
	path, err := filepath.EvalSymlinks(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		path, err = f.path, nil
	}
	if err == nil {
		err = writeWhole(path, text)
	}
	if err != nil {
		return Usagef("config file: %v; nothing was changed", err)
	}
	return nil
}

// writeWhole puts a file in its place in one step, readable by its owner alone.
func writeWhole(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// encode returns a tree as text.
func encode(node *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	err := encoder.Encode(node)
	return text.Bytes(), errors.Join(err, encoder.Close())
}

// find returns the value of a name in a mapping, or nil.
func find(in *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == name {
			return in.Content[i+1]
		}
	}
	return nil
}

// put sets the value of a name in a mapping.
func put(in *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == name {
			in.Content[i+1] = value
			return
		}
	}
	var key yaml.Node
	key.SetString(name)
	in.Content = append(in.Content, &key, value)
}

// putText sets a name to a text.
func putText(in *yaml.Node, name, text string) {
	var value yaml.Node
	value.SetString(text)
	put(in, name, &value)
}

// drop removes a name from a mapping.
func drop(in *yaml.Node, name string) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if in.Content[i].Value == name {
			in.Content = append(in.Content[:i:i], in.Content[i+2:]...)
			return
		}
	}
}

// mapping returns the mapping under a name, a new one where there is none.
func mapping(in *yaml.Node, name string) *yaml.Node {
	if node := find(in, name); node != nil && node.Kind == yaml.MappingNode {
		node.Style = 0 // on several lines: names will be added
		return node
	}
	node := &yaml.Node{Kind: yaml.MappingNode}
	put(in, name, node)
	return node
}
