// Package report turns records into tables: from the file alone, without a
// tokenizer and without measuring again.
//
// Think of a [Report] as two views of the same figures. Data is tidy, one
// observation a row, exact values, for machines (CSV, JSON). Tables are what a
// person reads in a terminal or a page. Every figure that is an estimate for
// other text of the same kind carries its interval; a count of a fixed text is
// exact and carries none. What failed is in the tables as failed.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/bench/metric"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/sample"
	"github.com/babelmeter/babelmeter/results/table"
)

// Options say how records are read. The zero value is ready but for Prices.
type Options struct {
	Base      string            // base language; default that of the run
	Premium   sample.Definition // default sample.Sum
	Metrics   []string          // of the table of metrics, by name; nil: DefaultMetrics
	Fixed     string            // vocabulary that nsl and the comparisons are over; default the first
	Window    int               // of effective_context, in tokens; default DefaultWindow
	Prices    *price.Book       // nil: no cost table
	BaseModel string            // that multipliers are over; default DefaultBaseModel
	On        price.Date        // prices of that day; zero: the latest
	Level     float64           // of the intervals; default 0.95
	Resamples int               // of the bootstrap; default 1000
}

// DefaultBaseModel is the model whose price and English tokens are the unit of
// the cost multiplier.
const DefaultBaseModel = "gpt-4o"

// Report is what a set of records says.
type Report struct {
	Provenance Provenance
	Tables     []*table.Table // to be read
	Data       []*table.Table // tidy: "tokens", "domains", "metrics", "ranks", "parity", "cost", "engines"
}

// Provenance is what a figure depends on.
type Provenance struct {
	Run       results.Run `json:"run"`
	Encoding  string      `json:"encoding"`
	Base      string      `json:"base"`
	Premium   string      `json:"premium"`
	Formula   string      `json:"premium_formula"`
	Interval  string      `json:"interval"`
	Resamples int         `json:"resamples"`
	Level     float64     `json:"level"`
	BaseModel string      `json:"base_model,omitempty"`
	PriceDate string      `json:"prices_on,omitempty"`
	Warnings  []string    `json:"warnings,omitempty"`
	Prices    []Priced    `json:"prices,omitempty"`
}

// Priced is one entry of the price book that a table used, with its witness.
type Priced struct {
	Model    string `json:"model"`
	Provider string `json:"provider"`
	Currency string `json:"currency"`
	Per      int64  `json:"per_tokens"`
	Input    string `json:"input,omitempty"`
	Output   string `json:"output,omitempty"`
	Checked  string `json:"checked"`
	Source   string `json:"source"`
	Status   string `json:"status"`
}

type (
	cell   = sample.Cell
	column = sample.Column
)

// notes say what failed, in which languages if not in all, and what the counts
// were held to.
func notes(c *column) (notes []string) {
	v := c.Vocab.Verified
	if c.Vocab.Needs != "" {
		return nil // see closed
	}
	var errs []string
	langs := make(map[string][]string) // error → languages
	failed := 0
	for _, x := range c.Cells {
		if x.Err == "" {
			continue
		}
		failed++
		if langs[x.Err] == nil {
			errs = append(errs, x.Err)
		}
		langs[x.Err] = append(langs[x.Err], x.Lang)
	}
	for _, err := range errs {
		in := ""
		if len(langs[err]) < len(c.Cells) {
			in = " in " + strings.Join(langs[err], ", ")
		}
		notes = append(notes, fmt.Sprintf("%s (%s)%s: %s", c.Vocab.Name, c.Vocab.Engine, in, err))
	}
	switch {
	case failed == len(c.Cells):
	case c.Vocab.StandIn != "":
		notes = append(notes, fmt.Sprintf("%s: estimate; counted with %s, which these models are not known to use: no figure of theirs", c.Vocab.Name, c.Vocab.StandIn))
	case v.OK(): // see exactNotes
	case c.Vocab.Asked != nil:
		notes = append(notes, askedNote(c.Vocab))
	case v.Texts > 0:
		notes = append(notes, fmt.Sprintf("%s: not exact; %s differs from %s on %d of %d reference texts", c.Vocab.Name, c.Vocab.Engine, c.Vocab.Reference, v.Texts-v.Agree, v.Texts))
	default:
		notes = append(notes, fmt.Sprintf("%s: not verified: there are no reference vectors", c.Vocab.Name))
	}
	return notes
}

// askedNote says who counted, when, and what was subtracted.
func askedNote(v results.Vocab) string {
	a := v.Asked
	note := fmt.Sprintf("%s: api; counted by the vendor's endpoint (%s) on %s, less %d tokens that it counts beside the text", v.Name, a.API, a.Date, a.Framing)
	if a.Lo != a.Hi {
		note += fmt.Sprintf("; these are not constant, %d to %d in %d probes: a count may be off by %d", a.Lo, a.Hi, a.Probes, a.Hi-a.Lo)
	} else {
		note += fmt.Sprintf(", the same in %d probes", a.Probes)
	}
	if a.Note != "" {
		note += "; " + a.Note
	}
	return note
}

// New reads records.
func New(set *results.Set, o Options) (*Report, error) {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Resamples == 0 {
		o.Resamples = 1000
	}
	if o.BaseModel == "" {
		o.BaseModel = DefaultBaseModel
	}
	if o.Window == 0 {
		o.Window = DefaultWindow
	}
	s, err := sample.New(set, sample.Options{Base: o.Base, Premium: o.Premium, Level: o.Level, Resamples: o.Resamples})
	if err != nil {
		return nil, err
	}
	normal := "no normalisation of the corpus"
	if n := set.Run.Normalize; n != "" {
		normal = "texts in " + strings.ToUpper(n)
	}
	r := &Report{Provenance: Provenance{
		Run:       set.Run,
		Encoding:  "each segment encoded alone; " + normal + "; no special tokens",
		Base:      s.Base,
		Premium:   string(s.Options.Premium),
		Formula:   s.Options.Premium.Formula(),
		Interval:  "percentile bootstrap; documents resampled within domains, once for all vocabularies and languages",
		Resamples: o.Resamples,
		Level:     o.Level,
	}}
	columns, corpus, base := s.Columns, s.Corpus, s.Base
	fixed := s.Columns[0]
	if o.Fixed != "" {
		if fixed = s.Column(o.Fixed, ""); fixed == nil {
			return nil, fmt.Errorf("report: the fixed vocabulary %s was not measured; measured: %s", o.Fixed, join(s.Columns, func(c *column) string { return c.Vocab.Name }))
		}
	}
	r.tokens(s)
	if o.Prices != nil {
		if err := r.cost(columns, corpus, base, s, o); err != nil {
			return nil, err
		}
	}
	r.closed(set.Run)
	r.engines(set.Run, columns)
	r.domains(s)
	if err := r.metrics(s, fixed, o); err != nil {
		return nil, err
	}
	if err := r.ranks(s, fixed); err != nil {
		return nil, err
	}
	r.parity(s)
	return r, nil
}

// closed makes the table of the vocabularies that were not counted.
func (r *Report) closed(run results.Run) {
	t := &table.Table{Name: "closed", Keys: 1, Title: "Closed vocabularies, not counted: only their vendors count these tokens", Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "models", Title: "models"}, {Name: "needs", Title: "", Left: true},
	}}
	data := &table.Table{Name: "closed", Keys: 2, Title: t.Title, Columns: []table.Column{{Name: "vocab"}, {Name: "model"}, {Name: "engine"}, {Name: "needs", Note: "environment variable of the key, or flag"}}}
	for _, v := range run.Vocabs {
		if v.Needs == "" {
			continue
		}
		for _, m := range v.Models {
			data.Rows = append(data.Rows, []table.Cell{table.Str(v.Name), table.Str(m.Name), table.Str(v.Engine), table.Str(v.Needs)})
		}
		t.Rows = append(t.Rows, []table.Cell{table.Str(v.Name), table.Int(int64(len(v.Models))), table.Str("needs " + v.Needs)})
	}
	if len(t.Rows) == 0 {
		return
	}
	t.Notes = []string{"`babelmeter measure --help` tells how a vendor is asked, by --remote MODEL"}
	r.Tables = append(r.Tables, t)
	r.Data = append(r.Data, data)
}

// some names the first few of a list.
func some(names []string, few int) string {
	text := strings.Join(names[:min(len(names), few)], ", ")
	if n := len(names); n > few {
		text += fmt.Sprintf(" and %d more", n-few)
	}
	return text
}

// pivotEngines is the table of engines to be read: a row a vocabulary, a column
// an engine, and one example of each engine's differences below.
func pivotEngines(t *table.Table) *table.Table {
	view := &table.Table{Name: t.Name, Title: t.Title, Keys: 1, Columns: []table.Column{t.Columns[0]}}
	column := make(map[string]int) // engine → its column
	row := make(map[string]int)    // vocabulary → its row
	why := make(map[string]bool)
	for _, r := range t.Rows {
		vocab, engine := r[0].Text, r[1].Text
		if column[engine] == 0 {
			column[engine] = len(view.Columns)
			view.Columns = append(view.Columns, table.Column{Name: engine, Title: engine + " " + r[2].Text, Left: true})
		}
		if _, ok := row[vocab]; !ok {
			row[vocab] = len(view.Rows)
			view.Rows = append(view.Rows, []table.Cell{r[0]})
		}
		cells := &view.Rows[row[vocab]]
		for len(*cells) <= column[engine] {
			*cells = append(*cells, table.Cell{})
		}
		text := r[5].Text
		if text == "differs" {
			text = r[4].Text + " of " + r[3].Text
		}
		(*cells)[column[engine]] = table.Missing(text)
		if w := r[6].Text; w != "" && !why[engine] {
			why[engine] = true
			view.Notes = append(view.Notes, fmt.Sprintf("%s on %s: %s", engine, vocab, w))
		}
	}
	for i := range view.Rows {
		for len(view.Rows[i]) < len(view.Columns) {
			view.Rows[i] = append(view.Rows[i], table.Cell{})
		}
	}
	return view
}

// exactNotes says which vocabularies were counted by an engine that gives the
// reference's ids on all vectors: a note for each engine.
func exactNotes(columns []*column) (notes []string) {
	type key struct {
		engine string
		texts  int
	}
	var keys []key
	references := make(map[key][]string)
	names := make(map[key]map[string][]string)
	for _, c := range columns {
		v := c.Vocab
		if v.StandIn != "" || !v.Verified.OK() || !slices.ContainsFunc(c.Cells, func(x *cell) bool { return x.Err == "" }) {
			continue
		}
		k := key{v.Engine, v.Verified.Texts}
		if names[k] == nil {
			keys = append(keys, k)
			names[k] = make(map[string][]string)
		}
		if names[k][v.Reference] == nil {
			references[k] = append(references[k], v.Reference)
		}
		names[k][v.Reference] = append(names[k][v.Reference], v.Name)
	}
	for _, k := range keys {
		notes = append(notes, fmt.Sprintf("exact: %s gives the ids of the reference on all of %d texts: %s", k.engine, k.texts,
			join(references[k], func(ref string) string { return ref + " (" + strings.Join(names[k][ref], ", ") + ")" })))
	}
	return notes
}

// engines makes the table of what the engines do with the reference vectors.
func (r *Report) engines(run results.Run, columns []*column) {
	if len(run.Compared) == 0 {
		return
	}
	t := &table.Table{Name: "engines", Keys: 2, Title: "Engines on the reference vectors: texts with exactly the reference's ids", Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "engine", Title: "engine", Left: true}, {Name: "version", Title: "version", Left: true},
		{Name: "texts", Title: "texts", Unit: "reference vectors"}, {Name: "agree", Title: "agree", Unit: "reference vectors"},
		{Name: "verdict", Title: "", Left: true}, {Name: "why", Title: "", Left: true},
	}}
	add := func(vocab, engine, version string, v results.Verified, err string) {
		verdict := "exact"
		switch {
		case err != "":
			verdict = "fails"
		case v.Texts == 0:
			verdict = "not verified"
		case !v.OK():
			verdict = "differs"
			err = v.First
		}
		row := []table.Cell{table.Str(vocab), table.Str(engine), table.Str(version), table.Int(int64(v.Texts)), table.Int(int64(v.Agree)), table.Str(verdict), {}}
		if err != "" {
			row[6] = table.Str(err)
		}
		if v.Texts == 0 {
			row[3], row[4] = table.Missing("–"), table.Missing("–")
		}
		t.Rows = append(t.Rows, row)
	}
	for i, v := range run.Vocabs {
		if v.Needs != "" || v.Asked != nil || v.StandIn != "" {
			continue // no engine of this program, or another vocabulary's
		}
		err := ""
		if c := columns[i]; v.Verified.Texts == 0 && !slices.ContainsFunc(c.Cells, func(x *cell) bool { return x.Err == "" }) {
			// It was not opened, or the vectors were not finished.
			err = c.Cells[0].Err
		}
		add(v.Name, v.Engine, v.Version, v.Verified, err)
		if slices.ContainsFunc(run.Vocabs[i+1:], func(w results.Vocab) bool { return w.Name == v.Name }) {
			continue // the same vocabulary under another engine comes first
		}
		for _, c := range run.Compared {
			if c.Vocab == v.Name {
				add(c.Vocab, c.Engine, c.Version, c.Verified, c.Err)
			}
		}
	}
	r.Data = append(r.Data, t)
	r.Tables = append(r.Tables, pivotEngines(t))
}

func (r *Report) warn(warnings []string) {
	for _, w := range warnings {
		if !slices.Contains(r.Provenance.Warnings, w) {
			r.Provenance.Warnings = append(r.Provenance.Warnings, w)
		}
	}
}

func sum(v []uint32) (s int64) {
	for _, x := range v {
		s += int64(x)
	}
	return s
}

func col(m metric.Metric) table.Column {
	return table.Column{Name: m.Name, Title: m.Title, Unit: m.Unit, Note: m.Formula}
}

func severalEngines(columns []*column) bool {
	engine := ""
	for _, c := range columns {
		if c.Vocab.Needs != "" || c.Vocab.Asked != nil {
			continue // its name says who counted
		}
		if engine != "" && c.Vocab.Engine != engine {
			return true
		}
		engine = c.Vocab.Engine
	}
	return false
}

// cost makes the tables of money. Where the default base model was not measured
// or failed, the first priced model that did not takes its place, and a note
// says so. Where there can be no such table, a note under the tokens says why.
func (r *Report) cost(columns []*column, corpus results.Corpus, base string, s *sample.Sample, o Options) error {
	type row struct {
		column *column
		model  results.Model
		price  price.Price
	}
	var rows []row
	var notes, unpriced []string
	seen := make(map[string]int) // model → its row, -1 if it has none
	for _, c := range columns {
		if c.Vocab.Needs != "" {
			continue // see closed
		}
		for _, m := range c.Vocab.Models {
			if i, ok := seen[m.Name]; ok {
				// The same model under a second engine, which may do where the
				// first failed.
				if i >= 0 && rows[i].column.Failed() && !c.Failed() {
					rows[i].column, rows[i].model = c, m
				}
				continue
			}
			seen[m.Name] = -1
			p, err := o.Prices.Lookup(m.Name, o.On)
			if errors.Is(err, price.ErrNotFound) {
				unpriced = append(unpriced, m.Name)
				continue
			}
			if err != nil {
				notes = append(notes, fmt.Sprintf("%s: %v", m.Name, err))
				continue
			}
			if p.Unit != price.Token || p.Input == nil {
				notes = append(notes, fmt.Sprintf("%s: no price by token (%s, %s)", m.Name, p.Status, p.Unit))
				continue
			}
			seen[m.Name] = len(rows)
			rows = append(rows, row{c, m, p})
		}
	}
	if len(unpriced) > 0 {
		notes = append(notes, "no price in the book: "+some(unpriced, 6))
	}
	noTable := func(why string) {
		r.Tables[0].Notes = append(r.Tables[0].Notes, append(notes, "no table of costs: "+why)...)
	}
	if len(seen) == 0 {
		return nil // vocabularies of no model: nobody expects a price
	}
	if len(rows) == 0 {
		noTable("no model of these vocabularies has a price by token in the price book")
		return nil
	}
	langIndex := slices.Index(corpus.Langs, base)
	counted := func(x row) bool { return x.column.Cells[langIndex].Err == "" }
	at := slices.IndexFunc(rows, func(x row) bool { return x.model.Name == o.BaseModel })
	switch {
	case at >= 0 && counted(rows[at]):
	case o.BaseModel != DefaultBaseModel && at < 0:
		return fmt.Errorf("report: base model %s was not measured or has no price; measured and priced: %s", o.BaseModel, join(rows, func(x row) string { return x.model.Name }))
	case o.BaseModel != DefaultBaseModel:
		noTable(fmt.Sprintf("%s has no counts of the base model %s: %s", base, o.BaseModel, rows[at].column.Cells[langIndex].Err))
		return nil
	default:
		if at = slices.IndexFunc(rows, counted); at < 0 {
			noTable(fmt.Sprintf("%s has no counts of any model with a price", base))
			return nil
		}
		notes = append(notes, fmt.Sprintf("%s was not measured or failed: the base model is %s", o.BaseModel, rows[at].model.Name))
	}
	baseRow := rows[at]
	baseCell := baseRow.column.Cells[langIndex]
	r.Provenance.BaseModel = baseRow.model.Name
	if o.On.IsZero() {
		r.Provenance.PriceDate = "latest in the book"
	} else {
		r.Provenance.PriceDate = o.On.String()
	}
	cur := baseRow.price.Currency
	money := &table.Table{Name: "cost", Keys: 1,
		Title: fmt.Sprintf("%s per million %s-equivalent tokens, input/output: what a million tokens of %s text under %s (%s) costs to say in each language",
			cur, languageName(base), languageName(base), baseRow.model.Name, baseRow.column.Vocab.Name),
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}}}
	multiplier := &table.Table{Name: "multiplier", Keys: 1,
		Title:   fmt.Sprintf("Cost multiplier (input) over %s in %s", languageName(base), baseRow.model.Name),
		Columns: []table.Column{{Name: "model", Title: "model", Left: true}}}
	for _, l := range corpus.Langs {
		money.Columns = append(money.Columns, table.Column{Name: l, Title: l})
		multiplier.Columns = append(multiplier.Columns, table.Column{Name: l, Title: l})
	}
	data := &table.Table{Name: "cost", Title: money.Title, Keys: 3, Columns: []table.Column{
		{Name: "model"}, {Name: "vocab"}, {Name: "lang"}, {Name: "provenance", Note: "exact, vendor_proxy, api or estimate: how sure the vocabulary is"},
		{Name: "currency", Note: "ISO 4217"},
		{Name: "list_input", Unit: "currency per million tokens"}, {Name: "list_output", Unit: "currency per million tokens"},
		col(metric.EquivalentInput), {Name: "input_lo", Unit: metric.EquivalentInput.Unit}, {Name: "input_hi", Unit: metric.EquivalentInput.Unit},
		col(metric.EquivalentOutput), {Name: "output_lo", Unit: metric.EquivalentOutput.Unit}, {Name: "output_hi", Unit: metric.EquivalentOutput.Unit},
		col(metric.CostMultiplier), {Name: "cost_multiplier_lo", Unit: metric.CostMultiplier.Unit}, {Name: "cost_multiplier_hi", Unit: metric.CostMultiplier.Unit},
		{Name: "price_checked", Unit: "date"}, {Name: "price_source"},
	}}
	oldest := price.Date{}
	var deprecated []string
	byProvenance := make(map[string][]string)
	for _, x := range rows {
		byProvenance[x.model.Provenance] = append(byProvenance[x.model.Provenance], x.model.Name)
		if x.price.Status == price.Deprecated {
			deprecated = append(deprecated, x.model.Name)
		}
		in := perMillion(x.price, x.price.Input)
		out := perMillion(x.price, x.price.Output)
		label := x.model.Name
		if x.model.Provenance == "estimate" {
			label += " (estimate)"
		}
		m := []table.Cell{table.Str(label)}
		k := []table.Cell{table.Str(label)}
		source := sources(x.price)
		for _, c := range x.column.Cells {
			if c.Err != "" {
				m, k = append(m, table.Missing("failed")), append(k, table.Missing("failed"))
				continue
			}
			if masked(c) != "" || masked(baseCell) != "" {
				m, k = append(m, table.Missing("masked")), append(k, table.Missing("masked"))
				continue
			}
			ratio := s.Ratio(c, baseCell, "")
			over := *in / *perMillion(baseRow.price, baseRow.price.Input)
			same := x.price.Currency == cur
			text := short(*in * ratio.Center)
			if out != nil {
				text += "/" + short(*out*ratio.Center)
			}
			if !same {
				text = x.price.Currency + " " + text
			}
			m = append(m, table.Missing(text))
			if same {
				k = append(k, table.Missing(short(over*ratio.Center)))
			} else {
				k = append(k, table.Missing("–")) // a list in another currency is another price
				over = nan
			}
			cells := []table.Cell{table.Str(x.model.Name), table.Str(x.column.Vocab.Name), table.Str(c.Lang), table.Str(x.model.Provenance), table.Str(x.price.Currency),
				table.Num(*in, 3), number(out, 1), number(in, ratio.Center), number(in, ratio.Lo), number(in, ratio.Hi),
				number(out, ratio.Center), number(out, ratio.Lo), number(out, ratio.Hi),
				table.Num(over*ratio.Center, 3), table.Num(over*ratio.Lo, 3), table.Num(over*ratio.Hi, 3),
				table.Str(x.price.Checked.String()), table.Str(source)}
			data.Rows = append(data.Rows, cells)
		}
		money.Rows = append(money.Rows, m)
		multiplier.Rows = append(multiplier.Rows, k)
		if oldest.IsZero() || x.price.Checked.Compare(oldest) < 0 {
			oldest = x.price.Checked
		}
		r.Provenance.Prices = append(r.Provenance.Prices, Priced{
			Model: x.model.Name, Provider: x.price.Provider, Currency: x.price.Currency, Per: x.price.Per,
			Input: decimal(x.price.Input), Output: decimal(x.price.Output),
			Checked: x.price.Checked.String(), Source: source, Status: string(x.price.Status)})
	}
	if len(deprecated) > 0 {
		notes = append(notes, "deprecated by the vendor, last known price: "+strings.Join(deprecated, ", "))
	}
	for _, p := range []struct{ provenance, means string }{
		{"vendor_proxy", "vendor_proxy, counted with the vocabulary of the vendor's own software, not with what it bills by"},
		{"api", "api, counted by the vendor's endpoint"},
		{"estimate", "estimate, counted with a vocabulary that may be another than the model's"},
	} {
		if names := byProvenance[p.provenance]; len(names) > 0 {
			notes = append(notes, p.means+": "+strings.Join(names, ", "))
		}
	}
	money.Notes = append(notes, fmt.Sprintf("list prices as in the price book, the oldest checked on %s; verify with the provider before you rely on them", oldest))
	r.Tables = append(r.Tables, money, multiplier)
	r.Data = append(r.Data, data)
	return nil
}

func join[T any](list []T, f func(T) string) string {
	s := make([]string, len(list))
	for i, x := range list {
		s[i] = f(x)
	}
	return strings.Join(s, ", ")
}

func perMillion(p price.Price, d *price.Decimal) *float64 {
	if d == nil {
		return nil
	}
	v := d.Float64() * 1e6 / float64(p.Per)
	return &v
}

// short shows three digits of a number, two of one below a tenth, all of those
// before the point, and no exponent: prices in won run to tens of thousands.
// The data have all digits.
func short(v float64) string {
	digits := 3
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–" // as over a price of zero
	case math.Abs(v) >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) < 0.1:
		digits = 2
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func number(v *float64, factor float64) table.Cell {
	if v == nil {
		return table.Cell{}
	}
	return table.Num(*v*factor, 3)
}

func decimal(d *price.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func sources(p price.Price) string {
	return join(p.Sources, func(s price.Source) string {
		t := s.Title
		if s.URL != "" {
			t += " " + s.URL
		}
		if s.Revision != "" {
			t += " at " + s.Revision
		}
		return t
	})
}

func languageName(tag string) string {
	if tag == "en" {
		return "English"
	}
	return tag
}

// WriteJSON writes provenance and tidy tables.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Provenance Provenance     `json:"provenance"`
		Tables     []*table.Table `json:"tables"`
	}{r.Provenance, r.Data})
}

var nan = math.NaN()
