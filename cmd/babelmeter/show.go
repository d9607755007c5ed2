package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/results/table"
	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
)

func (a *app) vocabShow() *cobra.Command {
	var format formatFlag
	c := &cobra.Command{
		Use:   "show NAME",
		Short: "Show all that is known of a vocabulary",
		Long: `Show all that the catalogue knows of a vocabulary, found by its name or by that
of a model: files with sources, sizes and digests; licence and whether it lets
the vocabulary be passed on; the implementation whose ids are the truth; how a
text is normalised and split; its models, each with the evidence; notes.

How a fact is known stands in brackets: V the file was read or the vendor's own
source says so, D the vendor's documents say so, U unchecked.`,
		Example: "  babelmeter vocab show qwen3\n  babelmeter vocab show claude-3-5-sonnet --format json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one NAME, got %d; see `%s --help`", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := a.catalog()
			if err != nil {
				return err
			}
			s, err := cat.Lookup(args[0])
			if err != nil {
				return fmt.Errorf("%w; `babelmeter vocab list` shows all", err)
			}
			t := a.provenance(s)
			if format == "text" {
				return writeFacts(a.Out, t, a.Width())
			}
			return a.write(t, format)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			cat, err := tokenizers.Builtin()
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, s := range byMaker(cat) {
				names = append(names, s.Name+"\t"+s.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	format.AddFlag(c.Flags())
	completeFormat(c)
	return c
}

// provenance is everything in a manifest, a fact a row. The subject of a row is
// the file or the model that it is about.
func (a *app) provenance(s *tokenizers.Spec) *table.Table {
	t := &table.Table{Name: "vocabulary", Columns: []table.Column{
		{Name: "section", Title: "section", Left: true},
		{Name: "subject", Title: "subject", Left: true, Note: "the file or model that the fact is about"},
		{Name: "key", Title: "key", Left: true},
		{Name: "value", Title: "value", Left: true},
		{Name: "checked", Title: "checked", Left: true, Note: "V verified, D documented, U unchecked; empty if it needs no evidence"},
	}}
	var section, subject string
	add := func(key string, value any, checked ...tokenizers.Checked) {
		c := table.Cell{Text: fmt.Sprint(value), Value: value}
		if c.Text == "" {
			return
		}
		mark := ""
		if len(checked) > 0 {
			mark = string(checked[0])
		}
		t.Rows = append(t.Rows, []table.Cell{table.Str(section), table.Str(subject), table.Str(key), c, table.Str(mark)})
	}

	section = "vocabulary"
	add("name", s.Name)
	add("title", s.Title)
	add("maker", s.Maker)
	add("format", s.Format)
	if s.Tokens > 0 {
		add("tokens", int64(s.Tokens))
	}
	add("files are", a.place(s))
	add("notes", s.Notes)

	section = "licence"
	add("spdx", s.Licence.SPDX, s.Licence.Checked)
	add("may be passed on", yes(s.Licence.Redistribute), s.Licence.Checked)
	add("read in", s.Licence.Source)
	add("url", s.Licence.URL)
	if s.Licence.Accept {
		add("terms to accept", s.Licence.Terms)
	}
	if s.Gated {
		add("gate", s.Gate)
	}

	if !s.Closed() {
		section = "counting"
		add("reference", s.Reference.String())
		add("vectors", yes(vectors.Has(s.Name)))
		switch {
		case s.Unicode != "":
			add("unicode", s.Unicode)
		default:
			add("unicode", "what the files hold")
		}
		normalizer := s.Normalize
		if s.NormalizeUnicode != "" {
			normalizer += " of Unicode " + s.NormalizeUnicode
		}
		stated := s.Format == "tiktoken" || s.Format == "merges"
		switch {
		case normalizer != "":
			add("normaliser", normalizer)
		case stated:
			add("normaliser", "none")
		default:
			add("normaliser", "as the files say")
		}
		add("splitter", s.Splitter)
		for _, p := range s.Split {
			add("split", p)
		}
		if s.Splitter == "" && len(s.Split) == 0 {
			add("split", "as the files say")
		}
		if files, err := a.files(s); err == nil {
			if def, err := s.Read(files); err == nil {
				add("pipeline", fmt.Sprintf("%s, %s, %s, %s", def.Model.Kind,
					plural(len(def.Added), "added token"), plural(len(def.Normalizers), "normalising step"), plural(len(def.Splitters), "splitting step")))
			}
		}
	}

	section = "file"
	for _, f := range s.Files {
		subject = f.Name
		if f.SHA256 == "" {
			add("digest", "not known: recorded at the first pull")
		} else {
			add("bytes", f.Size)
			add("sha256", f.SHA256)
			add("digest is of", f.Hashed)
		}
		for _, src := range f.Sources {
			add("source", src)
		}
	}

	subject = ""
	if r := s.Remote; r != nil {
		section = "endpoint"
		add("api", r.API, r.Checked)
		add("request", r.Method+" "+r.URL)
		add("auth", r.Auth)
		add("key", strings.ReplaceAll(strings.Join(r.Key, " or "), "+", " and "))
		add("body", r.Request)
		add("answer", r.Response)
		add("count", r.Count)
		add("counts the chat template", yes(r.Framing))
		add("estimate by", r.Estimate)
		add("read in", r.Source)
	}

	section = "model"
	for i := range s.Models {
		m := &s.Models[i]
		subject = m.Name
		add("title", m.Title)
		add("confidence", string(m.Provenance), m.Checked)
		add("evidence", m.Evidence)
		add("also", strings.Join(m.Aliases, ", "))
		var prefixes []string
		for _, p := range m.Prefixes {
			prefixes = append(prefixes, p+"…")
		}
		add("also", strings.Join(prefixes, ", "))
		if m.Retired {
			add("sold", "no longer")
		}
		if m.Embedding {
			add("kind", "embedding")
		}
	}
	return t
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// writeFacts writes the rows of provenance for people: a section, what it is
// about, and a fact a line, wrapped.
func writeFacts(w io.Writer, t *table.Table, width int) error {
	var b strings.Builder
	section, subject := "", ""
	for _, r := range t.Rows {
		if r[0].Text != section || r[1].Text != subject {
			if section != "" {
				b.WriteByte('\n')
			}
			section, subject = r[0].Text, r[1].Text
			b.WriteString(strings.TrimSpace(section+" "+clean(subject)) + "\n")
		}
		value := clean(r[3].Text)
		if r[4].Text != "" {
			value += " [" + r[4].Text + "]"
		}
		label := "  " + r[2].Text + ": "
		for i, line := range wrapWords(value, width-len(label), width-4) {
			if i == 0 {
				b.WriteString(strings.TrimRight(label+line, " ") + "\n")
			} else {
				b.WriteString("    " + line + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// clean makes line ends blanks.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// wrapWords cuts a text at blanks into a first line and others. A word that is
// longer than a line, as an address, stays whole: it is there to be copied.
func wrapWords(s string, first, other int) []string {
	first, other = max(first, 20), max(other, 20)
	var lines []string
	line, room := "", first
	flush := func() {
		lines = append(lines, line)
		line, room = "", other
	}
	for word := range strings.FieldsSeq(s) {
		if line != "" && displaywidth.String(line+" "+word) > room {
			flush()
		}
		if line == "" && len(lines) == 0 && displaywidth.String(word) > room {
			flush() // the next line has more room
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	flush()
	return lines
}
