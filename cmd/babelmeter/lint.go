package main

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/lint"
	"github.com/babelmeter/babelmeter/results/table"
)

// lintShown is how many findings of one rule in one language are shown to
// people; csv and json have all.
const lintShown = 5

func (a *app) corpusLint() *cobra.Command {
	var (
		format         formatFlag
		from           corpusFlags
		base           string
		langs, domains list
		disable        list
		listRules      bool
	)
	c := &cobra.Command{
		Use:   "lint",
		Short: "Find what is wrong with parallel text",
		Long: fmt.Sprintf(`Find what is wrong with a corpus: segments that do not correspond, lengths that
are not likely, text left untranslated or in another language's script,
characters that nobody wrote on purpose. --rules lists what is looked for.

With --format text and md at most %d findings a rule and language are shown; csv
and json have all. No rule reads: a corpus without findings may still be wrong.`, lintShown),
		Annotations: failsIf("something was found"),
		Example:     "  babelmeter corpus lint\n  babelmeter corpus lint --rules",
		Args:        noArgs,
		RunE: func(*cobra.Command, []string) error {
			if listRules {
				return a.write(lintRules(), format)
			}
			o := lint.Options{Disable: disable}
			if err := o.Validate(); err != nil {
				return fmt.Errorf("--disable: %w", err)
			}
			if base != "" {
				l, err := corpora.ParseLang(base)
				if err != nil {
					return fmt.Errorf("--base: %w", err)
				}
				o.Base = l
			}
			only, err := parseLangs(langs)
			if err != nil {
				return fmt.Errorf("--lang: %w", err)
			}
			corpus, found, err := a.openForLint(&from, only, o)
			if err != nil {
				return err
			}
			if o.Base == "" && corpus != nil {
				o.Base = corpus.Langs()[0]
			}
			found = slices.DeleteFunc(found, func(f lint.Finding) bool {
				return only != nil && f.Lang != "" && f.Lang != o.Base && !slices.Contains(only, f.Lang) ||
					domains != nil && !slices.Contains(domains, path.Dir(f.File))
			})
			if corpus != nil {
				if only != nil && !slices.Contains(only, o.Base) {
					only = append([]corpora.Lang{o.Base}, only...)
				}
				if corpus, err = corpus.Select(only, domains); err != nil {
					return err
				}
				more, err := lint.Corpus(corpus, o)
				if err != nil {
					return err
				}
				found = append(found, more...)
			}
			people := format == "text" || format == "md"
			t := lintTable(cmp.Or(strings.Join(from.corpus, ","), "builtin"), corpus, found, people)
			if people && len(found) == 0 {
				_, err := fmt.Fprintln(a.Out, t.Title)
				return err
			}
			if format == "text" {
				lintLines(t, a.Width())
			}
			if err := a.write(t, format); err != nil {
				return err
			}
			if len(found) > 0 {
				return errFailed
			}
			return nil
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	fl := c.Flags()
	from.AddFlags(fl)
	from.complete(c)
	fl.StringVar(&base, "base", "", "`LANGUAGE` that the others are compared with (default: the corpus's first)")
	langs.AddFlag(fl, "lang", "languages to look at, BCP 47, separated by commas (default: all)")
	domains.AddFlag(fl, "domain", "domains to look at, separated by commas (default: all)")
	disable.AddFlag(fl, "disable", "rules that are not wanted, separated by commas")
	fl.BoolVar(&listRules, "rules", false, "list the rules")
	completeList(c, "disable", func() ([]string, error) {
		var names []string
		for _, r := range lint.Rules() {
			names = append(names, r.Name)
		}
		return names, nil
	})
	return c
}

// openForLint opens a corpus. One in the plain format is read as far as it can
// be, with the findings of its files; of any other, what cannot be read is an
// error.
func (a *app) openForLint(f *corpusFlags, langs []corpora.Lang, o lint.Options) (*corpora.Corpus, []lint.Finding, error) {
	if len(f.corpus) == 1 && (f.format == "plain" || f.format == "" && isPlain(f.corpus[0])) {
		dir := f.corpus[0]
		return lint.Folder(os.DirFS(dir), filepath.Base(filepath.Clean(dir)), o.Base, o)
	}
	c, err := a.openCorpus(f, langs, o.Base)
	return c, nil, err
}

// isPlain reports whether a folder holds <domain>/<lang>.txt and no other text.
func isPlain(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil || len(found) == 0 {
		return false
	}
	for _, f := range found {
		if _, err := corpora.ParseLang(strings.TrimSuffix(filepath.Base(f), ".txt")); err != nil {
			return false
		}
	}
	return true
}

func lintRules() *table.Table {
	t := &table.Table{Name: "lint_rules", Columns: []table.Column{
		{Name: "rule", Title: "rule", Left: true},
		{Name: "what", Title: "what is found", Left: true},
		{Name: "fix", Title: "what to do", Left: true},
	}, Keys: 1}
	for _, r := range lint.Rules() {
		t.Rows = append(t.Rows, []table.Cell{table.Str(r.Name), table.Str(r.What), table.Str(r.Fix)})
	}
	return t
}

// lintTable has a row a finding. For people: a few of each rule and language,
// with what to do in the notes.
func lintTable(name string, corpus *corpora.Corpus, found []lint.Finding, people bool) *table.Table {
	t := &table.Table{Name: "lint", Columns: []table.Column{
		{Name: "rule", Title: "rule", Left: true},
		{Name: "lang", Title: "lang", Left: true},
		{Name: "where", Title: "where", Left: true, Note: "key of a segment, or file and line"},
		{Name: "problem", Title: "problem", Left: true},
		{Name: "excerpt", Title: "excerpt", Left: true},
	}}
	of := name
	if corpus != nil {
		langs, segments := "1 language", fmt.Sprintf("%d segments", corpus.Len())
		if n := len(corpus.Langs()); n > 1 {
			langs, segments = fmt.Sprintf("%d languages", n), segments+" each"
		}
		of = fmt.Sprintf("%s: %s, %s", name, langs, segments)
	}
	switch len(found) {
	case 0:
		t.Title = of + "; nothing found"
	case 1:
		t.Title = of + "; 1 finding"
	default:
		t.Title = fmt.Sprintf("%s; %d findings", of, len(found))
	}
	if !people {
		t.Columns = append(t.Columns, table.Column{Name: "fix", Left: true})
	}
	fix := make(map[string]string)
	for _, r := range lint.Rules() {
		fix[r.Name] = r.Fix
	}
	type kind struct {
		rule string
		lang corpora.Lang
	}
	count := make(map[kind]int)
	var order []kind
	said := ""
	for _, f := range found {
		where := f.Segment
		if f.File != "" {
			where = f.File
			if f.Line > 0 {
				where += fmt.Sprintf(":%d", f.Line)
			}
			if f.Segment != "" {
				where += " " + f.Segment
			}
		}
		row := []table.Cell{table.Str(f.Rule), table.Str(string(f.Lang)), table.Str(where), table.Str(f.Problem), table.Str(f.Excerpt)}
		if !people {
			t.Rows = append(t.Rows, append(row, table.Str(fix[f.Rule])))
			continue
		}
		if f.Rule != said {
			said = f.Rule
			t.Notes = append(t.Notes, fmt.Sprintf("%s: %s", f.Rule, fix[f.Rule]))
		}
		k := kind{f.Rule, f.Lang}
		if count[k]++; count[k] == 1 {
			order = append(order, k)
		}
		if count[k] <= lintShown {
			t.Rows = append(t.Rows, row)
		}
	}
	if people {
		var more []string
		for _, k := range order {
			if n := count[k] - lintShown; n > 0 {
				more = append(more, fmt.Sprintf("%s %s %d", k.rule, k.lang, n))
			}
		}
		if more != nil {
			t.Notes = append(t.Notes, "not shown: "+strings.Join(more, ", ")+"; --format csv has all")
		}
	}
	return t
}

// lintLines makes of the columns a table of two lines a finding, which fit a
// terminal: where, and below it what.
func lintLines(t *table.Table, width int) {
	if width <= 0 {
		width = helpWidth
	}
	t.Columns = []table.Column{{Name: "finding", Left: true}, {Name: "problem", Title: "problem: excerpt", Left: true}}
	var rows [][]table.Cell
	for _, r := range t.Rows {
		head := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", r[0].Text, r[1].Text, r[2].Text)), " ")
		what := r[3].Text
		if r[4].Text != "" {
			what += ": " + r[4].Text
		}
		rows = append(rows, []table.Cell{table.Str(head), table.Str(fit(what, width-4))})
	}
	t.Rows, t.Group, t.Keys = rows, true, 1
}

// fit cuts s to so many columns.
func fit(s string, width int) string {
	if displaywidth.String(s) <= width {
		return s
	}
	return displaywidth.TruncateString(s, width, "…")
}
