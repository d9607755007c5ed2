package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) vocab() *cobra.Command {
	c := &cobra.Command{
		Use:     "vocab",
		Short:   "List, show, fetch and verify vocabularies",
		Long:    "Vocabularies: what there is, from where, under which terms.",
		Example: "  babelmeter vocab list\n  babelmeter vocab show qwen3",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return writeHelp(a.Out, c) },
	}
	c.AddCommand(a.vocabList(), a.vocabShow(), a.vocabPull(), a.vocabVerify())
	return c
}

func (a *app) vocabList() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:   "list",
		Short: "List the vocabularies of the catalogue",
		Long: `List the vocabularies of the catalogue by maker, with some of the models of each
maker: size, where the files are, licence, and how sure it is that models use it
(exact; proxy: the vendor's own software counts so; api: the vendor's endpoint
counts; est: an estimate, never a default).

Files are built in, pulled (in the cache), in the mirror (the folder that
BABELMETER_MIRROR names), or to pull; a vocabulary that was never published is
counted by its vendor's endpoint, which needs a key. A licence that has no SPDX
identifier is "own terms". --format csv or json has all of it, by name; vocab
show has everything about one.`,
		Example: "  babelmeter vocab list\n  babelmeter vocab list --format csv",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cat, err := a.catalog()
			if err != nil {
				return err
			}
			if format == "csv" || format == "json" {
				return a.write(a.vocabData(cat), format)
			}
			return a.write(a.vocabView(cat), format)
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

// place says where the files of a vocabulary are.
func (a *app) place(s *tokenizers.Spec) string {
	switch {
	case s.Closed() && a.key(s.Remote) != "":
		return "key set"
	case s.Closed():
		return "needs key" // never published: its vendor counts
	case builtinFiles(s) != nil:
		return "built in"
	}
	if dir, err := a.cache(); err == nil && hasFiles(filepath.Join(dir, s.Name), s) {
		return "pulled"
	}
	if _, err := a.files(s); err == nil {
		return "mirror"
	}
	return "to pull"
}

// key names the variables, of those that an endpoint takes its key from, that
// are set; empty if none is.
func (a *app) key(r *tokenizers.Remote) string {
	for _, k := range r.Key {
		if !slices.ContainsFunc(strings.Split(k, "+"), func(v string) bool { return a.env(v) == "" }) {
			return k
		}
	}
	return ""
}

// byMaker are all vocabularies, the closed ones too, by maker and then by name.
func byMaker(cat *tokenizers.Catalog) []*tokenizers.Spec {
	specs := append(cat.Specs(), cat.Closed()...)
	slices.SortFunc(specs, func(a, b *tokenizers.Spec) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Maker), strings.ToLower(b.Maker)), strings.Compare(a.Name, b.Name))
	})
	return specs
}

// vocabView lists the catalogue for people, in 80 columns.
func (a *app) vocabView(cat *tokenizers.Catalog) *table.Table {
	t := &table.Table{Name: "vocabularies", Group: true, Keys: 2, Columns: []table.Column{
		{Name: "maker", Title: "maker and models", Left: true},
		{Name: "vocab", Title: "vocab", Left: true},
		{Name: "tokens", Title: "tokens"},
		{Name: "files", Title: "files", Left: true},
		{Name: "licence", Title: "licence", Left: true},
		{Name: "confidence", Title: "confidence", Left: true},
	}}
	specs := byMaker(cat)
	models := make(map[string][]string)
	for _, s := range specs {
		for _, m := range s.Models {
			if m.Sold() {
				models[s.Maker] = append(models[s.Maker], m.Title)
			}
		}
	}
	for _, s := range specs {
		licence := s.Licence.SPDX
		if strings.HasPrefix(licence, "LicenseRef-") {
			licence = "own terms"
		}
		t.Rows = append(t.Rows, []table.Cell{
			table.Str(someModels(s.Maker, models[s.Maker])), table.Str(s.Name), size(s), table.Str(a.place(s)),
			table.Str(licence), table.Str(confidence(s, "/", true)),
		})
	}
	return t
}

// confidence lists how sure it is that the models of a vocabulary use it, the
// surest first.
func confidence(s *tokenizers.Spec, sep string, short bool) string {
	var list []string
	for _, p := range []struct {
		of    tokenizers.Provenance
		short string
	}{{tokenizers.Exact, "exact"}, {tokenizers.VendorProxy, "proxy"}, {tokenizers.API, "api"}, {tokenizers.Estimate, "est"}} {
		if slices.ContainsFunc(s.Models, func(m tokenizers.Model) bool { return m.Provenance == p.of }) {
			if short {
				list = append(list, p.short)
			} else {
				list = append(list, string(p.of))
			}
		}
	}
	if len(list) == 0 && short {
		return "–"
	}
	return strings.Join(list, sep)
}

// vocabData lists the catalogue for machines, by name, with everything that
// fits a row.
func (a *app) vocabData(cat *tokenizers.Catalog) *table.Table {
	t := &table.Table{Name: "vocabularies", Keys: 1, Columns: []table.Column{
		{Name: "vocab"}, {Name: "title"}, {Name: "maker"}, {Name: "tokens", Unit: "tokens without special ones"},
		{Name: "licence", Note: "SPDX"}, {Name: "redistribute", Note: "whether the vocabulary may be passed on"},
		{Name: "accept", Note: "whether the licence must be accepted before the files are pulled"},
		{Name: "files", Note: "built in, pulled, mirror, to pull; of those never published: needs key, key set"},
		{Name: "bytes", Unit: "bytes", Note: "of all files; null if no one has read them"},
		{Name: "key", Note: "environment variables of the vendor's counting endpoint: any one, or those joined by +"},
		{Name: "confidence", Note: "exact, vendor_proxy, api, estimate: of its models, separated by blanks"},
		{Name: "reference"},
		{Name: "models", Note: "names, separated by blanks"},
	}}
	specs := byMaker(cat)
	slices.SortFunc(specs, func(a, b *tokenizers.Spec) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range specs {
		var models []string
		for _, m := range s.Models {
			models = append(models, m.Name)
		}
		bytes := table.Missing("–")
		var n int64
		for _, f := range s.Files {
			n += f.Size
		}
		if s.Digest() != "" {
			bytes = table.Int(n)
		}
		key := ""
		if s.Remote != nil {
			key = strings.Join(s.Remote.Key, " ")
		}
		t.Rows = append(t.Rows, []table.Cell{
			table.Str(s.Name), table.Str(s.Title), table.Str(s.Maker), size(s), table.Str(s.Licence.SPDX),
			{Value: s.Licence.Redistribute}, {Value: s.Licence.Accept}, table.Str(a.place(s)), bytes, table.Str(key),
			table.Str(confidence(s, " ", false)), table.Str(strings.TrimSpace(s.Reference.String())), table.Str(strings.Join(models, " ")),
		})
	}
	return t
}

// size is the number of tokens of a vocabulary. A manifest that was written
// before the files were seen does not have it.
func size(s *tokenizers.Spec) table.Cell {
	if s.Tokens == 0 {
		return table.Missing("–")
	}
	return table.Int(int64(s.Tokens))
}

// someModels names a maker and as many of its models as fit a line.
func someModels(maker string, models []string) string {
	const width = 78
	text := maker
	for i, m := range models {
		longer := text + ", " + m
		if i == 0 {
			longer = text + ": " + m
		}
		rest := ""
		if n := len(models) - i - 1; n > 0 {
			rest = fmt.Sprintf(", +%d", n)
		}
		if displaywidth.String(longer+rest) > width {
			if i == 0 {
				return text
			}
			return fmt.Sprintf("%s, +%d", text, len(models)-i)
		}
		text = longer
	}
	return text
}
