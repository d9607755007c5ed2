package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/babelmeter/babelmeter/bench/metric"
	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/results/table"
)

// DefaultWindow is the window of the effective context, in tokens.
const DefaultWindow = 128_000

// DefaultMetrics are those that the table of metrics shows unless told: as
// many as a terminal is wide. The data have all.
var DefaultMetrics = []string{"code_point_ratio", "byte_density", "compression", "split_share", "fertility", "nsl"}

// renyiOrder is the α of the Rényi efficiency, that of the paper.
const renyiOrder = 2.5

// unspaced are the scripts, by ISO 15924, that are written without spaces
// between words.
var unspaced = []string{"Hani", "Hans", "Hant", "Hanb", "Jpan", "Hira", "Kana", "Hrkt", "Bopo", "Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Lana", "Talu", "Tale", "Java", "Bali"}

// noWords says why words are not counted in a language, or nothing.
func noWords(lang string) string {
	tag, err := language.Parse(lang)
	if err != nil {
		return ""
	}
	if script, _ := tag.Script(); slices.Contains(unspaced, script.String()) {
		return "no spaces between words, so that counting them needs a dictionary"
	}
	return ""
}

// figures computes the metrics of one language under one vocabulary, and says
// why one has no value where the reason is one of validity.
func figures(s *sample.Sample, c, fixed *column, x *cell, window int) (values map[string]float64, refused map[string]string) {
	values, refused = make(map[string]float64), make(map[string]string)
	for _, m := range metric.ByLanguage() {
		values[m.Name] = nan
	}
	if x.Err != "" {
		return values, refused
	}
	values[metric.UnknownShare.Name] = unknown(x)
	if why := masked(x); why != "" {
		for _, m := range metric.ByLanguage() {
			if m.Name != metric.UnknownShare.Name {
				refused[m.Name] = "masked: " + why
			}
		}
		return values, refused
	}
	set := func(m metric.Metric, v float64) { values[m.Name] = v }
	set(metric.CharsPerToken, metric.Ratio(x.Chars, x.Tokens))
	set(metric.GraphemesPerToken, metric.Ratio(x.Graphemes, x.Tokens))
	set(metric.BytesPerToken, metric.Ratio(x.Bytes, x.Tokens))
	if b := c.Cell(s.Base); b.Err == "" && masked(b) == "" {
		set(metric.CodePointRatio, metric.Ratio(x.Chars, b.Chars))
		set(metric.ByteDensity, metric.Ratio(x.Bytes, x.Chars)/metric.Ratio(b.Bytes, b.Chars))
		set(metric.Compression, metric.Ratio(x.Tokens, x.Bytes)/metric.Ratio(b.Tokens, b.Bytes))
		set(metric.EffectiveContext, float64(window)/metric.Ratio(x.Tokens, b.Tokens))
	}
	if x.Split != nil {
		set(metric.SplitShare, metric.Ratio(x.Split, x.Tokens))
	}
	if f := fixed.Cell(x.Lang); f.Err == "" && masked(f) == "" {
		set(metric.NSL, metric.Ratio(x.Tokens, f.Tokens))
	}
	why := noWords(x.Lang)
	if why != "" {
		refused[metric.Fertility.Name], refused[metric.SingleTokenWords.Name] = why, why
	} else {
		set(metric.Fertility, metric.Ratio(x.Tokens, x.Words))
	}
	w := x.Whole
	if w == nil {
		return values, refused
	}
	if why == "" && w.Words > 0 {
		set(metric.SingleTokenWords, float64(w.Single)/float64(w.Words))
	}
	spectrum := make(stat.Spectrum)
	for _, p := range w.Spectrum {
		spectrum[p[0]] = p[1]
	}
	if types := spectrum.Types(); types > 0 {
		if w.Size > 0 {
			set(metric.VocabularyUsed, float64(types)/float64(w.Size))
		}
		if types > 1 { // one type has no largest entropy to be a share of
			set(metric.Renyi, spectrum.Entropy(renyiOrder)/math.Log2(float64(types)))
			set(metric.Shannon, spectrum.Entropy(1)/math.Log2(float64(types)))
		}
	}
	return values, refused
}

// show writes a figure for a reader.
func show(m metric.Metric, v float64) table.Cell {
	switch {
	case strings.HasPrefix(m.Unit, "share of"):
		if !math.IsNaN(v) {
			return table.Missing(fmt.Sprintf("%.1f %%", 100*v))
		}
	case m.Name == metric.EffectiveContext.Name:
		if !math.IsNaN(v) {
			return table.Int(int64(math.Round(v)))
		}
	case m.Better == metric.Neither || m.Name == metric.Compression.Name || m.Name == metric.NSL.Name:
		return table.Num(v, 3)
	}
	return table.Num(v, 2)
}

// metrics makes the table of the figures beside the premium.
func (r *Report) metrics(s *sample.Sample, fixed *column, o Options) error {
	all := metric.ByLanguage()
	want := o.Metrics
	if want == nil {
		want = DefaultMetrics
	}
	title := fmt.Sprintf("Metrics beside the premium over %s: %s corpus; nsl over %s, context of %d tokens", s.Base, s.Corpus.Name, name(s, fixed), o.Window)
	view := &table.Table{Name: "metrics", Title: title, Group: true, Keys: 2, Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "lang", Left: true}}}
	data := &table.Table{Name: "metrics", Title: title, Keys: 3, Columns: []table.Column{{Name: "vocab"}, {Name: "engine"}, {Name: "lang"}}}
	var shown []metric.Metric
	for _, n := range want {
		i := slices.IndexFunc(all, func(m metric.Metric) bool { return m.Name == n })
		if i < 0 {
			return fmt.Errorf("report: no metric %q; metrics: %s", n, join(all, func(m metric.Metric) string { return m.Name }))
		}
		shown = append(shown, all[i])
		view.Columns = append(view.Columns, col(all[i]))
	}
	for _, m := range all {
		data.Columns = append(data.Columns, col(m))
	}
	data.Columns = append(data.Columns, table.Column{Name: "types", Unit: "different tokens"}, table.Column{Name: "vocabulary_size", Unit: "tokens that a text can become"},
		table.Column{Name: "joined_tokens", Unit: "tokens", Note: "of all segments joined by blanks"}, table.Column{Name: "refused", Note: "figures that would mislead, and why"})
	var reasons []string
	titles := make(map[string][]string) // language and reason → metrics
	for _, c := range s.Columns {
		if c.Vocab.Needs != "" {
			continue
		}
		for _, x := range c.Cells {
			values, refused := figures(s, c, fixed, x, o.Window)
			row := []table.Cell{table.Str(name(s, c)), table.Str(x.Lang)}
			for _, m := range shown {
				cell := show(m, values[m.Name])
				if x.Err != "" {
					cell = table.Missing("failed")
				} else if why := refused[m.Name]; strings.HasPrefix(why, "masked") {
					cell = table.Missing("masked") // maskNotes says why
				} else if why != "" {
					cell = table.Missing("refused")
					note := x.Lang + ": " + why
					if titles[note] == nil {
						reasons = append(reasons, note)
					}
					if !slices.Contains(titles[note], m.Title) {
						titles[note] = append(titles[note], m.Title)
					}
				}
				row = append(row, cell)
			}
			view.Rows = append(view.Rows, row)
			d := keys(c, x)
			var said []string
			for _, m := range all {
				d = append(d, table.Num(values[m.Name], 3))
				if why := refused[m.Name]; why != "" {
					said = append(said, m.Name+": "+why)
				}
			}
			whole := make([]table.Cell, 3)
			if w := x.Whole; w != nil && x.Err == "" {
				var types uint64
				for _, p := range w.Spectrum {
					types += p[1]
				}
				whole[0], whole[2] = table.Int(int64(types)), table.Int(int64(w.Joined))
				if w.Size > 0 {
					whole[1] = table.Int(int64(w.Size))
				}
			}
			d = append(d, whole...)
			if len(said) > 0 {
				d = append(d, table.Str(strings.Join(said, "; ")))
			} else {
				d = append(d, table.Cell{})
			}
			data.Rows = append(data.Rows, d)
		}
	}
	for _, note := range reasons {
		view.Notes = append(view.Notes, strings.Join(titles[note], ", ")+" refused in "+note)
	}
	view.Notes = append(view.Notes, maskNotes(s)...)
	for _, m := range shown {
		view.Notes = append(view.Notes, fmt.Sprintf("%s: %s", m.Title, m.Formula))
	}
	r.Tables = append(r.Tables, view)
	r.Data = append(r.Data, data)
	return nil
}

// ranks makes the table that compares the vocabularies in each language.
func (r *Report) ranks(s *sample.Sample, fixed *column) error {
	level := fmt.Sprintf("%g %% interval", 100*s.Options.Level)
	title := fmt.Sprintf("Vocabularies compared: tokens over those of %s for the same text, and rank (fewest tokens first): %s corpus", name(s, fixed), s.Corpus.Name)
	view := &table.Table{Name: "ranks", Title: title, Group: true, Keys: 2, Columns: []table.Column{
		{Name: "lang", Title: "language", Left: true}, {Name: "vocab", Title: "vocabulary", Left: true},
		col(metric.Tokens), {Name: "nsl", Title: "ratio", Unit: metric.NSL.Unit, Note: metric.NSL.Formula}, {Name: "nsl_interval", Title: level}, {Name: "rank", Title: "rank"}}}
	data := &table.Table{Name: "ranks", Title: title, Keys: 3, Columns: []table.Column{
		{Name: "lang"}, {Name: "vocab"}, {Name: "engine"}, {Name: "fixed"}, col(metric.Tokens), col(metric.NSL),
		{Name: "nsl_lo", Unit: metric.NSL.Unit}, {Name: "nsl_hi", Unit: metric.NSL.Unit},
		{Name: "premium_ratio", Unit: "ratio", Note: "premium (sum) under the vocabulary ÷ premium under the fixed one"},
		{Name: "premium_ratio_lo", Unit: "ratio"}, {Name: "premium_ratio_hi", Unit: "ratio"},
		{Name: "rank_lo", Note: "best place that it may have"}, {Name: "rank_hi", Note: "worst place that it may have"}}}
	for i, l := range s.Langs {
		ranks, err := s.Ranks(l, func(x *cell) bool { return masked(x) != "" })
		if err != nil {
			return err
		}
		order := make([]int, len(s.Columns))
		for n := range order {
			order[n] = n
		}
		slices.SortStableFunc(order, func(a, b int) int {
			x, y := s.Columns[a].Cells[i], s.Columns[b].Cells[i]
			if (x.Err == "") != (y.Err == "") {
				if x.Err == "" {
					return -1
				}
				return 1
			}
			return int(sum(x.Tokens) - sum(y.Tokens))
		})
		for _, n := range order {
			c := s.Columns[n]
			if c.Vocab.Needs != "" {
				continue
			}
			x := c.Cells[i]
			if x.Err != "" {
				view.Rows = append(view.Rows, []table.Cell{table.Str(l), table.Str(name(s, c)), table.Missing("failed"), {}, {}, {}})
				continue
			}
			ratio := s.Ratio(x, fixed.Cells[i], "")
			if masked(x) != "" {
				view.Rows = append(view.Rows, []table.Cell{table.Str(l), table.Str(name(s, c)), table.Int(sum(x.Tokens)), table.Missing("masked"), {}, {}})
				continue
			}
			rank := table.Missing(fmt.Sprintf("%d–%d", ranks[n].Lo, ranks[n].Hi))
			if ranks[n].Lo == ranks[n].Hi {
				rank = table.Missing(fmt.Sprint(ranks[n].Lo))
			}
			view.Rows = append(view.Rows, []table.Cell{table.Str(l), table.Str(name(s, c)), table.Int(sum(x.Tokens)), table.Num(ratio.Center, 3), interval(ratio), rank})
			d := []table.Cell{table.Str(l), table.Str(c.Vocab.Name), table.Str(c.Vocab.Engine), table.Str(fixed.Vocab.Name), table.Int(sum(x.Tokens))}
			d = append(append(d, ends(ratio)...), ends(s.Compare(c, fixed, l))...)
			data.Rows = append(data.Rows, append(d, table.Int(int64(ranks[n].Lo)), table.Int(int64(ranks[n].Hi))))
		}
	}
	view.Notes = append(view.Notes, fmt.Sprintf("rank: the places that a vocabulary may have; with a probability of %g %% all of a language are right at once. Where they overlap, the text is too short to tell", 100*s.Options.Level))
	view.Notes = append(view.Notes, maskNotes(s)...)
	r.Tables = append(r.Tables, view)
	r.Data = append(r.Data, data)
	return nil
}

// parity makes the table of how evenly the vocabularies treat the languages.
func (r *Report) parity(s *sample.Sample) {
	t := &table.Table{Name: "parity", Keys: 1, Title: fmt.Sprintf("How evenly the vocabularies treat %d languages (%s): %s corpus", len(s.Langs), strings.Join(s.Langs, ", "), s.Corpus.Name),
		Columns: []table.Column{{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "engine", Title: "engine", Left: true},
			{Name: "languages", Title: "languages", Unit: "languages"}, col(metric.Gini), col(metric.MaxMin),
			{Name: "least", Title: "least tokens", Left: true}, {Name: "most", Title: "most tokens", Left: true}}}
	for _, c := range s.Columns {
		if c.Vocab.Needs != "" {
			continue
		}
		var counts []float64
		least, most := "", ""
		lo, hi := math.Inf(1), 0.0
		for _, x := range c.Cells {
			if x.Err != "" || masked(x) != "" {
				continue
			}
			n := float64(sum(x.Tokens))
			counts = append(counts, n)
			if n < lo {
				least, lo = x.Lang, n
			}
			if n > hi {
				most, hi = x.Lang, n
			}
		}
		row := []table.Cell{table.Str(c.Vocab.Name), table.Str(c.Vocab.Engine), table.Int(int64(len(counts)))}
		if len(counts) < 2 {
			t.Rows = append(t.Rows, append(row, table.Missing("–"), table.Missing("–"), table.Cell{}, table.Cell{}))
			continue
		}
		t.Rows = append(t.Rows, append(row, table.Num(stat.Gini(counts), 3), table.Num(hi/lo, 2), table.Str(least), table.Str(most)))
	}
	view := *t
	view.Notes = append(view.Notes, "both depend on the set of languages: compare over the same one only")
	view.Notes = append(view.Notes, maskNotes(s)...)
	r.Tables = append(r.Tables, &view)
	r.Data = append(r.Data, t)
}
