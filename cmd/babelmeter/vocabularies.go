package main

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/cmd/babelmeter/internal/fetch"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/report"
	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/engines/sugarme"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// engines returns the engines of the program, the default first.
func engines() []tokenizers.Engine {
	return []tokenizers.Engine{tokenizers.Native{}, tiktokengo.Engine{}, sugarme.Engine{}}
}

func engineNames() []string {
	var names []string
	for _, e := range engines() {
		names = append(names, e.Name())
	}
	return names
}

func engineByName(name string) (tokenizers.Engine, error) {
	for _, e := range engines() {
		if e.Name() == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("unknown engine %q; engines: %s", name, strings.Join(engineNames(), ", "))
}

// builtinFS is the files of a vocabulary that is part of the program: its table
// for the native engine, and, of OpenAI's vocabularies, the rank files for the
// others.
type builtinFS struct{ fs.FS }

// Definition reads a built-in table.
func (builtinFS) Definition(name string) (*vocab.Definition, error) { return builtin.Open(name) }

// builtinFiles returns the files of a vocabulary that is part of the program,
// nil if it is not.
func builtinFiles(spec *tokenizers.Spec) fs.FS {
	if !slices.Contains(builtin.Names(), spec.Name) {
		return nil
	}
	return builtinFS{tiktokengo.Files()}
}

// files finds the files of a vocabulary: in the program, then in the user's
// cache, then in the folder that BABELMETER_MIRROR names.
func (a *app) files(spec *tokenizers.Spec) (fs.FS, error) {
	if f := builtinFiles(spec); f != nil {
		return f, nil
	}
	if spec.Closed() {
		_, err := spec.Read(nil) // says who counts its tokens, and what that needs
		return nil, err
	}
	var tried []string
	for _, dir := range a.folders() {
		sub := filepath.Join(dir, spec.Name)
		if hasFiles(sub, spec) {
			return os.DirFS(sub), nil
		}
		tried = append(tried, sub)
	}
	var names []string
	for _, f := range spec.Files {
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("vocabulary %s is not part of the program and not in %s; `babelmeter vocab pull %s` fetches it, or put %s there, as published at %s",
		spec.Name, strings.Join(tried, " or "), spec.Name, strings.Join(names, " and "), spec.Files[0].Sources[0])
}

// hasFiles reports whether a folder has all files of a vocabulary.
func hasFiles(dir string, spec *tokenizers.Spec) bool {
	for _, f := range spec.Files {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f.Name))); err != nil {
			return false
		}
	}
	return true
}

// folders are where vocabularies lie outside of the program.
func (a *app) folders() []string {
	var dirs []string
	if d, err := a.cache(); err == nil {
		dirs = append(dirs, d)
	}
	if m := a.env("BABELMETER_MIRROR"); m != "" && !strings.Contains(m, "://") {
		dirs = append(dirs, m)
	}
	return dirs
}

// cacheRoot is the folder of all that is pulled; corpora are in "corpora".
func (a *app) cacheRoot() (string, error) {
	if d := a.env("BABELMETER_CACHE"); d != "" {
		return d, nil
	}
	d, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for what is pulled: %w; set BABELMETER_CACHE to one", err)
	}
	return filepath.Join(d, "babelmeter"), nil
}

// cache is the folder of vocabularies that are pulled: cacheRoot itself if the
// user names it.
func (a *app) cache() (string, error) {
	d, err := a.cacheRoot()
	if err != nil || a.env("BABELMETER_CACHE") != "" {
		return d, err
	}
	return filepath.Join(d, "vocabularies"), nil
}

// lock is the file of digests that no manifest knows: babelmeter.lock of the
// working folder, for those who keep it under version control, or else that of
// the cache.
func (a *app) lock() *fetch.Lock {
	if _, err := os.Stat(fetch.LockName); err == nil {
		return &fetch.Lock{Path: fetch.LockName}
	}
	dir, err := a.cache()
	if err != nil {
		return nil
	}
	return &fetch.Lock{Path: filepath.Join(dir, fetch.LockName)}
}

// catalog is the catalogue of the program, with the digests of the lock file
// where its manifests have none.
func (a *app) catalog() (*tokenizers.Catalog, error) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, err
	}
	l := a.lock()
	if l == nil {
		return cat, nil
	}
	entries, err := l.Read()
	if err != nil || len(entries) == 0 {
		return cat, err
	}
	specs := append(cat.Specs(), cat.Closed()...)
	for i, s := range specs {
		c := *s
		c.Files = slices.Clone(s.Files)
		for j := range c.Files {
			f := &c.Files[j]
			if e, ok := entries[s.Name+"/"+f.Name]; ok && f.SHA256 == "" {
				f.Size, f.SHA256, f.Hashed = e.Size, e.SHA256, e.Source
			}
		}
		specs[i] = &c
	}
	return tokenizers.NewCatalog(specs)
}

// referenceVectors returns the vectors of a vocabulary, nil if there are none.
func referenceVectors(vocab string) (iter.Seq2[bench.Vector, error], error) {
	h, seq, err := vectors.Open(vocab)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(yield func(bench.Vector, error) bool) {
		for v, err := range seq {
			if v.IDs == nil && err == nil {
				continue // the reference refuses this text
			}
			if !yield(bench.Vector{Text: v.Text, IDs: v.IDs, CountOnly: h.CountsOnly}, err) {
				return
			}
		}
	}, nil
}

// vocabFlags choose vocabularies and engine.
type vocabFlags struct {
	vocabs list
	engine string
	local  map[*tokenizers.Spec]*localFiles // of those that are paths
}

func (f *vocabFlags) AddFlags(fs *pflag.FlagSet) {
	f.vocabs.AddFlag(fs, "vocab", "vocabularies, models, or paths of files or folders, separated by commas (default: all that are built in and on sale)")
	fs.StringVar(&f.engine, "engine", engineNames()[0], "`ENGINE` that encodes: "+strings.Join(engineNames(), ", "))
}

func (f *vocabFlags) complete(c *cobra.Command) {
	completeList(c, "vocab", func() ([]string, error) {
		cat, err := tokenizers.Builtin()
		if err != nil {
			return nil, err
		}
		var names []string
		for _, s := range cat.Specs() {
			names = append(names, s.Name+"\t"+s.Title)
			for _, m := range s.Models {
				names = append(names, m.Name+"\t"+s.Name)
			}
		}
		return names, nil
	})
	_ = c.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions(engineNames(), cobra.ShellCompDirectiveNoFileComp))
}

// specs returns the vocabularies asked for; those that are built in and serve
// a model that is still sold, if none was.
func (a *app) specs(f *vocabFlags) ([]*tokenizers.Spec, error) {
	cat, err := a.catalog()
	if err != nil {
		return nil, err
	}
	var specs []*tokenizers.Spec
	if len(f.vocabs) == 0 {
		sold := func(s *tokenizers.Spec) (n int) {
			for _, m := range s.Models {
				if m.Sold() {
					n++
				}
			}
			return n
		}
		for _, s := range cat.Specs() {
			if sold(s) > 0 && builtinFiles(s) != nil {
				specs = append(specs, s)
			}
		}
		// That of the base model first, then those that serve the most models.
		base, _ := cat.Lookup(report.DefaultBaseModel)
		slices.SortStableFunc(specs, func(a, b *tokenizers.Spec) int {
			if (a == base) != (b == base) {
				if a == base {
					return -1
				}
				return 1
			}
			return sold(b) - sold(a)
		})
		return specs, nil
	}
	for _, name := range f.vocabs {
		s, err := a.vocabulary(cat, f, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(specs, s) {
			specs = append(specs, s)
		}
	}
	return specs, nil
}

// entries makes the plan's entries of the vocabularies asked for, and lists
// those that only their vendors count: all of them if none was asked for.
// With estimates, what may stand in for a closed one is an entry, too.
func (a *app) entries(f *vocabFlags, estimates bool) (entries []bench.Entry, listed []results.Vocab, err error) {
	engine, err := engineByName(f.engine)
	if err != nil {
		return nil, nil, err
	}
	specs, err := a.specs(f)
	if err != nil {
		return nil, nil, err
	}
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, nil, err
	}
	if len(f.vocabs) == 0 {
		specs = append(specs, cat.Closed()...)
	}
	add := func(s *tokenizers.Spec, by tokenizers.Engine, as *tokenizers.Spec, standIn string) error {
		files, vecs, err := a.filesOf(f, s)
		if err != nil {
			return err
		}
		entries = append(entries, bench.Entry{Spec: as, Engine: by, Files: files, Vectors: vecs, Estimates: estimates, StandIn: standIn})
		return nil
	}
	for _, s := range specs {
		if !s.Closed() {
			if err := add(s, engine, s, ""); err != nil {
				return nil, nil, err
			}
			continue
		}
		listed = append(listed, a.listed(s))
		if !estimates || s.Remote.Estimate == "" {
			continue
		}
		by, err := cat.Lookup(s.Remote.Estimate)
		if err != nil {
			return nil, nil, err
		}
		if err := add(by, standIn{engine, by}, estimateOf(s, by), by.Name); err != nil {
			return nil, nil, fmt.Errorf("--estimates: %s: %w", s.Name, err)
		}
	}
	return entries, listed, nil
}

// estimateOf is a vocabulary that stands in for a closed one, under a name that
// says so.
func estimateOf(closed, by *tokenizers.Spec) *tokenizers.Spec {
	s := *by
	s.Name = closed.Name + ".estimate"
	s.Models = nil
	for _, m := range closed.Models {
		m.Provenance = tokenizers.Estimate
		m.Evidence = "counted with " + by.Name + ", another vocabulary of the same maker"
		s.Models = append(s.Models, m)
	}
	return &s
}

// standIn opens one vocabulary in place of another.
type standIn struct {
	tokenizers.Engine
	spec *tokenizers.Spec
}

func (e standIn) Open(files fs.FS, _ *tokenizers.Spec) (tokenizers.Encoder, error) {
	return e.Engine.Open(files, e.spec)
}

// filesOf returns the files and the vectors of a vocabulary asked for. One of
// the user's own has no vectors, whatever it is called.
func (a *app) filesOf(f *vocabFlags, spec *tokenizers.Spec) (fs.FS, iter.Seq2[bench.Vector, error], error) {
	if l := f.local[spec]; l != nil {
		return l, nil, nil
	}
	files, err := a.files(spec)
	if err != nil {
		return nil, nil, err
	}
	vecs, err := referenceVectors(spec.Name)
	return files, vecs, err
}

// encoder opens one vocabulary for a command that encodes the user's text.
func (a *app) encoder(f *vocabFlags, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	engine, err := engineByName(f.engine)
	if err != nil {
		return nil, err
	}
	files, vecs, err := a.filesOf(f, spec)
	if err != nil {
		return nil, err
	}
	enc, err := engine.Open(files, spec)
	if err != nil {
		return nil, err
	}
	// The default engine is held to the vectors by its tests. Another one gets
	// a warning here, since its count would be believed as it stands.
	if engine.Name() != engineNames()[0] {
		if vecs == nil {
			a.Say("%s: %s is not verified: there are no reference vectors", spec.Name, engine.Name())
			return enc, nil
		}
		v, err := bench.Verify(enc, vecs)
		if err != nil {
			return nil, err
		}
		if !v.OK() {
			a.Say("%s: %s differs from %s on %d of %d reference texts: its counts may be wrong", spec.Name, engine.Name(), spec.Reference, v.Texts-v.Agree, v.Texts)
		}
	}
	return enc, nil
}
