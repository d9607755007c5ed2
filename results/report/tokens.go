package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/bench/metric"
	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/results/table"
)

// needed is the precision that the segments needed are told for: ±1 %.
const needed = 0.01

// unknown returns the share of unknown tokens of a cell, NaN if the records do
// not tell.
func unknown(x *cell) float64 {
	if x.Unknown == nil {
		return nan
	}
	return metric.Ratio(x.Unknown, x.Tokens)
}

// masked says why the figures of a cell are not shown, or nothing.
func masked(x *cell) string {
	if u := unknown(x); u > metric.MaxUnknown {
		return fmt.Sprintf("%.0f %% unknown", 100*u)
	}
	return ""
}

// premium is that of a cell in a domain, NaN where it or the base is masked.
func premium(s *sample.Sample, c *column, x *cell, domain string) stat.Interval {
	if b := c.Cell(s.Base); b.Err == "" && masked(b) != "" || x.Err == "" && masked(x) != "" {
		return stat.Interval{Center: nan, Lo: nan, Hi: nan}
	}
	return s.Premium(c, x.Lang, domain)
}

// maskNotes say which cells are masked.
func maskNotes(s *sample.Sample) (notes []string) {
	for _, c := range s.Columns {
		var langs []string
		for _, x := range c.Cells {
			if why := masked(x); x.Err == "" && why != "" {
				langs = append(langs, x.Lang+" ("+why+")")
			}
		}
		if len(langs) > 0 {
			notes = append(notes, fmt.Sprintf("%s: masked, since more than %.0f %% of the tokens stand for what the vocabulary cannot spell: %s", c.Vocab.Name, 100*metric.MaxUnknown, strings.Join(langs, ", ")))
		}
	}
	return notes
}

func interval(i stat.Interval) table.Cell {
	if i.Lo == i.Hi || math.IsNaN(i.Lo) {
		return table.Missing("")
	}
	return table.Missing(fmt.Sprintf("%.3f–%.3f", i.Lo, i.Hi))
}

// ends are the cells of an interval in a tidy table.
func ends(i stat.Interval) []table.Cell {
	return []table.Cell{table.Num(i.Center, 3), table.Num(i.Lo, 3), table.Num(i.Hi, 3)}
}

// name is the vocabulary of a column, with its engine where there are several.
func name(s *sample.Sample, c *column) string {
	if severalEngines(s.Columns) {
		return c.Vocab.Name + " " + c.Vocab.Engine
	}
	return c.Vocab.Name
}

func keys(c *column, x *cell) []table.Cell {
	return []table.Cell{table.Str(c.Vocab.Name), table.Str(c.Vocab.Engine), table.Str(x.Lang)}
}

// extremes returns the domains with the smallest and the largest premium.
func extremes(s *sample.Sample, c *column, x *cell) (low, high string, lo, hi float64) {
	lo, hi = nan, nan
	for _, d := range s.Domains {
		v := premium(s, c, x, d).Center
		if math.IsNaN(v) {
			continue
		}
		if !(lo <= v) {
			low, lo = d, v
		}
		if !(hi >= v) {
			high, hi = d, v
		}
	}
	return low, high, lo, hi
}

// rounded writes a number of segments with two digits that count.
func rounded(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return table.Int(int64((n + unit - 1) / unit * unit)).Text
}

// tokens makes the table of counts and premiums.
func (r *Report) tokens(s *sample.Sample) {
	corpus, level := s.Corpus, fmt.Sprintf("%g %% interval", 100*s.Options.Level)
	columnOfPremium := col(metric.Premium)
	columnOfPremium.Note = s.Options.Premium.Formula()
	several := len(s.Domains) > 1
	view := &table.Table{Name: "tokens", Group: true, Keys: 2, Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "lang", Left: true},
		col(metric.Tokens), col(metric.CharsPerToken), col(metric.BytesPerToken), columnOfPremium,
		{Name: "premium_interval", Title: level},
	}}
	if several {
		view.Columns = append(view.Columns, table.Column{Name: "premium_domains", Title: "domains"})
	}
	view.Title = fmt.Sprintf("Tokens and premium over %s: %s corpus %s, %d segments, %d documents, %d domains (%s)",
		s.Base, corpus.Name, corpus.Version, corpus.Segments, corpus.Docs, len(corpus.Domains), strings.Join(corpus.Domains, ", "))
	data := &table.Table{Name: "tokens", Title: view.Title, Keys: 3, Columns: []table.Column{
		{Name: "vocab"}, {Name: "engine"}, {Name: "lang"}, {Name: "segments", Unit: "segments"},
		col(metric.Tokens), {Name: "chars", Unit: "code points"}, {Name: "graphemes", Unit: "extended grapheme clusters"}, {Name: "bytes", Unit: "UTF-8 bytes"},
		col(metric.CharsPerToken), col(metric.GraphemesPerToken), col(metric.BytesPerToken),
		columnOfPremium,
		{Name: "premium_lo", Unit: metric.Premium.Unit, Note: level + ", lower end"},
		{Name: "premium_hi", Unit: metric.Premium.Unit, Note: level + ", upper end"},
		{Name: "verified_texts", Unit: "reference vectors"}, {Name: "verified_agree", Unit: "reference vectors"},
		{Name: "base"}, {Name: "definition", Note: "of the premium: sum, joined, mean or median"},
		{Name: "premium_domain_min", Unit: metric.Premium.Unit}, {Name: "premium_domain_max", Unit: metric.Premium.Unit},
		{Name: "ratio_p10", Unit: metric.Premium.Unit, Note: "10th percentile over the segments of T(L) ÷ T(B)"},
		{Name: "ratio_p50", Unit: metric.Premium.Unit, Note: "median over the segments of T(L) ÷ T(B)"},
		{Name: "ratio_p90", Unit: metric.Premium.Unit, Note: "90th percentile over the segments of T(L) ÷ T(B)"},
		{Name: "ratio_p99", Unit: metric.Premium.Unit, Note: "99th percentile over the segments of T(L) ÷ T(B)"},
		{Name: "segments_for_1_percent", Unit: "segments", Note: "an estimate of how many of this kind give an interval of ±1 %"},
		{Name: "err"},
	}}
	most, where := corpus.Segments, ""
	for _, c := range s.Columns {
		base := c.Cell(s.Base)
		for _, x := range c.Cells {
			verified := []table.Cell{table.Int(int64(c.Vocab.Verified.Texts)), table.Int(int64(c.Vocab.Verified.Agree))}
			tail := []table.Cell{table.Str(s.Base), table.Str(string(s.Options.Premium))}
			row := []table.Cell{table.Str(name(s, c)), table.Str(x.Lang)}
			if x.Err != "" {
				row = append(row, table.Missing("failed"))
				if c.Vocab.Needs == "" { // else see closed
					view.Rows = append(view.Rows, append(row, make([]table.Cell, len(view.Columns)-len(row))...))
				}
				d := append(keys(c, x), make([]table.Cell, 11)...)
				d = append(append(d, verified...), tail...)
				d = append(d, make([]table.Cell, len(data.Columns)-len(d)-1)...)
				data.Rows = append(data.Rows, append(d, table.Str(x.Err)))
				continue
			}
			p := premium(s, c, x, "")
			r.warn(p.Warnings)
			_, _, lo, hi := extremes(s, c, x)
			cpt, gpt, bpt := metric.Ratio(x.Chars, x.Tokens), metric.Ratio(x.Graphemes, x.Tokens), metric.Ratio(x.Bytes, x.Tokens)
			if masked(x) != "" {
				cpt, gpt, bpt = nan, nan, nan
			}
			row = append(row, table.Int(sum(x.Tokens)), table.Num(cpt, 2), table.Num(bpt, 2), table.Num(p.Center, 3), interval(p))
			if several {
				between := table.Missing("")
				if lo < hi {
					between = table.Missing(fmt.Sprintf("%.2f–%.2f", lo, hi))
				}
				row = append(row, between)
			}
			view.Rows = append(view.Rows, row)
			d := append(keys(c, x), table.Int(int64(len(x.Tokens))),
				table.Int(sum(x.Tokens)), table.Int(sum(x.Chars)), table.Int(sum(x.Graphemes)), table.Int(sum(x.Bytes)),
				table.Num(cpt, 2), table.Num(gpt, 2), table.Num(bpt, 2))
			d = append(append(append(d, ends(p)...), verified...), tail...)
			d = append(d, table.Num(lo, 3), table.Num(hi, 3))
			q := []float64{nan, nan, nan, nan}
			if !math.IsNaN(p.Center) {
				q = s.Percentiles(x, base, 0.1, 0.5, 0.9, 0.99)
			}
			for _, v := range q {
				d = append(d, table.Num(v, 3))
			}
			more := table.Cell{}
			if n := p.Needed(len(x.Tokens), needed); n > 0 {
				more = table.Int(int64(n))
				if n > most {
					most, where = n, x.Lang+" under "+name(s, c)
				}
			}
			data.Rows = append(data.Rows, append(d, more, table.Cell{}))
		}
		view.Notes = append(view.Notes, notes(c)...)
	}
	view.Notes = append(view.Notes, maskNotes(s)...)
	view.Notes = append(view.Notes, exactNotes(s.Columns)...)
	if s.Options.Premium != sample.Sum {
		view.Notes = append(view.Notes, fmt.Sprintf("premium: %s, %s", s.Options.Premium, s.Options.Premium.Formula()))
	}
	if several && s.Options.Premium != sample.Joined {
		view.Notes = append(view.Notes, "domains: the smallest and the largest premium of a domain; --table domains has them all")
	}
	if where != "" {
		view.Notes = append(view.Notes, fmt.Sprintf("an interval of ±%.0f %% would take about %s segments of this kind for %s, where it is widest", 100*needed, rounded(most), where))
	}
	if n := s.Run.Normalize; n != "" {
		view.Notes = append(view.Notes, "texts brought to "+strings.ToUpper(n)+" before they were counted")
	} else if len(corpus.NotNFC) > 0 {
		var langs []string
		for _, l := range s.Langs {
			if k := corpus.NotNFC[l]; k > 0 {
				langs = append(langs, fmt.Sprintf("%s %d", l, k))
			}
		}
		view.Notes = append(view.Notes, "segments that are not in NFC: "+strings.Join(langs, ", ")+"; counted as they are, unless --normalize nfc")
	}
	view.Notes = append(view.Notes, r.Provenance.Warnings...)
	r.Tables = append(r.Tables, view)
	r.Data = append(r.Data, data)
}

// domains makes the table of premiums by domain, with their mean.
func (r *Report) domains(s *sample.Sample) {
	level := fmt.Sprintf("%g %% interval", 100*s.Options.Level)
	view := &table.Table{Name: "domains", Group: true, Keys: 2, Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "lang", Left: true},
		{Name: "mean", Title: "mean", Unit: metric.MacroPremium.Unit, Note: metric.MacroPremium.Formula}, {Name: "interval", Title: level},
		{Name: "low", Title: "lowest", Left: true}, {Name: "high", Title: "highest", Left: true}, {Name: "spread", Title: "highest/lowest"},
	}, Title: fmt.Sprintf("Premium over %s by domain (%s): %s corpus, mean of %d domains", s.Base, s.Options.Premium, s.Corpus.Name, len(s.Domains))}
	data := &table.Table{Name: "domains", Title: view.Title, Keys: 4, Columns: []table.Column{
		{Name: "vocab"}, {Name: "engine"}, {Name: "lang"}, {Name: "domain", Note: sample.Macro + " is the mean over the domains"},
		{Name: "segments", Unit: "segments"}, {Name: "documents", Unit: "documents"}, col(metric.Tokens), col(metric.Premium),
		{Name: "premium_lo", Unit: metric.Premium.Unit}, {Name: "premium_hi", Unit: metric.Premium.Unit},
		{Name: "segments_for_1_percent", Unit: "segments"}, {Name: "warnings"},
	}}
	var warnings []string
	where := make(map[string][]string) // warning → domains
	for _, c := range s.Columns {
		if c.Vocab.Needs != "" {
			continue
		}
		for _, x := range c.Cells {
			row := []table.Cell{table.Str(name(s, c)), table.Str(x.Lang)}
			if x.Err != "" {
				view.Rows = append(view.Rows, append(row, table.Missing("failed"), table.Cell{}, table.Cell{}, table.Cell{}, table.Cell{}))
				continue
			}
			macro := premium(s, c, x, sample.Macro)
			low, high, lo, hi := extremes(s, c, x)
			extreme := func(d string, v float64) table.Cell {
				if math.IsNaN(v) || len(s.Domains) == 1 {
					return table.Missing("")
				}
				return table.Missing(fmt.Sprintf("%.3f %s", v, d))
			}
			spread := table.Num(hi/lo, 2)
			if x.Lang == s.Base {
				low, high, lo, hi, spread = "", "", nan, nan, table.Cell{}
			}
			view.Rows = append(view.Rows, append(row, table.Num(macro.Center, 3), interval(macro), extreme(low, lo), extreme(high, hi), spread))
			for n, d := range append(s.Domains[:len(s.Domains):len(s.Domains)], sample.Macro) {
				p := premium(s, c, x, d)
				segments, documents := s.Segments(d)
				tokens := sum(x.Tokens)
				if d != sample.Macro {
					tokens = sum(s.In(x.Tokens, n))
					for _, w := range p.Warnings {
						if where[w] == nil {
							warnings = append(warnings, w)
						}
						if !slices.Contains(where[w], d) {
							where[w] = append(where[w], d)
						}
					}
				}
				more := table.Cell{}
				if n := p.Needed(segments, needed); n > 0 {
					more = table.Int(int64(n))
				}
				said := table.Cell{}
				if len(p.Warnings) > 0 {
					said = table.Str(strings.Join(p.Warnings, "; "))
				}
				row := append(keys(c, x), table.Str(d), table.Int(int64(segments)), table.Int(int64(documents)), table.Int(tokens))
				data.Rows = append(data.Rows, append(append(row, ends(p)...), more, said))
			}
		}
	}
	for _, w := range warnings {
		in := strings.Join(where[w], ", ")
		if len(where[w]) == len(s.Domains) {
			in = "each domain"
		}
		view.Notes = append(view.Notes, in+": "+w)
	}
	view.Notes = append(view.Notes, maskNotes(s)...)
	if s.Options.Premium == sample.Joined {
		view.Notes = append(view.Notes, "the joined definition is of the whole corpus: choose another one for domains")
	}
	r.Tables = append(r.Tables, view)
	r.Data = append(r.Data, data)
}
