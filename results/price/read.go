package price

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

const (
	maxFile     = 256 << 10 // bytes of a file of prices
	maxProblems = 20        // told at once
)

// Read reads a book: each file *.toml at the root of fsys, one for each
// provider and named after it. Anything that is not understood is an error;
// the error has a line for each problem, with file and line.
//
// A file starts with what holds for all its entries and the sources:
//
//	provider = "openai"        # the name of the file
//	currency = "USD"           # ISO 4217
//	unit = "token"             # token, character, request, gpu_hour
//	per = 1_000_000            # units that a rate is for, a power of ten
//	tax = "unknown"            # included, excluded, unknown
//
//	[[source]]
//	key = "list"
//	title = "OpenAI API pricing"
//	url = "https://…"
//	date = 2026-08-21          # the state that was read; also: revision, licence
//
// and has one table for each price. Prices are strings, since a TOML number
// would go through binary floating point:
//
//	[[price]]
//	model = "gpt-4o"
//	vocabulary = "o200k_base"  # may be left out, as what follows
//	input = "2.50"             # also: output, cached_input, cache_write, each
//	from = 2024-10-02          # first day
//	to = 2025-01-01            # first day after
//	checked = 2026-08-21
//	sources = ["list"]
//	status = "public"          # not_published, free, deprecated, promo
//	notes = "…"
//	# and region, and to differ from the file: currency, unit, per, tax
//
//	[[price.tier]]             # replaces the rates of the entry
//	input_from = 272_001       # first size inside; also: output_from
//	input_to = 1_000_000       # first size beyond; also: output_to
//	input = "5"                # the rates, all of them
//
// Two entries of one model, region and currency must not overlap in time.
func Read(fsys fs.FS) (*Book, error) {
	names, err := fs.Glob(fsys, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("price: %w", err)
	}
	if len(names) == 0 {
		// Glob finds nothing also where the directory cannot be read.
		if _, err := fs.ReadDir(fsys, "."); err != nil {
			return nil, fmt.Errorf("price: %w", err)
		}
		return nil, errors.New("price: no files *.toml: want one for each provider")
	}
	var b Book
	var problems []problem
	for _, name := range names {
		data, err := readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("price: %w", err)
		}
		prices, wrong := parse(name, data)
		b.prices = append(b.prices, prices...)
		problems = append(problems, wrong...)
	}
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	sortPrices(b.prices)
	for i := 1; i < len(b.prices); i++ {
		// In order of From: each must end before the next begins.
		p, q := &b.prices[i-1], &b.prices[i]
		if p.key() == q.key() && (p.To.IsZero() || q.From.IsZero() || q.From.Compare(p.To) < 0) {
			problems = append(problems, problem{q.File, q.Line, fmt.Sprintf("price of %s overlaps in time with that of line %d: want from and to so that it does not", q.Model, p.Line)})
		}
	}
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	return &b, nil
}

func readFile(fsys fs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxFile {
		return "", fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	return string(data), nil
}

type problem struct {
	file string
	line int
	text string
}

func joinProblems(problems []problem) error {
	slices.SortStableFunc(problems, func(p, q problem) int {
		return cmp.Or(strings.Compare(p.file, q.file), cmp.Compare(p.line, q.line))
	})
	var errs []error
	for i, p := range problems {
		if i == maxProblems {
			errs = append(errs, fmt.Errorf("price: and %d more", len(problems)-i))
			break
		}
		errs = append(errs, fmt.Errorf("price: %s:%d: %s", p.file, p.line, p.text))
	}
	return errors.Join(errs...)
}

// A table is a TOML table that is being read. Each getter takes a key away, so
// that those left at the end are unknown.
type table struct {
	values map[string]any
	known  []string // keys asked for, in order
	rated  bool     // a rate was given, readable or not
	path   string
	doc    *document
}

type document struct {
	file     string
	lines    map[string]int
	problems []problem
}

func (t *table) line(key string) int {
	for _, p := range []string{join(t.path, key), t.path} {
		if line, ok := t.doc.lines[p]; ok {
			return line
		}
	}
	return 1
}

func (t *table) fail(key, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if key != "" {
		text = key + ": " + text
	}
	t.doc.problems = append(t.doc.problems, problem{t.doc.file, t.line(key), text})
}

func (t *table) take(key string) (any, bool) {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
	v, ok := t.values[key]
	delete(t.values, key)
	return v, ok
}

// get returns the value of a key of type T, or the zero value.
func get[T any](t *table, key, want string) (value T, ok bool) {
	v, ok := t.take(key)
	if !ok {
		return value, false
	}
	value, ok = v.(T)
	if !ok {
		t.fail(key, "want %s, not %s", want, kind(v))
	}
	return value, ok
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a floating-point number"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	}
	return "an array"
}

func (t *table) text(key string) string {
	s, ok := get[string](t, key, "a string")
	if ok && strings.TrimSpace(s) == "" {
		t.fail(key, "empty: leave it out or fill it in")
	}
	return s
}

func (t *table) required(key, what string) string {
	if _, ok := t.values[key]; !ok {
		t.take(key)
		t.fail("", "%s is missing: want %s", key, what)
		return ""
	}
	return t.text(key)
}

// oneOf returns the text of key, or otherwise if there is none.
func oneOf[T ~string](t *table, key string, otherwise T, allowed ...T) T {
	if _, ok := t.values[key]; !ok {
		t.take(key)
		return otherwise
	}
	v := T(t.text(key))
	if !slices.Contains(allowed, v) && v != "" {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		t.fail(key, "%q: want one of %s", string(v), strings.Join(names, ", "))
	}
	return v
}

var currencyRE = regexp.MustCompile(`^[A-Z]{3}$`)

func (t *table) currency(otherwise string) string {
	if _, ok := t.values["currency"]; !ok {
		t.take("currency")
		return otherwise
	}
	c := t.text("currency")
	if c != "" && !currencyRE.MatchString(c) {
		t.fail("currency", "%q: want the three capital letters of ISO 4217, as USD", c)
	}
	return c
}

func (t *table) decimal(key string) *Decimal {
	if _, ok := t.values[key]; ok {
		t.rated = true
	}
	s, ok := get[string](t, key, `a string, as "2.50" (a TOML number is inexact)`)
	if !ok {
		return nil
	}
	d, err := ParseDecimal(s)
	if err != nil {
		t.fail(key, "%s", strings.TrimPrefix(err.Error(), "price: "))
		return nil
	}
	if d.Sign() < 0 {
		t.fail(key, "%s is negative", d)
		return nil
	}
	return &d
}

func (t *table) date(key string) Date {
	v, ok := get[time.Time](t, key, "a date without quotes, as 2026-08-21")
	if !ok {
		return Date{}
	}
	// The decoder marks the TOML type by the name of the location.
	if v.Location().String() != "date-local" {
		t.fail(key, "want a date without time, as 2026-08-21")
		return Date{}
	}
	if v.Year() < 1 {
		t.fail(key, "there is no year %d", v.Year())
	}
	return DateOf(v)
}

func (t *table) count(key string) int64 {
	n, ok := get[int64](t, key, "an integer")
	if ok && n < 0 {
		t.fail(key, "%d is negative", n)
		return 0
	}
	return n
}

// per returns the size of the unit, or otherwise if there is none.
func (t *table) per(otherwise int64) int64 {
	if _, ok := t.values["per"]; !ok {
		t.take("per")
		return otherwise
	}
	n, ok := get[int64](t, "per", "an integer")
	if ok && digits(n) < 0 {
		t.fail("per", "%d: want a power of ten, as 1_000_000", n)
		return otherwise
	}
	return max(n, 1)
}

// tables returns the tables of an array, such as all [[price]].
func (t *table) tables(key string) []*table {
	v, ok := t.take(key)
	if !ok {
		return nil
	}
	var all []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		all = v
	case []any:
		for _, e := range v {
			m, ok := e.(map[string]any)
			if !ok {
				t.fail(key, "want tables, each headed [[%s]]", key)
				return nil
			}
			all = append(all, m)
		}
	default:
		t.fail(key, "want tables, each headed [[%s]], not %s", key, kind(v))
		return nil
	}
	out := make([]*table, len(all))
	for i, m := range all {
		out[i] = &table{values: m, path: join(t.path, fmt.Sprintf("%s.%d", key, i)), doc: t.doc}
	}
	return out
}

// finish complains about keys that nobody asked for.
func (t *table) finish() {
	unknown := make([]string, 0, len(t.values))
	for key := range t.values {
		unknown = append(unknown, key)
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		t.fail(key, "unknown key: want one of %s", strings.Join(t.known, ", "))
	}
}

func (t *table) rates() Rates {
	return Rates{
		Input:       t.decimal("input"),
		Output:      t.decimal("output"),
		CachedInput: t.decimal("cached_input"),
		CacheWrite:  t.decimal("cache_write"),
		Each:        t.decimal("each"),
	}
}

var (
	units    = []Unit{Token, Character, Request, GPUHour}
	taxes    = []Tax{TaxIncluded, TaxExcluded, TaxUnknown}
	statuses = []Status{Public, NotPublished, Free, Deprecated, Promo}
)

// parse reads one file. It returns prices only if there are no problems.
func parse(name, data string) ([]Price, []problem) {
	values := map[string]any{}
	if _, err := toml.Decode(data, &values); err != nil {
		if e, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, []problem{{name, max(e.Position.Line, 1), e.Message}}
		}
		return nil, []problem{{name, 1, strings.TrimPrefix(err.Error(), "toml: ")}}
	}
	doc := &document{file: name, lines: lineIndex(data)}
	root := &table{values: values, doc: doc}

	// What holds for all entries, unless they say otherwise.
	all := Price{File: name, Tax: TaxUnknown}
	all.Provider = root.required("provider", "the name of the provider, which is that of the file")
	if all.Provider != "" && all.Provider+".toml" != path.Base(name) {
		root.fail("provider", "%q in file %s: want the two to agree", all.Provider, name)
	}
	all.Currency = root.currency("")
	all.Unit = oneOf(root, "unit", "", units...)
	all.Per = root.per(0)
	all.Tax = oneOf(root, "tax", TaxUnknown, taxes...)

	sources := map[string]Source{}
	for _, t := range root.tables("source") {
		s := Source{
			Key:      t.required("key", "a name for it in this file"),
			Title:    t.required("title", "what it is"),
			URL:      t.required("url", "where it is"),
			Revision: t.text("revision"),
			Date:     t.date("date"),
			Licence:  t.text("licence"),
		}
		if s.Date.IsZero() {
			t.fail("", "date is missing: want the day of what was read, as 2026-08-21")
		}
		if _, ok := sources[s.Key]; ok && s.Key != "" {
			t.fail("key", "%q is already the key of another source", s.Key)
		}
		sources[s.Key] = s
		t.finish()
	}

	var prices []Price
	for _, t := range root.tables("price") {
		prices = append(prices, readPrice(t, all, sources))
	}
	root.finish()
	if len(prices) == 0 && len(doc.problems) == 0 {
		root.fail("", "no prices: want tables headed [[price]]")
	}
	if len(doc.problems) > 0 {
		return nil, doc.problems
	}
	return prices, nil
}

func readPrice(t *table, p Price, sources map[string]Source) Price {
	p.Line = t.line("")
	p.Model = t.required("model", "the model as the provider spells it")
	p.Vocabulary = t.text("vocabulary")
	p.Region = t.text("region")
	if p.Currency = t.currency(p.Currency); p.Currency == "" {
		t.fail("", "currency is missing, here and at the top of the file: want one of ISO 4217, as USD")
	}
	if p.Unit = oneOf(t, "unit", p.Unit, units...); p.Unit == "" {
		t.fail("", "unit is missing, here and at the top of the file: want one of token, character, request, gpu_hour")
	}
	if p.Per = t.per(p.Per); p.Per == 0 {
		t.fail("", "per is missing, here and at the top of the file: want how many units a rate is for, as 1_000_000")
	}
	p.Tax = oneOf(t, "tax", p.Tax, taxes...)
	p.Status = oneOf(t, "status", Public, statuses...)
	p.Rates = t.rates()
	p.From, p.To = t.date("from"), t.date("to")
	if !p.From.IsZero() && !p.To.IsZero() && p.To.Compare(p.From) <= 0 {
		t.fail("to", "%v is not after from, %v", p.To, p.From)
	}
	if _, ok := t.values["checked"]; !ok {
		t.fail("", "checked is missing: want the day for which the sources say so, as 2026-08-21")
	}
	p.Checked = t.date("checked")
	p.Notes = t.text("notes")

	if _, ok := t.values["sources"]; !ok {
		t.fail("", "sources is missing: want the keys of the [[source]] tables that say so")
	}
	keys, _ := get[[]any](t, "sources", `an array of keys, as ["list"]`)
	for _, k := range keys {
		key, _ := k.(string)
		s, ok := sources[key]
		switch {
		case !ok:
			t.fail("sources", "%v is not the key of a [[source]] in this file", k)
		case slices.Contains(p.Sources, s):
			t.fail("sources", "%q twice", key)
		default:
			p.Sources = append(p.Sources, s)
		}
	}
	if keys != nil && len(keys) == 0 {
		t.fail("sources", "empty: want at least one key of a [[source]]")
	}

	checkRates(t, &p, p.Rates)
	for _, tt := range t.tables("tier") {
		tier := Tier{
			InputFrom: tt.count("input_from"), InputTo: tt.count("input_to"),
			OutputFrom: tt.count("output_from"), OutputTo: tt.count("output_to"),
			Rates: tt.rates(),
		}
		if tier.InputTo != 0 && tier.InputTo <= tier.InputFrom {
			tt.fail("input_to", "%d is not above input_from, %d", tier.InputTo, tier.InputFrom)
		}
		if tier.OutputTo != 0 && tier.OutputTo <= tier.OutputFrom {
			tt.fail("output_to", "%d is not above output_from, %d", tier.OutputTo, tier.OutputFrom)
		}
		if p.Unit == Request || p.Unit == GPUHour {
			tt.fail("", "tier of a price by %s: tiers are for token and character", p.Unit)
		}
		checkRates(tt, &p, tier.Rates)
		for i := range p.Tiers {
			if p.Tiers[i].overlaps(&tier) {
				tt.fail("", "overlaps with tier %d of this price", i+1)
			}
		}
		p.Tiers = append(p.Tiers, tier)
		tt.finish()
	}
	t.finish()
	return p
}

// checkRates holds the rates of an entry or tier against status and unit.
func checkRates(t *table, p *Price, r Rates) {
	each := p.Unit == Request || p.Unit == GPUHour
	for _, rate := range []struct {
		key   string
		value *Decimal
		each  bool
	}{
		{"input", r.Input, false}, {"output", r.Output, false},
		{"cached_input", r.CachedInput, false}, {"cache_write", r.CacheWrite, false},
		{"each", r.Each, true},
	} {
		switch {
		case rate.value == nil:
			continue
		case p.Status == NotPublished:
			t.fail(rate.key, "a number, but status is not_published")
		case rate.each != each:
			t.fail(rate.key, "not a rate of unit %q: token and character have input, output, cached_input, cache_write; request and gpu_hour have each", string(p.Unit))
		case p.Status == Free && rate.value.Sign() != 0:
			t.fail(rate.key, "%s, but status is free", rate.value)
		case p.Status != Free && rate.value.Sign() == 0:
			t.fail(rate.key, "0: leave it out if it is not known, or set status to free")
		}
	}
	if !t.rated && p.Status != NotPublished {
		t.fail("", `no rates: want input = "…" and the like (each for request and gpu_hour), or status = "not_published"`)
	}
}
