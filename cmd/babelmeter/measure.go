package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
)

// planFlags say what to measure; the main job and measure share them.
type planFlags struct {
	vocabFlags
	langs   []string
	domains []string
	base    string
	seed    uint64
}

func (f *planFlags) AddFlags(fs *pflag.FlagSet) {
	f.vocabFlags.AddFlags(fs, "vocabularies or models, separated by commas (default: all that are built in and on sale)")
	fs.StringSliceVar(&f.langs, "lang", nil, "languages, BCP 47, separated by commas (default: all of the corpus)")
	fs.StringSliceVar(&f.domains, "domain", nil, "domains of the corpus, separated by commas (default: all)")
	fs.StringVar(&f.base, "base", "en", "base language of the premium")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of the bootstrap")
}

func (f *planFlags) complete(c *cobra.Command) {
	f.vocabFlags.complete(c)
	langs := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		corpus, err := corpora.Builtin()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, l := range corpus.Langs() {
			names = append(names, string(l))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	_ = c.RegisterFlagCompletionFunc("lang", langs)
	_ = c.RegisterFlagCompletionFunc("base", langs)
	_ = c.RegisterFlagCompletionFunc("domain", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		corpus, err := corpora.Builtin()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return corpus.Domains(), cobra.ShellCompDirectiveNoFileComp
	})
}

// plan makes the plan that the flags ask for.
func (a *app) plan(f *planFlags) (bench.Plan, error) {
	var p bench.Plan
	base, err := corpora.ParseLang(f.base)
	if err != nil {
		return p, fmt.Errorf("--base: %w", err)
	}
	langs, err := parseLangs(f.langs)
	if err != nil {
		return p, fmt.Errorf("--lang: %w", err)
	}
	corpus, err := corpora.Builtin()
	if err != nil {
		return p, err
	}
	if langs != nil && !contains(langs, base) {
		langs = append([]corpora.Lang{base}, langs...)
	}
	if !contains(corpus.Langs(), base) {
		return p, fmt.Errorf("--base: corpus %s has no %s", corpus.Name, base)
	}
	if corpus, err = corpus.Select(langs, f.domains); err != nil {
		return p, err
	}
	entries, err := a.entries(&f.vocabFlags)
	if err != nil {
		return p, err
	}
	return bench.Plan{Run: a.newRun(f.seed, base), Corpus: corpus, Entries: entries}, nil
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// withProgress draws the bar while items come.
func (a *app) withProgress(items iter.Seq2[results.Item, error], steps int) iter.Seq2[results.Item, error] {
	return func(yield func(results.Item, error) bool) {
		bar := a.Progress(steps, "measuring")
		defer bar.Done()
		for it, err := range items {
			bar.Step()
			if !yield(it, err) {
				return
			}
		}
	}
}

func (a *app) measure() *cobra.Command {
	var (
		flags  planFlags
		out    string
		resume bool
	)
	c := &cobra.Command{
		Use:   "measure",
		Short: "Count tokens and write records",
		Long: `Count the tokens of each segment of the corpus under each vocabulary and write
records (JSON lines) to standard output or to a file. "babelmeter report" makes
every table from them, without measuring again.

Each engine is first held to the reference vectors of the vocabulary. One that
differs or fails is a record with an error; the others go on.

An interrupted run keeps the records that are finished: with --out FILE, the
same command with --resume goes on where it stopped.` + exitStatus(""),
		Example: "  babelmeter measure > r.jsonl\n  babelmeter measure --vocab gpt-4o,gpt-4 --lang ja,ko --out r.jsonl",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.plan(&flags)
			if err != nil {
				return err
			}
			if resume && out == "" {
				return errors.New("--resume needs --out FILE: the file to go on with")
			}
			if out == "" {
				w := results.NewWriter(a.Out)
				for it, err := range a.withProgress(bench.Run(c.Context(), p), p.Steps()) {
					if err != nil {
						return err
					}
					if err := w.Write(it); err != nil {
						return err
					}
				}
				return nil
			}
			return a.measureTo(c.Context(), p, out, resume)
		},
	}
	flags.AddFlags(c.Flags())
	flags.complete(c)
	c.Flags().StringVar(&out, "out", "", "file to write, which must not exist unless --resume is given (default: standard output)")
	c.Flags().BoolVar(&resume, "resume", false, "go on with the file of an interrupted run of the same plan")
	return c
}

// measureTo writes the records to a file, after those that it has.
func (a *app) measureTo(ctx context.Context, p bench.Plan, name string, resume bool) error {
	var old *results.Set
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if resume {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		old, err = results.ReadSet(f, name)
		f.Close()
		if err != nil {
			return err
		}
		mode = os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(name, mode, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; give another name, remove it, or go on with it by --resume", name)
	}
	if err != nil {
		return err
	}
	w := results.NewWriter(f)
	for it, err := range a.withProgress(bench.Run(ctx, p), p.Steps()) {
		if err == nil && old != nil {
			var has bool
			if has, err = old.Has(it); has {
				continue
			}
		}
		if err == nil {
			err = w.Write(it)
		}
		if err != nil {
			f.Close()
			if errors.Is(err, context.Canceled) {
				a.Say("what was measured is in %s; go on with --resume", name)
			}
			return err
		}
	}
	return f.Close()
}
