package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// planFlags say what to measure; the main job and measure share them.
type planFlags struct {
	vocabFlags
	corpusFlags
	langs     list
	domains   list
	base      string
	seed      uint64
	compare   []string
	estimates bool
	normal    normalizeFlag
	details   bool
	// baseGiven reports whether base was said.
	baseGiven func() bool
}

func (f *planFlags) AddFlags(fs *pflag.FlagSet) {
	f.vocabFlags.AddFlags(fs)
	f.corpusFlags.AddFlags(fs)
	f.langs.AddFlag(fs, "lang", "languages, BCP 47, separated by commas (default: all of the corpus; of the built-in one en, zh-Hans, zh-Hant, ja, ko)")
	f.domains.AddFlag(fs, "domain", "domains of the corpus, separated by commas (default: all)")
	fs.StringVar(&f.base, "base", "en", "`LANGUAGE` that the premium is over")
	f.baseGiven = func() bool { return fs.Changed("base") }
	fs.StringSliceVar(&f.compare, "compare", engineNames()[1:], "`LIST` of engines to hold to the reference vectors, too; empty for none")
	fs.BoolVar(&f.estimates, "estimates", false, "count models of unknown vocabulary with a like one, marked as estimate")
	f.normal.AddFlag(fs)
	fs.BoolVar(&f.details, "details", true, "also tell of the tokens: byte tokens, unknowns, whole words, the joined text; =false takes half the time")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of the bootstrap, a `NUMBER`")
}

func (f *planFlags) complete(c *cobra.Command) {
	f.vocabFlags.complete(c)
	f.corpusFlags.complete(c)
	f.normal.complete(c)
	langs := func() ([]string, error) {
		corpus, err := corpora.Builtin()
		if err != nil {
			return nil, err
		}
		return tags(corpus.Langs()), nil
	}
	completeList(c, "lang", langs)
	completeList(c, "base", langs)
	completeList(c, "domain", func() ([]string, error) {
		corpus, err := corpora.Builtin()
		if err != nil {
			return nil, err
		}
		return corpus.Domains(), nil
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
	if langs != nil && !slices.Contains(langs, base) && f.builtin() {
		langs = append([]corpora.Lang{base}, langs...)
	}
	corpus, err := a.openCorpus(&f.corpusFlags, langs, base)
	if err != nil {
		return p, err
	}
	switch {
	case !f.builtin():
		if langs != nil {
			langs = corpus.Langs() // as the corpus names them
		}
		base = a.baseOf(corpus, base, f.baseGiven())
	case langs == nil:
		if langs = corpus.Headline; !slices.Contains(langs, base) {
			langs = append([]corpora.Lang{base}, langs...)
		}
	}
	if has := corpus.Langs(); !slices.Contains(has, base) {
		return p, fmt.Errorf("--base: corpus %s has no %s; it has %s", corpus.Name, base, strings.Join(tags(has), ", "))
	}
	if corpus, err = corpus.Select(langs, f.domains); err != nil {
		return p, err
	}
	entries, listed, err := a.entries(&f.vocabFlags, f.estimates)
	if err != nil {
		return p, err
	}
	var compare []tokenizers.Engine
	for _, name := range f.compare {
		e, err := engineByName(name)
		if err != nil {
			return p, fmt.Errorf("--compare: %w", err)
		}
		compare = append(compare, e)
	}
	run := a.newRun(f.seed, base)
	corpus = f.normal.corpus(corpus, &run)
	return bench.Plan{Run: run, Corpus: corpus, Entries: entries, Listed: listed, Compare: compare, Details: f.details}, nil
}

func tags(langs []corpora.Lang) []string {
	var s []string
	for _, l := range langs {
		s = append(s, string(l))
	}
	return s
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
		vendor remoteFlags
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
same command with --resume goes on where it stopped.

VENDORS. Some vocabularies were never published: only the vendor's endpoint
counts their tokens. Nobody is asked unless --remote names the model, such as
--remote claude-haiku-4-5, and its key is in the environment; without a key the
run says which one it needs. A model takes a request for each segment and 25
more, which measure what the vendor counts around a text; that is subtracted.
How many requests will be sent is said before the first, and --max-requests
bounds them; whether they cost money is in the vendor's terms. The texts go to
the vendor.

Every answer is kept, with its date, in the file of --record (default: one of
the day in BABELMETER_RECORDINGS, or in babelmeter/recordings of the user's data
folder). What it has is not asked again. It holds no key and no text. --replay
FILE counts from such a file, without keys and network; without --remote, all
models in it. --endpoint anthropic=https://gateway.example/path asks a gateway,
or another region of the vendor, which then gets the key; HTTPS_PROXY holds for
the rest. Keys are never shown or kept.`,
		Example: "  babelmeter measure > r.jsonl\n  babelmeter measure --vocab gpt-4o,gpt-4 --lang ja,ko --out r.jsonl",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			p, err := a.plan(&flags)
			if err != nil {
				return err
			}
			if resume && out == "" {
				return errors.New("--resume needs --out FILE: the file to go on with")
			}
			ctx, stop := interruptible(c.Context())
			defer stop()
			closing, err := a.addRemote(ctx, &p, &vendor)
			defer func() { err = errors.Join(err, closing()) }()
			if err != nil {
				return err
			}
			if out == "" {
				w := results.NewWriter(a.Out)
				for it, err := range a.withProgress(bench.Run(ctx, p), p.Steps()) {
					if err != nil {
						return err
					}
					if err := w.Write(it); err != nil {
						return err
					}
				}
				return nil
			}
			return a.measureTo(ctx, p, out, resume)
		},
	}
	flags.AddFlags(c.Flags())
	flags.complete(c)
	vendor.AddFlags(c.Flags())
	vendor.complete(c)
	c.Flags().StringVar(&out, "out", "", "`FILE` to write, which must not exist unless --resume is given (default: standard output)")
	c.Flags().BoolVar(&resume, "resume", false, "go on with the file of an interrupted run of the same plan")
	return c
}

// measureTo writes the records to a file, after those that it has.
func (a *app) measureTo(ctx context.Context, p bench.Plan, name string, resume bool) (err error) {
	var old *results.Set
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if resume {
		mode = os.O_RDWR
	}
	f, err := os.OpenFile(name, mode, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; give another name, remove it, or go on with it by --resume", name)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if resume {
		if old, err = a.finished(f); err != nil {
			return err
		}
	}
	if resume {
		if err := endLine(name, f); err != nil {
			f.Close()
			return err
		}
	}
	w := results.NewWriter(f)
	for it, err := range a.withProgress(bench.Run(ctx, p), p.Steps()) {
		if err == nil && old != nil {
			has, err := old.Has(it)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if has {
				continue
			}
		}
		if err == nil {
			err = w.Write(it)
		}
		if err != nil {
			if errors.Is(err, context.Canceled) {
				a.Say("what was measured is in %s; go on with --resume", name)
			}
			return err
		}
	}
	return nil
}

// finished reads the items of an interrupted run, nil if there are none, and
// leaves f where the next one belongs. A last line without its line feed was
// being written when the run ended: it is cut off and measured again.
func (a *app) finished(f *os.File) (*results.Set, error) {
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	if whole < len(data) && data[0] != '{' {
		return nil, fmt.Errorf("%s: not a file of babelmeter records", f.Name())
	}
	var set *results.Set
	if whole > 0 {
		if set, err = results.ReadSet(bytes.NewReader(data[:whole]), f.Name()); err != nil {
			return nil, err
		}
	}
	if whole < len(data) {
		a.Say("%s: the last line is not whole; measuring it again", f.Name())
		if err := f.Truncate(int64(whole)); err != nil {
			return nil, err
		}
	}
	_, err = f.Seek(int64(whole), io.SeekStart)
	return set, err
}

// endLine ends the last line of a file that was cut off right before its line
// feed.
func endLine(name string, f *os.File) error {
	data, err := os.ReadFile(name)
	if err == nil && len(data) > 0 && data[len(data)-1] != '\n' {
		_, err = f.Write([]byte{'\n'})
	}
	return err
}
