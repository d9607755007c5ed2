// Package public reads the price tables that others keep in public, and holds
// tables against each other.
//
// Think of a table as a witness: it says what it saw, in its own units and under
// its own names, on some day, and it may be wrong. [Read] turns what it says into
// entries as those of a price book, with the table as their source; nothing is
// added that it does not say, and what was not understood is told. [Audit] is the
// cross-examination: it finds where witnesses contradict each other, and which
// well-known mistake that looks like. Who is right it does not decide.
package public

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"

	"github.com/babelmeter/babelmeter/results/price"
)

// Formats are the tables that can be read.
var Formats = []string{"litellm", "models.dev", "genai-prices"}

// A Table is what one table says.
type Table struct {
	Source price.Source
	Prices []price.Price
	// Skipped are the entries that were not taken over and the keys that were not
	// understood, each with where and why.
	Skipped []string
}

// Read reads a table. The name is that of its file: one of models.dev's TOML
// files, which hold one model, is read by its place providers/P/models/M.toml.
// The source is what the entries will name; its Date is the day of the table.
//
//   - litellm: model_prices_and_context_window.json, in dollars for a token.
//   - models.dev: api.json, or one TOML file of a model, in dollars for a million.
//   - genai-prices: data.json, or one YAML file of a provider, in dollars for a
//     million.
//
// A row with 0 for input and output is not_published: such tables write 0 for
// free and for unknown.
func Read(format, name string, data []byte, source price.Source) (*Table, error) {
	tree, err := decode(name, data)
	if err != nil {
		return nil, err
	}
	r := &reader{table: &Table{Source: source}}
	switch format {
	case "litellm":
		err = r.litellm(tree)
	case "models.dev":
		err = r.modelsDev(name, tree)
	case "genai-prices":
		err = r.genai(tree)
	default:
		err = fmt.Errorf("unknown format %q: want one of %s", format, strings.Join(Formats, ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("public: %s: %w", name, err)
	}
	if len(r.table.Prices) == 0 {
		return nil, fmt.Errorf("public: %s: no prices as %s has them; %d entries were left out", name, format, len(r.table.Skipped))
	}
	slices.SortStableFunc(r.table.Prices, func(p, q price.Price) int { return strings.Compare(p.Name(), q.Name()) })
	return r.table, nil
}

// decode makes a tree of JSON, YAML or TOML, by the name of the file.
func decode(name string, data []byte) (any, error) {
	fail := func(err error) (any, error) { return nil, fmt.Errorf("public: %s: %w", name, err) }
	switch strings.ToLower(path.Ext(name)) {
	case ".toml":
		var tree map[string]any
		if _, err := toml.Decode(string(data), &tree); err != nil {
			return fail(err)
		}
		return tree, nil
	case ".yml", ".yaml":
		var tree any
		if err := yaml.Unmarshal(data, &tree); err != nil {
			return fail(err)
		}
		return tree, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		at := d.InputOffset()
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = e.Offset
		}
		return fail(fmt.Errorf("line %d: want JSON (.json), YAML (.yml) or TOML (.toml), by the name of the file: %w", 1+bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")), err))
	}
	if _, err := d.Token(); err != io.EOF {
		return fail(errors.New("something follows the JSON value"))
	}
	return tree, nil
}

type object = map[string]any

type reader struct{ table *Table }

func (r *reader) skip(format string, args ...any) {
	r.table.Skipped = append(r.table.Skipped, fmt.Sprintf(format, args...))
}

// places maps a table's key of a provider to ours, with the region of its list.
var places = map[string][2]string{
	"alibaba": {"alibaba", "intl"}, "alibaba-cn": {"alibaba", "cn"}, "dashscope": {"alibaba", ""}, "qwen": {"alibaba", ""},
	"moonshotai": {"moonshot", "intl"}, "moonshotai-cn": {"moonshot", "cn"}, "minimax": {"minimax", "intl"}, "minimax-cn": {"minimax", "cn"},
	"zai": {"zhipu", "intl"}, "zhipuai": {"zhipu", "cn"}, "gemini": {"google", ""}, "volcengine": {"volcengine", "cn"}, "tencent": {"tencent", "cn"},
}

func (r *reader) price(provider, model string) price.Price {
	p := price.Price{Provider: provider, Model: model, Unit: price.Token, Per: 1_000_000, Currency: "USD",
		Status: price.Public, Tax: price.TaxUnknown, Checked: r.table.Source.Date, Sources: []price.Source{r.table.Source}}
	if place, ok := places[provider]; ok {
		p.Provider, p.Region = place[0], place[1]
	}
	return p
}

// add takes an entry over, after what is 0 in it was looked at.
func (r *reader) add(where string, p price.Price) {
	zero := func(d *price.Decimal) bool { return d != nil && d.Sign() == 0 }
	if (p.Input == nil || zero(p.Input)) && (p.Output == nil || zero(p.Output)) && (zero(p.Input) || zero(p.Output)) {
		note(&p, "0 in the table: free, or not known.")
		p.Status, p.Rates, p.Batch, p.Tiers, p.Windows = price.NotPublished, price.Rates{}, nil, nil, nil
	}
	drop := func(rates *price.Rates, what string) {
		kept := price.Rates{}
		for key, v := range rates.All() {
			if v.Sign() == 0 {
				note(&p, "The table has "+key+what+" at 0, which is not entered: free, or not known.")
			} else {
				kept.Set(key, v)
			}
		}
		*rates = kept
	}
	drop(&p.Rates, "")
	if p.Batch != nil {
		drop(p.Batch, " of a batch")
		if *p.Batch == (price.Rates{}) {
			p.Batch = nil
		}
	}
	for i := range p.Tiers {
		drop(&p.Tiers[i].Rates, " of a tier")
	}
	for i := range p.Windows {
		drop(&p.Windows[i].Rates, " of some hours")
	}
	p.Tiers = slices.DeleteFunc(p.Tiers, func(t price.Tier) bool { return t.Rates == (price.Rates{}) })
	p.Windows = slices.DeleteFunc(p.Windows, func(w price.Window) bool { return w.Rates == (price.Rates{}) })
	if p.Rates == (price.Rates{}) && p.Status != price.NotPublished {
		r.skip("%s: no price of input or output", where)
		return
	}
	if err := refused(p); err != nil {
		r.skip("%s: no entry of a price book: %v", where, err)
		return
	}
	r.table.Prices = append(r.table.Prices, p)
}

// refused says why a book would not take an entry: a table may have windows that
// overlap, empty names and the like.
func refused(p price.Price) error {
	p.Provider = "p"
	var b bytes.Buffer
	if err := price.Write(&b, "", []price.Price{p}); err != nil {
		return err
	}
	_, err := price.Parse("p.toml", b.String())
	return err
}

func note(p *price.Price, text string) {
	if !strings.Contains(p.Notes, text) {
		p.Notes = strings.TrimSpace(p.Notes + " " + text)
	}
}

// rate returns the number at a key times a power of ten. A missing one is nil;
// one that is no price is told and nil.
func (r *reader) rate(where string, o object, key string, shift int) *price.Decimal {
	v, ok := o[key]
	if !ok || v == nil {
		return nil
	}
	d, err := number(v)
	if err == nil && d.Sign() < 0 {
		err = fmt.Errorf("%s is negative", d)
	}
	if err != nil {
		r.skip("%s: %s: %v", where, key, err)
		return nil
	}
	d = d.Shift(shift)
	return &d
}

// number returns what a file says, exactly: a binary fraction is the shortest
// decimal that is read as it, which is what was written.
func number(v any) (price.Decimal, error) {
	text := ""
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case float64:
		text = strconv.FormatFloat(v, 'e', -1, 64)
	case int64:
		return price.NewDecimal(v), nil
	case int:
		return price.NewDecimal(int64(v)), nil
	default:
		return price.Decimal{}, fmt.Errorf("want a number, not %v", v)
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	shift := 0
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -40 || n > 40 {
			return price.Decimal{}, fmt.Errorf("%s is out of range", text)
		}
		shift = n
	}
	d, err := price.ParseDecimal(mantissa)
	return d.Shift(shift), err
}

func count(o object, key string) int64 {
	d, err := number(o[key])
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(d.String(), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func text(o object, key string) string {
	switch v := o[key].(type) {
	case string:
		return v
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return ""
}

func day(s string) (price.Date, bool) {
	d, err := price.ParseDate(s)
	return d, err == nil
}

// above is the threshold in litellm's keys: above_200k_tokens.
var above = regexp.MustCompile(`^(.+)_above_(\d+)k_tokens$`)

func (r *reader) litellm(tree any) error {
	all, ok := tree.(object)
	if !ok {
		return errors.New("want an object with a key for each model")
	}
	keys := map[string]string{
		"input_cost_per_token": "input", "output_cost_per_token": "output", "output_cost_per_reasoning_token": "thinking",
		"cache_read_input_token_cost": "cached_input", "cache_creation_input_token_cost": "cache_write", "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		o, ok := all[name].(object)
		if !ok || name == "sample_spec" {
			continue
		}
		if mode := text(o, "mode"); mode != "" && mode != "chat" && mode != "completion" && mode != "responses" && mode != "embedding" {
			r.skip("%s: of mode %s, not text", name, mode)
			continue
		}
		provider := text(o, "litellm_provider")
		if provider == "" {
			r.skip("%s: no litellm_provider", name)
			continue
		}
		p := r.price(provider, strings.TrimPrefix(name, provider+"/"))
		read := func(o object) (rates price.Rates) {
			for from, to := range keys {
				if d := r.rate(name, o, from, 6); d != nil {
					rates.Set(to, *d)
				}
			}
			return rates
		}
		p.Rates = read(o)
		if d := r.rate(name, o, "input_cost_per_character", 6); d != nil && p.Input == nil {
			p.Unit, p.Rates = price.Character, price.Rates{Input: d, Output: r.rate(name, o, "output_cost_per_character", 6)}
		}
		batch := price.Rates{Input: r.rate(name, o, "input_cost_per_token_batches", 6), Output: r.rate(name, o, "output_cost_per_token_batches", 6)}
		if batch != (price.Rates{}) {
			p.Batch = &batch
		}
		tiers := map[int64]*price.Rates{}
		for _, key := range slices.Sorted(maps.Keys(o)) {
			m := above.FindStringSubmatch(key)
			if m == nil || keys[m[1]] == "" {
				continue
			}
			n, err := strconv.ParseInt(m[2], 10, 32)
			if d := r.rate(name, o, key, 6); err == nil && d != nil {
				if tiers[n*1000+1] == nil {
					tiers[n*1000+1] = new(price.Rates)
				}
				tiers[n*1000+1].Set(keys[m[1]], *d)
			}
		}
		for i, v := range list(o["tiered_pricing"]) {
			t, _ := v.(object)
			bounds := list(t["range"])
			if len(bounds) != 2 {
				r.skip("%s: tiered_pricing %d: want range, two numbers", name, i+1)
				continue
			}
			from, to := count(object{"n": bounds[0]}, "n"), count(object{"n": bounds[1]}, "n")
			rates := read(t)
			if from == 0 {
				p.Rates = rates
				continue
			}
			_ = to // the next one begins there
			tiers[from+1] = &rates
		}
		p.Tiers = ladder(tiers)
		p.Limits = r.limits(count(o, "max_input_tokens"), count(o, "max_output_tokens"), 0)
		if d, ok := day(text(o, "deprecation_date")); ok {
			note(&p, "Deprecated on "+d.String()+" by the table.")
			if d.Compare(p.Checked) <= 0 {
				p.Status = price.Deprecated
			}
		}
		if s := text(o, "source"); s != "" {
			note(&p, "The table's source: "+s)
		}
		r.add(name, p)
	}
	return nil
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func (r *reader) limits(in, out, context int64) price.Limits {
	if in == 0 && out == 0 && context == 0 {
		return price.Limits{}
	}
	return price.Limits{Context: context, MaxInput: in, MaxOutput: out, Sources: []price.Source{r.table.Source}}
}

// ladder makes tiers of rates by their first size, each up to the next.
func ladder(rates map[int64]*price.Rates) (tiers []price.Tier) {
	for _, from := range slices.Sorted(maps.Keys(rates)) {
		if n := len(tiers); n > 0 {
			tiers[n-1].InputTo = from
		}
		tiers = append(tiers, price.Tier{InputFrom: from, Rates: *rates[from]})
	}
	return tiers
}

var costKeys = map[string]string{"input": "input", "output": "output", "reasoning": "thinking", "cache_read": "cached_input", "cache_write": "cache_write"}

// knownCost are keys of models.dev's costs that are not of text.
var knownCost = []string{"input_audio", "output_audio", "input_image", "output_image", "input_video", "tier", "tiers", "context_over_200k"}

var modelFile = regexp.MustCompile(`(?:^|/)providers/([^/]+)/models/(.+)\.toml$`)

func (r *reader) modelsDev(name string, tree any) error {
	all, ok := tree.(object)
	if !ok {
		return errors.New("want an object with a key for each provider")
	}
	if strings.HasSuffix(name, ".toml") {
		m := modelFile.FindStringSubmatch(path.Clean("/" + strings.ReplaceAll(name, "\\", "/")))
		if m == nil {
			return errors.New("want a file at providers/PROVIDER/models/MODEL.toml, which says whose it is")
		}
		r.model(m[1], m[2], all)
		return nil
	}
	for _, provider := range slices.Sorted(maps.Keys(all)) {
		o, _ := all[provider].(object)
		models, ok := o["models"].(object)
		if !ok {
			r.skip("%s: no models", provider)
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(models)) {
			if m, ok := models[id].(object); ok {
				r.model(provider, id, m)
			}
		}
	}
	return nil
}

func (r *reader) model(provider, id string, o object) {
	where := provider + "/" + id
	cost, ok := o["cost"].(object)
	if !ok {
		r.skip("%s: no cost", where)
		return
	}
	read := func(o object) (rates price.Rates) {
		for _, key := range slices.Sorted(maps.Keys(o)) {
			to, ok := costKeys[key]
			if !ok {
				if !slices.Contains(knownCost, key) {
					r.skip("%s: unknown key cost.%s: the table's keys are input, output, reasoning, cache_read, cache_write", where, key)
				}
				continue
			}
			if d := r.rate(where, o, key, 0); d != nil {
				rates.Set(to, *d)
			}
		}
		return rates
	}
	p := r.price(provider, id)
	p.Rates = read(cost)
	tiers := map[int64]*price.Rates{}
	if o, ok := cost["context_over_200k"].(object); ok {
		rates := read(o)
		tiers[200_001] = &rates
	}
	steps := list(cost["tiers"])
	if typed, ok := cost["tiers"].([]map[string]any); ok { // TOML's arrays of tables
		for _, t := range typed {
			steps = append(steps, t)
		}
	}
	for i, v := range steps {
		t, _ := v.(object)
		size, _ := t["tier"].(object)
		n := count(size, "size")
		if n == 0 {
			r.skip("%s: tier %d: want tier.size", where, i+1)
			continue
		}
		rates := read(t)
		tiers[n+1] = &rates
	}
	p.Tiers = ladder(tiers)
	if limit, ok := o["limit"].(object); ok {
		p.Limits = r.limits(count(limit, "input"), count(limit, "output"), count(limit, "context"))
	}
	if text(o, "status") == "deprecated" {
		p.Status = price.Deprecated
	}
	if s := text(o, "last_updated"); s != "" {
		note(&p, "Last updated "+s+" by the table.")
	}
	r.add(where, p)
}

var genaiKeys = map[string]string{"input_mtok": "input", "output_mtok": "output", "cache_read_mtok": "cached_input", "cache_write_mtok": "cache_write"}

func (r *reader) genai(tree any) error {
	providers := list(tree)
	if o, ok := tree.(object); ok {
		if providers = list(o["providers"]); providers == nil {
			providers = []any{o}
		}
	}
	if providers == nil {
		return errors.New("want a provider, or a list of them")
	}
	for _, v := range providers {
		o, _ := v.(object)
		id := text(o, "id")
		if id == "" {
			return errors.New("a provider without id")
		}
		for _, v := range list(o["models"]) {
			m, _ := v.(object)
			model := text(m, "id")
			where := id + "/" + model
			if model == "" {
				r.skip("%s: a model without id", id)
				continue
			}
			p := r.price(id, model)
			if d, ok := day(text(m, "prices_checked")); ok {
				p.Checked = d
				p.Sources = slices.Clone(p.Sources)
			}
			if s := text(m, "price_comments"); s != "" {
				note(&p, "The table: "+strings.Join(strings.Fields(s), " "))
			}
			p.Limits = r.limits(0, 0, count(m, "context_window"))
			r.genaiPrices(where, p, m["prices"])
		}
	}
	return nil
}

// genaiPrices adds a model's prices: one, or several of which the last that
// holds counts.
func (r *reader) genaiPrices(where string, p price.Price, v any) {
	read := func(q *price.Price, o object) {
		tiers := map[int64]*price.Rates{}
		for _, key := range slices.Sorted(maps.Keys(o)) {
			to, ok := genaiKeys[key]
			if !ok {
				continue
			}
			steps, ok := o[key].(object)
			if !ok {
				if d := r.rate(where, o, key, 0); d != nil {
					q.Set(to, *d)
				}
				continue
			}
			if d := r.rate(where, steps, "base", 0); d != nil {
				q.Set(to, *d)
			}
			for _, s := range list(steps["tiers"]) {
				t, _ := s.(object)
				n := count(t, "start")
				if d := r.rate(where, t, "price", 0); d != nil && n > 0 {
					if tiers[n+1] == nil {
						tiers[n+1] = new(price.Rates)
					}
					tiers[n+1].Set(to, *d)
				}
			}
		}
		// A rate without tiers is the same in all of them.
		for _, t := range tiers {
			for key, v := range q.Rates.All() {
				if _, ok := t.Get(key); !ok {
					t.Set(key, v)
				}
			}
		}
		q.Tiers = ladder(tiers)
	}
	if o, ok := v.(object); ok {
		read(&p, o)
		r.add(where, p)
		return
	}
	var dated []price.Price
	for i, v := range list(v) {
		o, _ := v.(object)
		rates, ok := o["prices"].(object)
		if !ok {
			r.skip("%s: price %d: no prices", where, i+1)
			continue
		}
		q := p
		q.Tiers, q.Rates = nil, price.Rates{}
		read(&q, rates)
		c, _ := o["constraint"].(object)
		switch {
		case c == nil:
			dated = append(dated, q)
		case c["start_date"] != nil:
			d, ok := day(text(c, "start_date"))
			if !ok {
				r.skip("%s: price %d: start_date %v is not a date", where, i+1, c["start_date"])
				continue
			}
			if n := len(dated); n > 0 {
				dated[n-1].To = d
			}
			q.From = d
			dated = append(dated, q)
		case len(dated) > 0 && c["start_time"] != nil && c["end_time"] != nil:
			from, ok1 := clock(text(c, "start_time"))
			to, ok2 := clock(text(c, "end_time"))
			if !ok1 || !ok2 {
				r.skip("%s: price %d: want start_time and end_time as 16:30:00Z", where, i+1)
				continue
			}
			last := &dated[len(dated)-1]
			last.Windows = append(last.Windows, price.Window{From: from, To: to, Rates: q.Rates})
		default:
			r.skip("%s: price %d: a constraint that is not understood", where, i+1)
		}
	}
	for _, q := range dated {
		if len(q.Windows) > 0 && len(q.Tiers) > 0 {
			r.skip("%s: tiers and hours together", where)
			continue
		}
		r.add(where, q)
	}
}

func clock(s string) (minutes int, ok bool) {
	for _, layout := range []string{"15:04:05Z07:00", "15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t.Hour()*60 + t.Minute(), true
		}
	}
	return 0, false
}
