package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results/table"
)

func (a *app) corpus() *cobra.Command {
	c := &cobra.Command{
		Use:     "corpus",
		Short:   "List, fetch and check corpora",
		Long:    "Corpora: parallel text, the same segments in several languages." + corpusHelp(),
		Example: "  babelmeter corpus list\n  babelmeter corpus list --format json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return writeHelp(a.Out, c) },
	}
	c.AddCommand(a.corpusList(), a.corpusPull(), a.corpusLint())
	return c
}

func (a *app) corpusList() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:   "list",
		Short: "List the corpora with their domains and sizes",
		Long: `List the corpora with their domains, languages, segments, documents, sizes and
licence. With --format csv or json: a row a domain and language.`,
		Example: "  babelmeter corpus list\n  babelmeter corpus list --format json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			corpus, err := corpora.Builtin()
			if err != nil {
				return err
			}
			view, data, err := corpusTables(corpus)
			if err != nil {
				return err
			}
			if format == "csv" || format == "json" {
				return a.write(data, format)
			}
			return a.write(view, format)
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

// corpusTables describes a corpus: for people, a row a domain; for machines, a
// row a domain and language.
func corpusTables(corpus *corpora.Corpus) (view, data *table.Table, err error) {
	view = &table.Table{
		Name:  "corpora",
		Keys:  1,
		Title: fmt.Sprintf("%s %s: %s (%s)", corpus.Name, corpus.Version, corpus.Title, corpus.License),
		Columns: []table.Column{
			{Name: "domain", Title: "domain", Left: true},
			{Name: "segments", Title: "segments"},
			{Name: "documents", Title: "documents"},
		},
		Notes: []string{
			"segments and documents in each language; then code points by language",
			"digest " + short(corpus.Digest()),
		},
	}
	data = &table.Table{Name: "corpora", Columns: []table.Column{
		{Name: "corpus"}, {Name: "version"}, {Name: "domain"}, {Name: "lang", Note: "BCP 47"},
		{Name: "segments", Unit: "segments"}, {Name: "documents", Unit: "documents"},
		{Name: "chars", Unit: "code points"}, {Name: "bytes", Unit: "UTF-8 bytes"},
		{Name: "license", Note: "SPDX"}, {Name: "digest", Note: "of the whole corpus"},
	}}
	langs := corpus.Langs()
	for _, l := range langs {
		view.Columns = append(view.Columns, table.Column{Name: string(l), Title: string(l), Unit: "code points"})
	}
	totals := make([]int64, 2+len(langs))
	digest := corpus.Digest()
	for _, d := range corpus.Domains() {
		part, err := corpus.Select(nil, []string{d})
		if err != nil {
			return nil, nil, err
		}
		numbers := []int64{int64(part.Len()), int64(part.Docs())}
		for _, l := range langs {
			var chars, bytes int64
			for s, err := range part.Segments(l) {
				if err != nil {
					return nil, nil, err
				}
				size := textsize.Of(s.Text)
				chars += int64(size.Chars)
				bytes += int64(size.Bytes)
			}
			numbers = append(numbers, chars)
			data.Rows = append(data.Rows, []table.Cell{table.Str(corpus.Name), table.Str(corpus.Version), table.Str(d), table.Str(string(l)),
				table.Int(numbers[0]), table.Int(numbers[1]), table.Int(chars), table.Int(bytes), table.Str(corpus.License), table.Str(digest)})
		}
		row := []table.Cell{table.Str(d)}
		for i, n := range numbers {
			totals[i] += n
			row = append(row, table.Int(n))
		}
		view.Rows = append(view.Rows, row)
	}
	row := []table.Cell{table.Str("total")}
	for _, n := range totals {
		row = append(row, table.Int(n))
	}
	view.Rows = append(view.Rows, row)
	return view, data, nil
}
