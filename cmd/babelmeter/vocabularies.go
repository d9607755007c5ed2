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
		if _, err := os.Stat(filepath.Join(sub, filepath.FromSlash(spec.Files[0].Name))); err == nil {
			return os.DirFS(sub), nil
		}
		tried = append(tried, sub)
	}
	return nil, fmt.Errorf("vocabulary %s is not part of the program and not in %s; put %s there, as published at %s",
		spec.Name, strings.Join(tried, " or "), spec.Files[0].Name, spec.Files[0].Sources[0])
}

// folders are where vocabularies lie outside of the program.
func (a *app) folders() []string {
	var dirs []string
	if d := a.env("BABELMETER_CACHE"); d != "" {
		dirs = append(dirs, d)
	} else if d, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(d, "babelmeter", "vocabularies"))
	}
	if m := a.env("BABELMETER_MIRROR"); m != "" && !strings.Contains(m, "://") {
		dirs = append(dirs, m)
	}
	return dirs
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
}

func (f *vocabFlags) AddFlags(fs *pflag.FlagSet) {
	f.vocabs.AddFlag(fs, "vocab", "vocabularies or models, separated by commas (default: all that are built in and on sale)")
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
func (f *vocabFlags) specs() ([]*tokenizers.Spec, error) {
	cat, err := tokenizers.Builtin()
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
		s, err := cat.Lookup(name)
		if err != nil {
			return nil, fmt.Errorf("%w; `babelmeter vocab list` shows all", err)
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
	specs, err := f.specs()
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
		files, err := a.files(s)
		if err != nil {
			return err
		}
		vecs, err := referenceVectors(s.Name)
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

// encoder opens one vocabulary for a command that encodes the user's text.
func (a *app) encoder(f *vocabFlags, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	engine, err := engineByName(f.engine)
	if err != nil {
		return nil, err
	}
	files, err := a.files(spec)
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
		vecs, err := referenceVectors(spec.Name)
		if err != nil {
			return nil, err
		}
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
