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

	"github.com/babelmeter/babelmeter/results/internal/tomlfile"
)

const (
	maxFile     = 256 << 10 // bytes of a file of prices
	maxProblems = 20        // told at once
	maxWindows  = 16        // of a price
)

// Read reads a book: each file *.toml at the root of fsys, one for each
// provider and named after it. Anything that is not understood is an error, a
// [Problems] with file and line of each.
//
// A file starts with what holds for all its entries and the sources:
//
//	provider = "openai"        # the name of the file
//	host = true                # it serves models of others; may be left out
//	currency = "USD"           # ISO 4217
//	unit = "token"             # token, character, request, gpu_hour
//	per = 1_000_000            # units that a rate is for, a power of ten
//	tax = "unknown"            # included, excluded, unknown
//
//	[[source]]
//	key = "list"
//	title = "OpenAI API pricing"
//	url = "https://…"          # may be left out of what is not on the network
//	date = 2026-08-21          # the state that was read; also: revision, licence
//
//	# and [[residency]], as below, for all entries
//
// and has one table for each price. Prices are strings, since a TOML number
// would go through binary floating point:
//
//	[[price]]
//	model = "gpt-4o"
//	checked = 2026-08-21
//	sources = ["list"]
//	input = "2.50"             # the rates: also output, thinking, cached_input,
//	                           # implicit_cached_input, cache_write,
//	                           # cache_write_1h, cache_storage, each
//	# all that follows may be left out
//	aliases = ["gpt-4o-2024-08-06"]
//	vocabulary = "o200k_base"
//	confidence = "exact"       # vendor_proxy, api, estimate
//	region = "cn"              # and variant, for lists that are not the only one
//	from = 2024-10-02          # first day
//	to = 2025-01-01            # first day after
//	status = "public"          # not_published, free, deprecated, promo
//	tiers = "cliff"            # marginal
//	cache_min = 1024           # shortest beginning that is cached
//	cache_ttl = "5m"           # how long cache_write lasts
//	notes = "…"
//	# and to differ from the file: currency, unit, per, tax
//
//	[price.batch]              # rates of requests that may wait
//	[price.high]               # the upper ends, if the source gives a range
//
//	[[price.tier]]             # rates of a size: all of them
//	input_from = 272_001       # first size inside; also: output_from
//	input_to = 1_000_000       # first size beyond; also: output_to
//	input = "5"
//	[price.tier.batch]
//
//	[[price.window]]           # rates of some hours: all of them
//	from = "09:00"             # first minute inside
//	to = "21:00"               # first minute beyond
//	zone = "+08:00"            # of the clock, ahead of UTC
//	days = ["mon", "tue"]      # on which it begins; every day if left out
//	input = "5"
//	[price.window.batch]
//
//	[[price.residency]]
//	place = "jp"               # ISO 3166-1, or eu
//	scope = "storage"          # processing
//	sources = ["list"]
//	uplift = "1.1"             # factor on all rates; and notes
//
//	[price.deployment]         # what a price by gpu_hour gets, at full load
//	gpu = "h100_80gb"
//	gpus = 4
//	output_per_second = "1500" # units, all of them together; input_per_second, notes
//
//	[price.limits]             # and requests_per_minute, tokens_per_minute,
//	context = 128_000          # max_input, notes
//	max_output = 16_384
//	sources = ["list"]
//
//	[[price.conflict]]         # what another table says
//	source = "list"
//	key = "input"              # a rate
//	value = "3"                # if it is in the same unit and currency
//	text = "…"
//
// Two entries of one list must not overlap in time (see [Price.List]).
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
	return readFiles(fsys, names)
}

// ReadFile reads one file of a book.
func ReadFile(fsys fs.FS, name string) (*Book, error) { return readFiles(fsys, []string{name}) }

// Parse reads one file of a book from a string, under a name.
func Parse(name, data string) (*Book, error) {
	prices, problems := parse(name, data)
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return NewBook(prices)
}

func readFiles(fsys fs.FS, names []string) (*Book, error) {
	var prices []Price
	var problems Problems
	for _, name := range names {
		data, err := readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("price: %w", err)
		}
		some, wrong := parse(name, data)
		prices = append(prices, some...)
		problems = append(problems, wrong...)
	}
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return NewBook(prices)
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

// A Problem is what is wrong at a place of a file.
type Problem struct {
	File string
	Line int
	Text string
}

// String returns "file:line: text".
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// Problems are an error if there are any.
type Problems []Problem

// Error has a line for each problem, up to 20.
func (p Problems) Error() string {
	var lines []string
	for i, one := range p {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("price: and %d more", len(p)-i))
			break
		}
		lines = append(lines, "price: "+one.String())
	}
	return strings.Join(lines, "\n")
}

// sorted returns p in the order of files and lines.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return p
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
	problems Problems
}

func (t *table) line(key string) int {
	for _, p := range []string{tomlfile.Join(t.path, key), t.path} {
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
	t.doc.problems = append(t.doc.problems, Problem{t.doc.file, t.line(key), text})
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

func (t *table) currency(key, otherwise string) string {
	if _, ok := t.values[key]; !ok {
		t.take(key)
		return otherwise
	}
	c := t.text(key)
	if c != "" && !currencyRE.MatchString(c) {
		t.fail(key, "%q: want the three capital letters of ISO 4217, as USD", c)
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
		out[i] = &table{values: m, path: tomlfile.Join(t.path, fmt.Sprintf("%s.%d", key, i)), doc: t.doc}
	}
	return out
}

// table returns the table of a key, such as [price.batch], or nil.
func (t *table) table(key string) *table {
	m, ok := get[map[string]any](t, key, "a table, headed ["+strings.Join(append(t.names(), key), ".")+"]")
	if !ok {
		return nil
	}
	return &table{values: m, path: tomlfile.Join(t.path, key), doc: t.doc}
}

// names returns the path without numbers.
func (t *table) names() (names []string) {
	for part := range strings.SplitSeq(t.path, ".") {
		if part != "" && (part[0] < '0' || part[0] > '9') {
			names = append(names, part)
		}
	}
	return names
}

// texts returns an array of strings.
func (t *table) texts(key, want string) []string {
	all, ok := get[[]any](t, key, want)
	if !ok {
		return nil
	}
	if len(all) == 0 {
		t.fail(key, "empty: want %s", want)
	}
	var out []string
	for _, v := range all {
		s, ok := v.(string)
		switch {
		case !ok:
			t.fail(key, "want %s, not %s in it", want, kind(v))
		case strings.TrimSpace(s) == "":
			t.fail(key, "an empty string: leave it out or fill it in")
		case slices.Contains(out, s):
			t.fail(key, "%q twice", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// sources returns the sources that are named by their keys.
func (t *table) sources(all map[string]Source, must bool) []Source {
	if _, ok := t.values["sources"]; !ok && must {
		t.fail("", "sources is missing: want the keys of the [[source]] tables that say so")
	}
	var out []Source
	for _, key := range t.texts("sources", `an array of keys of [[source]], as ["list"]`) {
		if s, ok := all[key]; ok {
			out = append(out, s)
		} else {
			t.fail("sources", "%q is not the key of a [[source]] in this file", key)
		}
	}
	return out
}

// positive returns a decimal above 0.
func (t *table) positive(key string) *Decimal {
	d := t.decimal(key)
	if d != nil && d.Sign() == 0 {
		t.fail(key, "0: want a number above 0")
		return nil
	}
	return d
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

func (t *table) rates() (r Rates) {
	t.rated = false
	for _, f := range r.fields() {
		*f.value = t.decimal(f.key)
	}
	return r
}

var (
	units    = []Unit{Token, Character, Request, GPUHour}
	taxes    = []Tax{TaxIncluded, TaxExcluded, TaxUnknown}
	statuses = []Status{Public, NotPublished, Free, Deprecated, Promo}
	sures    = []Confidence{Exact, VendorProxy, API, Estimate}
	weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // by time.Weekday
)

// syntax returns what the decoder says as a problem with its line.
func syntax(name string, err error) Problems {
	if e, ok := errors.AsType[toml.ParseError](err); ok {
		return Problems{{name, max(e.Position.Line, 1), e.Message}}
	}
	return Problems{{name, 1, strings.TrimPrefix(err.Error(), "toml: ")}}
}

// parse reads one file. It returns prices only if there are no problems.
func parse(name, data string) ([]Price, Problems) {
	values := map[string]any{}
	if _, err := toml.Decode(data, &values); err != nil {
		return nil, syntax(name, err)
	}
	doc := &document{file: name, lines: tomlfile.LineIndex(data)}
	root := &table{values: values, doc: doc}

	// What holds for all entries, unless they say otherwise.
	all := Price{File: name, Tax: TaxUnknown}
	all.Provider = root.required("provider", "the name of the provider, which is that of the file")
	if all.Provider != "" && all.Provider+".toml" != path.Base(name) {
		root.fail("provider", "%q in file %s: want the two to agree", all.Provider, name)
	}
	all.Host, _ = get[bool](root, "host", "true or false")
	all.Currency = root.currency("currency", "")
	all.Unit = oneOf(root, "unit", "", units...)
	all.Per = root.per(0)
	all.Tax = oneOf(root, "tax", TaxUnknown, taxes...)

	sources := root.readSources()
	readResidency(root, &all, sources)

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

// readSources returns the [[source]] tables by their keys.
func (t *table) readSources() map[string]Source {
	sources := map[string]Source{}
	for _, t := range t.tables("source") {
		s := Source{
			Key:      t.required("key", "a name for it in this file"),
			Title:    t.required("title", "what it is"),
			URL:      t.text("url"),
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
	return sources
}

func readPrice(t *table, p Price, sources map[string]Source) Price {
	p.Line = t.line("")
	p.Model = t.required("model", "the model as the provider spells it")
	p.Aliases = t.texts("aliases", "an array of names")
	p.Vocabulary = t.text("vocabulary")
	p.Confidence = oneOf(t, "confidence", "", sures...)
	if p.Confidence != "" && p.Vocabulary == "" {
		t.fail("confidence", "%q, but there is no vocabulary", string(p.Confidence))
	}
	p.Region = t.text("region")
	p.Variant = t.text("variant")
	if p.Currency = t.currency("currency", p.Currency); p.Currency == "" {
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
	checkRates(t, &p, p.Rates)
	p.From, p.To = t.date("from"), t.date("to")
	if !p.From.IsZero() && !p.To.IsZero() && p.To.Compare(p.From) <= 0 {
		t.fail("to", "%v is not after from, %v", p.To, p.From)
	}
	if _, ok := t.values["checked"]; !ok {
		t.fail("", "checked is missing: want the day for which the sources say so, as 2026-08-21")
	}
	p.Checked = t.date("checked")
	p.Notes = t.text("notes")
	p.Sources = t.sources(sources, true)

	p.Batch = readRates(t.table("batch"), &p)
	p.High = readHigh(t.table("high"), &p)
	readTiers(t, &p)
	readWindows(t, &p)
	readCache(t, &p)
	readResidency(t, &p, sources)
	readDeployment(t.table("deployment"), &p)
	readLimits(t.table("limits"), &p, sources)
	readConflicts(t, &p, sources)
	t.finish()
	return p
}

// readRates reads a table that has rates and nothing else.
func readRates(t *table, p *Price) *Rates {
	if t == nil {
		return nil
	}
	r := t.rates()
	checkRates(t, p, r)
	t.finish()
	return &r
}

func readHigh(t *table, p *Price) *Rates {
	high := readRates(t, p)
	if high == nil {
		return nil
	}
	for _, r := range high.all() {
		low, ok := p.Rates.Get(r.key)
		switch {
		case r.value == nil && ok, r.value == nil && !ok:
		case !ok:
			t.fail(r.key, "the upper end of a range, but the price has no %s", r.key)
		case r.value.Cmp(low) <= 0:
			t.fail(r.key, "%s is the upper end of a range, but the lower one is %s", r.value, low)
		}
	}
	return high
}

func readTiers(t *table, p *Price) {
	kind := oneOf(t, "tiers", "", "cliff", "marginal")
	p.Marginal = kind == "marginal"
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
		checkRates(tt, p, tier.Rates)
		tier.Batch = readRates(tt.table("batch"), p)
		if p.Marginal {
			checkMarginal(tt, tier)
		}
		for i := range p.Tiers {
			if p.Tiers[i].overlaps(&tier) && (!p.Marginal || p.Tiers[i].byOutput() == tier.byOutput()) {
				tt.fail("", "overlaps with tier %d of this price", i+1)
			}
		}
		p.Tiers = append(p.Tiers, tier)
		tt.finish()
	}
	switch {
	case kind != "" && len(p.Tiers) == 0:
		t.fail("tiers", "%q, but there is no [[price.tier]]", string(kind))
	case p.Marginal && p.Batch != nil:
		t.fail("batch", "not together with marginal tiers: make it an entry with another variant")
	}
}

func (t *Tier) byOutput() bool { return t.OutputFrom != 0 || t.OutputTo != 0 }

// checkMarginal holds a tier to what can be charged by parts: its bounds are of
// input or of output, and so are its rates.
func checkMarginal(t *table, tier Tier) {
	if tier.Batch != nil {
		t.fail("batch", "not in a marginal tier: make it an entry with another variant")
	}
	output := tier.byOutput()
	if output && (tier.InputFrom != 0 || tier.InputTo != 0) {
		t.fail("", "a marginal tier has bounds of input or of output, not both")
		return
	}
	for key := range tier.Rates.All() {
		if (key == "output" || key == "thinking") != output || key == "cache_storage" {
			t.fail(key, "not in a marginal tier with bounds of %s", map[bool]string{false: "input", true: "output"}[output])
		}
	}
}

func readWindows(t *table, p *Price) {
	for _, tt := range t.tables("window") {
		w := Window{From: tt.clock("from"), To: tt.clock("to"), Zone: tt.zone("zone"), Rates: tt.rates()}
		checkRates(tt, p, w.Rates)
		if w.From == w.To {
			tt.fail("to", "the same as from: leave the window out, or let it end at another minute")
		}
		for _, s := range tt.texts("days", `an array of days, as ["mon", "tue"]`) {
			i := slices.Index(weekdays, s)
			if i < 0 {
				tt.fail("days", "%q: want some of %s", s, strings.Join(weekdays, ", "))
				continue
			}
			w.Days = append(w.Days, time.Weekday(i))
		}
		w.Batch = readRates(tt.table("batch"), p)
		for i := range p.Windows {
			if p.Windows[i].overlaps(&w) {
				tt.fail("", "overlaps with window %d of this price", i+1)
			}
		}
		p.Windows = append(p.Windows, w)
		tt.finish()
		if len(p.Windows) > maxWindows {
			t.fail("window", "more than %d", maxWindows)
			break
		}
	}
	if len(p.Windows) > 0 && (len(p.Tiers) > 0 || p.Unit == Request || p.Unit == GPUHour) {
		t.fail("window", "not together with tiers, and only of a price by token or character")
	}
}

// clock reads a time of day as minutes after midnight.
func (t *table) clock(key string) int {
	s := t.required(key, "a time of day, as \"09:00\"")
	if s == "" {
		return 0
	}
	at, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		t.fail(key, "%q: want a time of day from 00:00 to 23:59, as \"09:00\"", s)
		return 0
	}
	return at.Hour()*60 + at.Minute()
}

// zone reads a distance from UTC as minutes.
func (t *table) zone(key string) int {
	s := t.required(key, "how far the clock is ahead of UTC, as \"+08:00\"")
	if s == "" {
		return 0
	}
	at, err := time.Parse("-07:00", s)
	if err != nil {
		t.fail(key, "%q: want how far the clock is ahead of UTC, as \"+08:00\"", s)
		return 0
	}
	_, seconds := at.Zone()
	return seconds / 60
}

func readCache(t *table, p *Price) {
	p.CacheMin = t.count("cache_min")
	s := t.text("cache_ttl")
	if s == "" {
		return
	}
	ttl, err := time.ParseDuration(s)
	if err != nil || ttl <= 0 {
		t.fail("cache_ttl", "%q: want a duration above 0, as 5m or 1h", s)
		return
	}
	p.CacheTTL = ttl
}

var placeRE = regexp.MustCompile(`^[a-z]{2}$`)

func readResidency(t *table, p *Price, sources map[string]Source) {
	p.Residency = slices.Clone(p.Residency) // those of the file
	for _, tt := range t.tables("residency") {
		r := Residency{
			Place:   tt.required("place", "a country of ISO 3166-1 in two small letters, or eu"),
			Scope:   oneOf(tt, "scope", "", Storage, Processing),
			Uplift:  tt.positive("uplift"),
			Sources: tt.sources(sources, true),
			Notes:   tt.text("notes"),
		}
		if r.Place != "" && !placeRE.MatchString(r.Place) {
			tt.fail("place", "%q: want a country of ISO 3166-1 in two small letters, as jp, or eu", r.Place)
		}
		if r.Scope == "" {
			tt.fail("", "scope is missing: want storage or processing")
		}
		if slices.ContainsFunc(p.Residency, func(q Residency) bool { return q.Place == r.Place && q.Scope == r.Scope }) {
			tt.fail("place", "%s for %s twice", r.Place, r.Scope)
		}
		p.Residency = append(p.Residency, r)
		tt.finish()
	}
}

func readDeployment(t *table, p *Price) {
	if t == nil {
		return
	}
	d := Deployment{
		GPU: t.required("gpu", "the kind of graphics processor, as h100_80gb"), GPUs: t.count("gpus"),
		OutputPerSecond: t.positive("output_per_second"), InputPerSecond: t.positive("input_per_second"),
		Notes: t.text("notes"),
	}
	switch {
	case p.Unit != GPUHour:
		t.fail("", "deployment of a price by %s: want unit = \"gpu_hour\"", p.Unit)
	case d.GPUs == 0:
		t.fail("", "gpus is missing: want how many there are")
	case d.OutputPerSecond == nil && d.InputPerSecond == nil:
		t.fail("", "no throughput: want output_per_second or input_per_second")
	}
	p.Deployment = &d
	t.finish()
}

func readLimits(t *table, p *Price, sources map[string]Source) {
	if t == nil {
		return
	}
	p.Limits = Limits{
		Context: t.count("context"), MaxInput: t.count("max_input"), MaxOutput: t.count("max_output"),
		RequestsPerMinute: t.count("requests_per_minute"), TokensPerMinute: t.count("tokens_per_minute"),
		Sources: t.sources(sources, true), Notes: t.text("notes"),
	}
	t.finish()
}

func readConflicts(t *table, p *Price, sources map[string]Source) {
	for _, tt := range t.tables("conflict") {
		c := Conflict{Key: tt.text("key"), Value: tt.decimal("value"), Text: tt.text("text")}
		key := tt.required("source", "the key of the [[source]] that says otherwise")
		var ok bool
		if c.Source, ok = sources[key]; !ok && key != "" {
			tt.fail("source", "%q is not the key of a [[source]] in this file", key)
		}
		if c.Key != "" && !isRate(c.Key) {
			tt.fail("key", "%q: want a rate, one of %s", c.Key, strings.Join(rateKeys(), ", "))
		}
		if c.Value != nil && c.Key == "" {
			tt.fail("value", "of what? want a key, as \"input\"")
		}
		if c.Value == nil && c.Text == "" {
			tt.fail("", "says nothing: want value or text")
		}
		p.Conflicts = append(p.Conflicts, c)
		tt.finish()
	}
}

func rateKeys() (keys []string) {
	for _, r := range new(Rates).all() {
		keys = append(keys, r.key)
	}
	return keys
}

func isRate(key string) bool { return slices.Contains(rateKeys(), key) }

// checkRates holds the rates of an entry or tier against status and unit.
func checkRates(t *table, p *Price, r Rates) {
	each := p.Unit == Request || p.Unit == GPUHour
	for _, rate := range r.all() {
		switch {
		case rate.value == nil:
			continue
		case p.Status == NotPublished:
			t.fail(rate.key, "a number, but status is not_published")
		case (rate.key == "each") != each:
			t.fail(rate.key, "not a rate of unit %q: request and gpu_hour have each; token and character have the others", string(p.Unit))
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
