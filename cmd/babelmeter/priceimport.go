package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/price/public"
	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/tokenizers"
)

const (
	maxTable     = 64 << 20 // bytes of a public price table
	tableTimeout = time.Minute
)

// tableOrigins are where the public tables come from, and their licences.
var tableOrigins = map[string]price.Source{
	"litellm":      {Key: "litellm", Title: "BerriAI/litellm, model_prices_and_context_window.json", URL: "https://github.com/BerriAI/litellm", Licence: "MIT"},
	"models.dev":   {Key: "models-dev", Title: "anomalyco/models.dev", URL: "https://github.com/anomalyco/models.dev", Licence: "MIT"},
	"genai-prices": {Key: "genai-prices", Title: "pydantic/genai-prices", URL: "https://github.com/pydantic/genai-prices", Licence: "MIT"},
}

// publicTable reads a table from a file, standard input or an address.
func (a *app) publicTable(ctx context.Context, format, from string, on price.Date) (*public.Table, error) {
	source, ok := tableOrigins[format]
	if !ok {
		return nil, fmt.Errorf("unknown table %q: expected one of %s", format, strings.Join(public.Formats, ", "))
	}
	source.Date = on
	name := from
	var data []byte
	if u, err := url.Parse(from); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		source.URL, name = from, u.Path
		if data, err = download(ctx, from); err != nil {
			return nil, err
		}
	} else if data, err = a.tableFile(from); err != nil {
		return nil, err
	} else {
		source.Title += ", as " + filepath.Base(from)
	}
	return public.Read(format, filepath.ToSlash(name), data, source)
}

func (a *app) tableFile(name string) ([]byte, error) {
	f, err := a.openInput(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return limited(f, name)
}

func limited(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err == nil && len(data) > maxTable {
		err = fmt.Errorf("larger than %d MB", maxTable>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

func download(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, tableTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%s: no answer in %v", from, tableTimeout)
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server says %s", from, resp.Status)
	}
	return limited(resp.Body, from)
}

// fileName is what a provider may be called whose prices are written.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (a *app) priceImport() *cobra.Command {
	var (
		provider, out, at string
		force             bool
	)
	c := &cobra.Command{
		Use:   "import TABLE FILE|URL",
		Short: "Make a price book of a public table",
		Long: `Read a public price table and write it as files of a price book, one for each
provider: litellm (its JSON), models.dev (api.json, or a file
providers/P/models/M.toml) or genai-prices (data.json, or the YAML file of a
provider). Providers and lists are called as in the built-in book, vocabularies
as in the catalogue; each price names the table and the day. What the table does
not say is not added, and 0 is not taken for a price. Without --out the book of
one provider goes to standard output.`,
		Example: "  babelmeter price import models.dev api.json --provider moonshot\n  babelmeter price import genai-prices deepseek.yml",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s takes TABLE and FILE or URL, got %d arguments; see `%s --help`", c.CommandPath(), len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			on, err := a.dayFlag("at", at)
			if err != nil {
				return err
			}
			ctx, stop := interruptible(c.Context())
			defer stop()
			t, err := a.publicTable(ctx, args[0], args[1], on)
			if err != nil {
				return err
			}
			cat, err := tokenizers.Builtin()
			if err != nil {
				return err
			}
			byProvider := map[string][]price.Price{}
			var providers []string
			lists := map[string]bool{}
			for _, p := range t.Prices {
				if provider != "" && p.Provider != provider {
					continue
				}
				if !fileName.MatchString(p.Provider) {
					t.Skipped = append(t.Skipped, fmt.Sprintf("%s: a provider of this name cannot have a file", p.Name()))
					continue
				}
				if key := p.List() + p.From.String(); lists[key] {
					t.Skipped = append(t.Skipped, p.List()+": a second row of the same list")
					continue
				} else {
					lists[key] = true
				}
				withVocabulary(cat, &p)
				if byProvider[p.Provider] == nil {
					providers = append(providers, p.Provider)
				}
				byProvider[p.Provider] = append(byProvider[p.Provider], p)
			}
			switch {
			case len(providers) == 0 && provider != "":
				return fmt.Errorf("no prices of %q in %s", provider, args[1])
			case len(providers) == 0:
				return fmt.Errorf("no prices in %s: %s", args[1], strings.Join(t.Skipped, "; "))
			case len(providers) > 1 && out == "":
				return fmt.Errorf("%s has %s: choose one with --provider, or --out DIR for all: %s", args[1], plural(len(providers), "provider"), strings.Join(providers, ", "))
			}
			// All is made before anything is written.
			books := map[string][]byte{}
			for _, name := range providers {
				var b bytes.Buffer
				comment := fmt.Sprintf("Prices of %s as %s has them, imported on %v by babelmeter price import.\nVerify with the provider before you rely on one.", name, args[0], price.DateOf(a.now().UTC()))
				if err := price.Write(&b, comment, byProvider[name]); err != nil {
					return err
				}
				books[name] = b.Bytes()
			}
			a.sayLeftOut(t.Skipped)
			if out == "" {
				_, err := a.Out.Write(books[providers[0]])
				return err
			}
			return a.writeBooks(out, providers, books, force)
		},
	}
	f := c.Flags()
	f.StringVar(&provider, "provider", "", "only this `PROVIDER`, as the built-in book calls it")
	f.StringVar(&out, "out", "", "`DIR` to write PROVIDER.toml files to")
	f.StringVar(&at, "at", "", "`DAY` of the table, such as 2026-01-31 (default today)")
	f.BoolVar(&force, "force", false, "replace files that are there")
	return c
}

// sayLeftOut tells what an import left out, the first of it in full.
func (a *app) sayLeftOut(skipped []string) {
	const few = 10
	for i, s := range skipped {
		if i == few {
			a.Say("left out: and %d more", len(skipped)-few)
			break
		}
		a.Say("left out: %s", s)
	}
}

// withVocabulary names the vocabulary of a model that the catalogue knows.
func withVocabulary(cat *tokenizers.Catalog, p *price.Price) {
	names := append([]string{p.Model, p.Model[strings.LastIndex(p.Model, "/")+1:]}, p.Aliases...)
	for _, name := range names {
		for _, s := range cat.Specs() {
			for _, m := range s.Models {
				if strings.EqualFold(m.Name, name) || slices.ContainsFunc(m.Aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
					p.Vocabulary, p.Confidence = s.Name, price.Confidence(m.Provenance)
					return
				}
			}
		}
	}
}

// writeBooks writes files, none of them half.
func (a *app) writeBooks(dir string, providers []string, books map[string][]byte, force bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range providers {
		file := filepath.Join(dir, name+".toml")
		if _, err := os.Lstat(file); err == nil && !force {
			return fmt.Errorf("%s is there already: give another --out, or --force to replace it", file)
		}
	}
	for _, name := range providers {
		file := filepath.Join(dir, name+".toml")
		tmp, err := os.CreateTemp(dir, name+".*.tmp")
		if err != nil {
			return err
		}
		_, err = tmp.Write(books[name])
		err = errors.Join(err, tmp.Sync(), tmp.Chmod(0o644), tmp.Close())
		if err == nil {
			err = os.Rename(tmp.Name(), file)
		}
		if err != nil {
			return errors.Join(err, os.Remove(tmp.Name()))
		}
	}
	a.Say("wrote %s to %s", plural(len(providers), "file"), dir)
	return nil
}

func (a *app) priceAudit() *cobra.Command {
	var (
		format           formatFlag
		prices, at, kind string
		provider         string
		stale            int
	)
	kinds := []string{"unit", "currency", "tier", "stale", "value", "row"}
	tables := append(slices.Clone(public.Formats), "book")
	c := &cobra.Command{
		Use:   "audit [TABLE=FILE|URL ...]",
		Short: "Hold price tables against each other",
		Long: `Compare public price tables with the price book and with each other, and show
where they contradict: figures for another number of tokens (unit), in another
currency, converted, or of another list (currency), other thresholds (tier), old
rows (stale), other figures (value), rows that contradict themselves (row).
TABLE is litellm, models.dev, genai-prices, or book for a file or folder as
--prices takes. Without TABLE the book is held against itself.`,
		Annotations: failsIf("tables contradict each other"),
		Example:     "  babelmeter price audit models.dev=api.json --provider zhipu\n  babelmeter price audit litellm=prices.json models.dev=api.json --kind unit",
		RunE: func(c *cobra.Command, args []string) error {
			on, err := a.dayFlag("at", at)
			if err != nil {
				return err
			}
			if kind != "" && !slices.Contains(kinds, kind) {
				return fmt.Errorf("--kind %q: expected one of %s", kind, strings.Join(kinds, ", "))
			}
			book, err := priceBook(prices)
			if err != nil {
				return err
			}
			ctx, stop := interruptible(c.Context())
			defer stop()
			witnesses := []public.Witness{{Name: "built in", Prices: book.Prices()}}
			if prices != "" {
				witnesses[0].Name = "book"
			}
			for _, arg := range args {
				name, from, ok := strings.Cut(arg, "=")
				if !ok || !slices.Contains(tables, name) {
					return fmt.Errorf("%q: expected TABLE=FILE or TABLE=URL, TABLE one of %s", arg, strings.Join(tables, ", "))
				}
				if name == "book" {
					own, err := ownBook(from)
					if err != nil {
						return err
					}
					witnesses = append(witnesses, public.Witness{Name: path.Base(filepath.ToSlash(from)), Prices: own.Prices()})
					continue
				}
				t, err := a.publicTable(ctx, name, from, on)
				if err != nil {
					return err
				}
				witnesses = append(witnesses, public.Witness{Name: name, Prices: t.Prices, Skipped: t.Skipped})
			}
			found := public.Audit(witnesses, on, stale)
			found = slices.DeleteFunc(found, func(f public.Finding) bool {
				return kind != "" && string(f.Kind) != kind || provider != "" && !strings.HasPrefix(f.Name, provider+"/")
			})
			t := &table.Table{Name: "audit", Columns: []table.Column{
				{Name: "price", Title: "price", Left: true}, {Name: "kind", Title: "kind", Left: true},
				{Name: "tables", Title: "tables", Left: true}, {Name: "finding", Title: "finding", Left: true},
			}}
			for _, f := range found {
				t.Rows = append(t.Rows, []table.Cell{table.Str(f.Name), table.Str(string(f.Kind)), table.Str(f.Tables), table.Str(f.Text)})
			}
			if format == "text" {
				if len(found) == 0 {
					_, err := fmt.Fprintln(a.Out, "no contradiction found")
					return err
				}
				for _, f := range found {
					if _, err := fmt.Fprintf(a.Out, "%s: %s: %s [%s]\n", f.Name, f.Kind, f.Text, f.Tables); err != nil {
						return err
					}
				}
			} else if err := a.write(t, format); err != nil {
				return err
			}
			if len(found) > 0 {
				return errFailed
			}
			return nil
		},
	}
	f := c.Flags()
	format.AddFlag(f)
	completeFormat(c)
	pricesFlag(f, &prices)
	f.StringVar(&at, "at", "", "as of that `DAY`, such as 2026-01-31 (default today)")
	f.StringVar(&provider, "provider", "", "only findings on this `PROVIDER`")
	f.StringVar(&kind, "kind", "", "only findings of this `KIND`: "+strings.Join(kinds, ", "))
	f.IntVar(&stale, "stale", price.Stale, "days after which a price should be looked at again, a `NUMBER` (0: never)")
	_ = c.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp))
	return c
}
