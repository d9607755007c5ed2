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
	"github.com/babelmeter/babelmeter/bench/stat"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/results/price"
	"github.com/babelmeter/babelmeter/results/table"
)

// Options say how records are read. The zero value is ready but for Prices.
type Options struct {
	Prices    *price.Book // nil: no cost table
	BaseModel string      // that multipliers are over; default DefaultBaseModel
	On        price.Date  // prices of that day; zero: the latest
	Level     float64     // of the intervals; default 0.95
	Resamples int         // of the bootstrap; default 1000
}

// DefaultBaseModel is the model whose price and English tokens are the unit of
// the cost multiplier.
const DefaultBaseModel = "gpt-4o"

// Report is what a set of records says.
type Report struct {
	Provenance Provenance
	Tables     []*table.Table // to be read
	Data       []*table.Table // tidy: "tokens", "cost"
}

// Provenance is what a figure depends on.
type Provenance struct {
	Run       results.Run `json:"run"`
	Encoding  string      `json:"encoding"`
	Premium   string      `json:"premium"`
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

// cell is everything about one vocabulary, engine and language over all
// domains.
type cell struct {
	lang                                string
	tokens, chars, bytes, graphemes     []uint32
	sumTok, sumChars, sumBytes, sumGrap int64
	err                                 string
	premium                             stat.Interval
}

type column struct {
	vocab results.Vocab
	cells []*cell // by language
}

// failed reports whether any language did.
func (c *column) failed() bool {
	return slices.ContainsFunc(c.cells, func(x *cell) bool { return x.err != "" })
}

// notes say what failed, in which languages if not in all, and what the counts
// were held to.
func (c *column) notes() (notes []string) {
	v := c.vocab.Verified
	if c.vocab.Needs != "" {
		return nil // see closed
	}
	var errs []string
	langs := make(map[string][]string) // error → languages
	failed := 0
	for _, x := range c.cells {
		if x.err == "" {
			continue
		}
		failed++
		if langs[x.err] == nil {
			errs = append(errs, x.err)
		}
		langs[x.err] = append(langs[x.err], x.lang)
	}
	for _, err := range errs {
		in := ""
		if len(langs[err]) < len(c.cells) {
			in = " in " + strings.Join(langs[err], ", ")
		}
		notes = append(notes, fmt.Sprintf("%s (%s)%s: %s", c.vocab.Name, c.vocab.Engine, in, err))
	}
	switch {
	case failed == len(c.cells):
	case c.vocab.StandIn != "":
		notes = append(notes, fmt.Sprintf("%s: estimate; counted with %s, which these models are not known to use: no figure of theirs", c.vocab.Name, c.vocab.StandIn))
	case v.OK(): // see exactNotes
	case c.vocab.Asked != nil:
		notes = append(notes, askedNote(c.vocab))
	case v.Texts > 0:
		notes = append(notes, fmt.Sprintf("%s: not exact; %s differs from %s on %d of %d reference texts", c.vocab.Name, c.vocab.Engine, c.vocab.Reference, v.Texts-v.Agree, v.Texts))
	default:
		notes = append(notes, fmt.Sprintf("%s: not verified: there are no reference vectors", c.vocab.Name))
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
	r := &Report{Provenance: Provenance{
		Run:       set.Run,
		Encoding:  "each segment encoded alone; no normalisation of the corpus; no special tokens",
		Premium:   metric.Premium.Formula,
		Interval:  "percentile bootstrap; documents resampled within domains, once for all vocabularies and languages",
		Resamples: o.Resamples,
		Level:     o.Level,
	}}
	if len(set.Run.Corpora) != 1 {
		return nil, fmt.Errorf("report: the run has %d corpora; report one at a time", len(set.Run.Corpora))
	}
	corpus := set.Run.Corpora[0]
	langs, base := corpus.Langs, set.Run.Base
	if !slices.Contains(langs, base) {
		return nil, fmt.Errorf("report: base language %s is not among the run's languages (%s)", base, strings.Join(langs, ", "))
	}
	boot, err := bootstrap(set, corpus, base, o)
	if err != nil {
		return nil, err
	}
	columns, err := collect(set, corpus)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		b := c.cells[slices.Index(langs, base)]
		for _, x := range c.cells {
			// Without the base there is no ratio, and no ratio is not zero.
			x.premium = stat.Interval{Center: nan, Lo: nan, Hi: nan}
			if x.err == "" && b.err == "" {
				x.premium = boot.RatioOfSums(x.tokens, b.tokens, o.Level)
				r.warn(x.premium.Warnings)
			}
		}
	}
	r.tokens(columns, corpus, base, o)
	if o.Prices != nil {
		if err := r.cost(columns, corpus, base, boot, o); err != nil {
			return nil, err
		}
	}
	r.closed(set.Run)
	r.engines(set.Run, columns)
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
		v := c.vocab
		if v.StandIn != "" || !v.Verified.OK() || !slices.ContainsFunc(c.cells, func(x *cell) bool { return x.err == "" }) {
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
		if c := columns[i]; v.Verified.Texts == 0 && !slices.ContainsFunc(c.cells, func(x *cell) bool { return x.err == "" }) {
			// It was not opened, or the vectors were not finished.
			err = c.cells[0].err
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

// bootstrap draws the resamples from the documents and domains of the base
// language.
func bootstrap(set *results.Set, corpus results.Corpus, base string, o Options) (*stat.Bootstrap, error) {
	docs, domains := make(map[string]int), make(map[string]int)
	number := func(m map[string]int, k string) int {
		if _, ok := m[k]; !ok {
			m[k] = len(m)
		}
		return m[k]
	}
	var clusters, strata []int
	for _, d := range corpus.Domains {
		t := findTexts(set, corpus.Name, d, base)
		if t == nil {
			return nil, fmt.Errorf("report: no texts of %s/%s/%s: the run is not finished; go on with it by `babelmeter measure --resume`", corpus.Name, d, base)
		}
		for _, doc := range t.Docs {
			clusters = append(clusters, number(docs, d+"\x00"+doc))
			strata = append(strata, number(domains, d))
		}
	}
	b, err := stat.NewBootstrap(clusters, strata, o.Resamples, set.Run.Seed)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b, nil
}

func findTexts(set *results.Set, corpus, domain, lang string) *results.Texts {
	for i := range set.Texts {
		if t := &set.Texts[i]; t.Corpus == corpus && t.Domain == domain && t.Lang == lang {
			return t
		}
	}
	return nil
}

// collect joins the domains of each vocabulary and language.
func collect(set *results.Set, corpus results.Corpus) ([]*column, error) {
	type key struct{ vocab, engine, domain, lang string }
	records := make(map[key]*results.Record, len(set.Records))
	for i := range set.Records {
		rec := &set.Records[i]
		records[key{rec.Vocab, rec.Engine, rec.Domain, rec.Lang}] = rec
	}
	var columns []*column
	for _, v := range set.Run.Vocabs {
		col := &column{vocab: v}
		for _, l := range corpus.Langs {
			c := &cell{lang: l}
			col.cells = append(col.cells, c)
			if v.Needs != "" {
				c.err = "needs " + v.Needs
				continue
			}
			for _, d := range corpus.Domains {
				t := findTexts(set, corpus.Name, d, l)
				rec := records[key{v.Name, v.Engine, d, l}]
				switch {
				case t == nil || rec == nil:
					c.err = "not measured"
				case rec.Err != "":
					c.err = rec.Err
				default:
					c.tokens = append(c.tokens, rec.Tokens...)
					c.chars = append(c.chars, t.Chars...)
					c.bytes = append(c.bytes, t.Bytes...)
					c.graphemes = append(c.graphemes, t.Graphemes...)
				}
			}
			c.sumTok, c.sumChars, c.sumBytes, c.sumGrap = sum(c.tokens), sum(c.chars), sum(c.bytes), sum(c.graphemes)
		}
		columns = append(columns, col)
	}
	return columns, nil
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

func interval(i stat.Interval) table.Cell {
	if i.Lo == i.Hi || math.IsNaN(i.Center) {
		return table.Missing("")
	}
	return table.Missing(fmt.Sprintf("%.3f–%.3f", i.Lo, i.Hi))
}

// tokens makes the table of counts and premiums.
func (r *Report) tokens(columns []*column, corpus results.Corpus, base string, o Options) {
	level := fmt.Sprintf("%g %% interval", 100*o.Level)
	view := &table.Table{Name: "tokens", Group: true, Keys: 2, Columns: []table.Column{
		{Name: "vocab", Title: "vocabulary", Left: true}, {Name: "lang", Title: "lang", Left: true},
		col(metric.Tokens), col(metric.CharsPerToken), col(metric.BytesPerToken), col(metric.Premium),
		{Name: "premium_interval", Title: level},
	}}
	view.Title = fmt.Sprintf("Tokens and premium over %s: %s corpus %s, %d segments, %d documents, %d domains (%s)",
		base, corpus.Name, corpus.Version, corpus.Segments, corpus.Docs, len(corpus.Domains), strings.Join(corpus.Domains, ", "))
	data := &table.Table{Name: "tokens", Title: view.Title, Keys: 3, Columns: []table.Column{
		{Name: "vocab"}, {Name: "engine"}, {Name: "lang"}, {Name: "segments", Unit: "segments"},
		col(metric.Tokens), {Name: "chars", Unit: "code points"}, {Name: "graphemes", Unit: "extended grapheme clusters"}, {Name: "bytes", Unit: "UTF-8 bytes"},
		col(metric.CharsPerToken), col(metric.GraphemesPerToken), col(metric.BytesPerToken),
		col(metric.Premium),
		{Name: "premium_lo", Unit: metric.Premium.Unit, Note: level + ", lower end"},
		{Name: "premium_hi", Unit: metric.Premium.Unit, Note: level + ", upper end"},
		{Name: "verified_texts", Unit: "reference vectors"}, {Name: "verified_agree", Unit: "reference vectors"},
		{Name: "err"},
	}}
	for _, c := range columns {
		for _, x := range c.cells {
			v, name := c.vocab, c.vocab.Name
			if severalEngines(columns) {
				name += " " + v.Engine
			}
			verified := []table.Cell{table.Int(int64(v.Verified.Texts)), table.Int(int64(v.Verified.Agree))}
			if x.err != "" {
				if v.Needs == "" {
					view.Rows = append(view.Rows, []table.Cell{table.Str(name), table.Str(x.lang), table.Missing("failed"), {}, {}, {}, {}})
				}
				data.Rows = append(data.Rows, slices.Concat([]table.Cell{table.Str(v.Name), table.Str(v.Engine), table.Str(x.lang)},
					make([]table.Cell, 11), verified, []table.Cell{table.Str(x.err)}))
				continue
			}
			cpt, bpt := metric.Ratio(x.chars, x.tokens), metric.Ratio(x.bytes, x.tokens)
			view.Rows = append(view.Rows, []table.Cell{table.Str(name), table.Str(x.lang), table.Int(x.sumTok),
				table.Num(cpt, 2), table.Num(bpt, 2), table.Num(x.premium.Center, 3), interval(x.premium)})
			data.Rows = append(data.Rows, slices.Concat([]table.Cell{table.Str(v.Name), table.Str(v.Engine), table.Str(x.lang), table.Int(int64(len(x.tokens))),
				table.Int(x.sumTok), table.Int(x.sumChars), table.Int(x.sumGrap), table.Int(x.sumBytes),
				table.Num(cpt, 2), table.Num(metric.Ratio(x.graphemes, x.tokens), 2), table.Num(bpt, 2),
				table.Num(x.premium.Center, 3), table.Num(x.premium.Lo, 3), table.Num(x.premium.Hi, 3)}, verified, []table.Cell{{}}))
		}
		view.Notes = append(view.Notes, c.notes()...)
	}
	view.Notes = append(view.Notes, exactNotes(columns)...)
	view.Notes = append(view.Notes, r.Provenance.Warnings...)
	r.Tables = append(r.Tables, view)
	r.Data = append(r.Data, data)
}

func severalEngines(columns []*column) bool {
	engine := ""
	for _, c := range columns {
		if c.vocab.Needs != "" || c.vocab.Asked != nil {
			continue // its name says who counted
		}
		if engine != "" && c.vocab.Engine != engine {
			return true
		}
		engine = c.vocab.Engine
	}
	return false
}

// cost makes the tables of money. Where the default base model was not measured
// or failed, the first priced model that did not takes its place, and a note
// says so. Where there can be no such table, a note under the tokens says why.
func (r *Report) cost(columns []*column, corpus results.Corpus, base string, boot *stat.Bootstrap, o Options) error {
	type row struct {
		column *column
		model  results.Model
		price  price.Price
	}
	var rows []row
	var notes, unpriced []string
	seen := make(map[string]int) // model → its row, -1 if it has none
	for _, c := range columns {
		if c.vocab.Needs != "" {
			continue // see closed
		}
		for _, m := range c.vocab.Models {
			if i, ok := seen[m.Name]; ok {
				// The same model under a second engine, which may do where the
				// first failed.
				if i >= 0 && rows[i].column.failed() && !c.failed() {
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
	counted := func(x row) bool { return x.column.cells[langIndex].err == "" }
	at := slices.IndexFunc(rows, func(x row) bool { return x.model.Name == o.BaseModel })
	switch {
	case at >= 0 && counted(rows[at]):
	case o.BaseModel != DefaultBaseModel && at < 0:
		return fmt.Errorf("report: base model %s was not measured or has no price; measured and priced: %s", o.BaseModel, join(rows, func(x row) string { return x.model.Name }))
	case o.BaseModel != DefaultBaseModel:
		noTable(fmt.Sprintf("%s has no counts of the base model %s: %s", base, o.BaseModel, rows[at].column.cells[langIndex].err))
		return nil
	default:
		if at = slices.IndexFunc(rows, counted); at < 0 {
			noTable(fmt.Sprintf("%s has no counts of any model with a price", base))
			return nil
		}
		notes = append(notes, fmt.Sprintf("%s was not measured or failed: the base model is %s", o.BaseModel, rows[at].model.Name))
	}
	baseRow := rows[at]
	baseCell := baseRow.column.cells[langIndex]
	r.Provenance.BaseModel = baseRow.model.Name
	if o.On.IsZero() {
		r.Provenance.PriceDate = "latest in the book"
	} else {
		r.Provenance.PriceDate = o.On.String()
	}
	cur := baseRow.price.Currency
	money := &table.Table{Name: "cost", Keys: 1,
		Title: fmt.Sprintf("%s per million %s-equivalent tokens, input/output: what a million tokens of %s text under %s (%s) costs to say in each language",
			cur, languageName(base), languageName(base), baseRow.model.Name, baseRow.column.vocab.Name),
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
		for _, c := range x.column.cells {
			if c.err != "" {
				m, k = append(m, table.Missing("failed")), append(k, table.Missing("failed"))
				continue
			}
			ratio := boot.RatioOfSums(c.tokens, baseCell.tokens, o.Level)
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
			cells := []table.Cell{table.Str(x.model.Name), table.Str(x.column.vocab.Name), table.Str(c.lang), table.Str(x.model.Provenance), table.Str(x.price.Currency),
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
