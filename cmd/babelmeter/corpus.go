package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/bench/textsize"
	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/results/table"
)

func (a *app) corpus() *cobra.Command {
	c := &cobra.Command{
		Use:     "corpus",
		Short:   "List corpora",
		Long:    "Corpora: parallel text, the same segments in several languages." + exitStatus(""),
		Example: "  babelmeter corpus list\n  babelmeter corpus list --format json",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.corpusList())
	return c
}

func (a *app) corpusList() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the corpora with their domains and sizes",
		Long:    "List the corpora with their domains, languages, segments, documents, sizes and licence." + exitStatus(""),
		Example: "  babelmeter corpus list\n  babelmeter corpus list --format json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			corpus, err := corpora.Builtin()
			if err != nil {
				return err
			}
			t := &table.Table{Name: "corpora", Keys: 2, Columns: []table.Column{
				{Name: "corpus", Title: "corpus", Left: true},
				{Name: "domain", Title: "domain", Left: true},
				{Name: "segments", Title: "segments", Unit: "segments in each language"},
				{Name: "documents", Title: "documents"},
				{Name: "chars_base", Title: "chars (" + string(corpus.Langs()[0]) + ")", Unit: "code points in the first language"},
				{Name: "languages", Title: "languages", Left: true},
				{Name: "license", Title: "licence", Left: true},
			}}
			var langs []string
			for _, l := range corpus.Langs() {
				langs = append(langs, string(l))
			}
			for _, d := range corpus.Domains() {
				part, err := corpus.Select(nil, []string{d})
				if err != nil {
					return err
				}
				chars := int64(0)
				for s, err := range part.Segments(part.Langs()[0]) {
					if err != nil {
						return err
					}
					chars += int64(textsize.Of(s.Text).Chars)
				}
				t.Rows = append(t.Rows, []table.Cell{table.Str(corpus.Name), table.Str(d), table.Int(int64(part.Len())),
					table.Int(int64(part.Docs())), table.Int(chars), table.Str(strings.Join(langs, " ")), table.Str(corpus.License)})
			}
			return a.write(t, format)
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}
