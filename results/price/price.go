// Package price holds what providers charge: a book of prices, each with its
// unit, its currency, its dates and its witnesses.
//
// Think of a [Book] as a register, not as a table of current values. A price
// that changed is two entries, one after the other; a price that is not known
// is missing, which is not the same as free; a price in yuan stays in yuan,
// since a provider's list in one currency is not its list in another times a
// rate. Nothing here guesses: what is asked and not in the book is an error.
//
// All money is exact ([Decimal]). Rounding, exchange rates and factors that
// are estimates belong to presentation.
package price

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"
)

// Unit is what a price is charged for.
type Unit string

const (
	Token     Unit = "token"
	Character Unit = "character" // what a character is differs by provider: see the notes of the entry
	Request   Unit = "request"
	GPUHour   Unit = "gpu_hour"
)

// Status says how far a price can be relied on.
type Status string

const (
	Public       Status = "public"        // on a public list
	NotPublished Status = "not_published" // to be asked for; the entry has no numbers
	Free         Status = "free"          // zero, and meant to be
	Deprecated   Status = "deprecated"    // the model is retired or will be
	Promo        Status = "promo"         // for a limited time
)

// Tax says whether value-added or consumption tax is in the price.
type Tax string

const (
	TaxIncluded Tax = "included"
	TaxExcluded Tax = "excluded"
	TaxUnknown  Tax = "unknown"
)

// Confidence says how sure it is that a model uses a vocabulary. The words are
// those of the vocabularies' manifests.
type Confidence string

const (
	Exact       Confidence = "exact"        // the vocabulary is public and the vendor says so
	VendorProxy Confidence = "vendor_proxy" // the vendor's own software counts with it
	API         Confidence = "api"          // only the vendor's endpoint counts
	Estimate    Confidence = "estimate"     // none of these
)

// Rates are the prices of one entry, tier or window. One that is nil is not
// known or does not exist (an embedding model has no output): it is never zero
// unless the status is [Free].
type Rates struct {
	Input    *Decimal // of input read in full
	Output   *Decimal
	Thinking *Decimal // of output that is thought and not said, where it is not that of Output

	CachedInput *Decimal // of input read from the provider's cache
	// ImplicitCachedInput is of input that the provider cached unasked, where
	// that is not CachedInput.
	ImplicitCachedInput *Decimal
	CacheWrite          *Decimal // of input that is put into the cache for Price.CacheTTL
	CacheWriteHour      *Decimal // for an hour, where that is another price
	CacheStorage        *Decimal // of input kept in the cache, for each hour

	Each *Decimal // of one request or GPU hour; other units do not have it
}

// rate is one of Rates with its key in a book.
type rate struct {
	key   string
	value *Decimal
}

// all returns the rates in the order of a book, nil ones too.
func (r *Rates) all() (list [9]rate) {
	for i, f := range r.fields() {
		list[i] = rate{f.key, *f.value}
	}
	return list
}

// field is the place of one of Rates.
type field struct {
	key   string
	value **Decimal
}

func (r *Rates) fields() [9]field {
	return [9]field{
		{"input", &r.Input}, {"output", &r.Output}, {"thinking", &r.Thinking},
		{"cached_input", &r.CachedInput}, {"implicit_cached_input", &r.ImplicitCachedInput},
		{"cache_write", &r.CacheWrite}, {"cache_write_1h", &r.CacheWriteHour}, {"cache_storage", &r.CacheStorage},
		{"each", &r.Each},
	}
}

// Set sets the rate of a key; it reports whether there is such a key.
func (r *Rates) Set(key string, value Decimal) bool {
	for _, f := range r.fields() {
		if f.key == key {
			*f.value = &value
			return true
		}
	}
	return false
}

// Scale returns the rates times a factor.
func (r Rates) Scale(factor Decimal) Rates {
	for _, f := range r.fields() {
		if *f.value != nil {
			v := (*f.value).Mul(factor)
			*f.value = &v
		}
	}
	return r
}

// All yields the rates that are known, by their keys in a book, in its order.
func (r Rates) All() iter.Seq2[string, Decimal] {
	return func(yield func(string, Decimal) bool) {
		for _, x := range r.all() {
			if x.value != nil && !yield(x.key, *x.value) {
				return
			}
		}
	}
}

// Fields yields all rates by their keys in a book, nil if not known.
func (r Rates) Fields() iter.Seq2[string, *Decimal] {
	return func(yield func(string, *Decimal) bool) {
		for _, x := range r.all() {
			if !yield(x.key, x.value) {
				return
			}
		}
	}
}

// Get returns the rate of a key, and whether it is known.
func (r Rates) Get(key string) (Decimal, bool) {
	for _, x := range r.all() {
		if x.key == key && x.value != nil {
			return *x.value, true
		}
	}
	return Decimal{}, false
}

// A Tier has the rates of a size. If the tiers of a price are cliffs, they hold
// for the whole request whose size lies in the tier; if they are marginal, for
// that part of the request only.
type Tier struct {
	// InputFrom and OutputFrom are the least sizes that are inside, InputTo and
	// OutputTo the least that are beyond; 0 in a To means that there is no end.
	// A list that says "above 272K" is InputFrom = 272001.
	InputFrom, InputTo   int64
	OutputFrom, OutputTo int64
	Rates
	Batch *Rates // of requests that may wait; nil: not known
}

func (t *Tier) holds(input, output int64) bool {
	return t.InputFrom <= input && (t.InputTo == 0 || input < t.InputTo) &&
		t.OutputFrom <= output && (t.OutputTo == 0 || output < t.OutputTo)
}

// overlaps reports whether some size is in both tiers.
func (t *Tier) overlaps(u *Tier) bool {
	meet := func(from, to, from2, to2 int64) bool {
		return (to2 == 0 || from < to2) && (to == 0 || from2 < to)
	}
	return meet(t.InputFrom, t.InputTo, u.InputFrom, u.InputTo) && meet(t.OutputFrom, t.OutputTo, u.OutputFrom, u.OutputTo)
}

// A Window replaces the rates at some times of the day.
type Window struct {
	Days []time.Weekday // on which it begins; nil: every day
	// From is the first minute inside and To the first beyond, in minutes after
	// midnight. A window whose To is not above its From goes past midnight.
	From, To int
	Zone     int // minutes that its clock is ahead of UTC: 480 in Beijing
	Rates
	Batch *Rates
}

// Holds reports whether t is in the window.
func (w *Window) Holds(t time.Time) bool {
	t = t.UTC().Add(time.Duration(w.Zone) * time.Minute)
	minute := t.Hour()*60 + t.Minute()
	in := func(day time.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, day) }
	if w.From < w.To {
		return in(t.Weekday()) && w.From <= minute && minute < w.To
	}
	return in(t.Weekday()) && w.From <= minute || in((t.Weekday()+6)%7) && minute < w.To
}

// overlaps reports whether some minute of the week is in both windows.
func (w *Window) overlaps(v *Window) bool {
	const sunday = "2026-01-04"
	start, _ := time.Parse(time.DateOnly, sunday)
	for m := range 7 * 24 * 60 {
		if t := start.Add(time.Duration(m) * time.Minute); w.Holds(t) && v.Holds(t) {
			return true
		}
	}
	return false
}

// Limits are what a model or an account can take. 0 is not known.
type Limits struct {
	Context           int64 // input and output together
	MaxInput          int64
	MaxOutput         int64
	RequestsPerMinute int64 // of the first paid tier of accounts, if Notes do not say otherwise
	TokensPerMinute   int64
	Sources           []Source
	Notes             string
}

// Scope says what is done in the place of a [Residency].
type Scope string

const (
	Storage    Scope = "storage"    // what is kept is kept there; requests may be worked on elsewhere
	Processing Scope = "processing" // requests are worked on there
)

// A Residency is a place in which a provider serves a model, by some evidence.
type Residency struct {
	Place string // ISO 3166-1 alpha-2 in lower case, as jp; eu for the European Union
	Scope Scope
	// Uplift is the factor on all rates for it; nil if the list has no other
	// price for it. Whether there is one may also be unknown: see Notes.
	Uplift  *Decimal
	Sources []Source
	Notes   string
}

// A Deployment is what a price by GPU hour gets: graphics processors that serve
// a model, at full load.
type Deployment struct {
	GPU             string   // as h100_80gb
	GPUs            int64    // how many of them at the price of one each
	OutputPerSecond *Decimal // units of output all of them together give in a second
	InputPerSecond  *Decimal // units of input that they read; nil if it was not measured apart
	Notes           string   // precision, engine, batch
}

// A Conflict is what another table says of a price.
type Conflict struct {
	Source Source
	Key    string   // of the rate
	Value  *Decimal // in the price's currency and unit; nil if that cannot be said: see Text
	Text   string
}

// A Source is a witness of prices: a page or a table of someone who read it.
type Source struct {
	Key      string // how entries of the same file refer to it
	Title    string
	URL      string // empty for what is not on the network
	Revision string // commit or version of what was read; empty if it has none
	Date     Date   // the state that was read
	Licence  string // SPDX identifier, or in words; facts need none, copies do
}

// A Price is what one model costs at one provider during some time.
type Price struct {
	Provider string
	Host     bool     // the provider serves models of others: see Book.Lookup
	Model    string   // as the provider's interface spells it
	Aliases  []string // other names of it there
	// Vocabulary is the catalogue name of the model's tokenizer, empty if not
	// known, and Confidence how sure that is, empty if not said here.
	Vocabulary string
	Confidence Confidence
	Region     string // where the list holds; empty for everywhere
	// Variant tells lists of one model apart that are not the standard one: a
	// class of service, a deployment. Empty for the standard one.
	Variant string

	Unit     Unit
	Per      int64  // how many units the rates are for, a power of ten: 1000000
	Currency string // ISO 4217
	Rates           // where no tier and no window holds
	High     *Rates // the upper ends, where the source gives a range
	Batch    *Rates // of requests that may wait; nil: not known
	Tiers    []Tier
	Marginal bool     // what tiers are
	Windows  []Window // not together with Tiers

	CacheMin int64         // the shortest beginning of a request that is cached; 0: not known
	CacheTTL time.Duration // how long CacheWrite lasts; 0: not known

	Residency  []Residency
	Deployment *Deployment
	Limits     Limits

	// From is the first day of the price and To the first day after it. Zero
	// means not known, respectively not ended.
	From, To Date
	// Checked is the day for which the sources say so, not the day on which
	// someone copied it: that of the newest of them.
	Checked   Date
	Sources   []Source
	Conflicts []Conflict
	Status    Status
	Tax       Tax
	Notes     string

	File string // of the book
	Line int
}

// Name returns "provider/model".
func (p *Price) Name() string { return p.Provider + "/" + p.Model }

// List names what may have one price at a time: provider, model, region,
// currency, and unit and variant if they are not the usual ones.
func (p *Price) List() string {
	s := p.Name() + " " + p.Currency
	if p.Region != "" {
		s += " " + p.Region
	}
	if p.Unit != Token {
		s += " by " + string(p.Unit)
	}
	if p.Variant != "" {
		s += " (" + p.Variant + ")"
	}
	return s
}

type key [6]string

func (p *Price) key() key {
	return key{p.Provider, p.Model, p.Region, p.Currency, p.Variant, string(p.Unit)}
}

// Holds reports whether p is the price on a day.
func (p *Price) Holds(on Date) bool {
	return (p.From.IsZero() || p.From.Compare(on) <= 0) && (p.To.IsZero() || on.Compare(p.To) < 0)
}

// is reports whether name is that of the model, or "provider/" and it. Case is
// no difference: providers differ in how they write the same name.
func (p *Price) is(name string) bool {
	if model, ok := cutProvider(name, p.Provider); ok && p.isModel(model) {
		return true
	}
	return p.isModel(name)
}

func (p *Price) isModel(name string) bool {
	return strings.EqualFold(p.Model, name) || slices.ContainsFunc(p.Aliases, func(a string) bool { return strings.EqualFold(a, name) })
}

func cutProvider(name, provider string) (string, bool) {
	n := len(provider) + 1
	if len(name) > n && strings.EqualFold(name[:n], provider+"/") {
		return name[n:], true
	}
	return "", false
}

// digits returns the logarithm of a power of ten, -1 for other numbers.
func digits(n int64) int {
	if n < 1 {
		return -1
	}
	zeros := 0
	for ; n%10 == 0; n /= 10 {
		zeros++
	}
	if n != 1 {
		return -1
	}
	return zeros
}

// A Book is a set of prices. It is immutable and safe for concurrent use.
type Book struct{ prices []Price }

//go:embed book/*.toml
var builtin embed.FS

// Builtin returns the book that comes with the program.
func Builtin() (*Book, error) {
	sub, err := fs.Sub(builtin, "book")
	if err != nil {
		return nil, fmt.Errorf("price: %w", err)
	}
	return Read(sub)
}

// ErrNotFound is the error of [Book.Lookup] for a model that is not in the
// book, or not at that time.
var ErrNotFound = errors.New("no such price")

// NewBook returns a book of prices, such as those of several files. Two of one
// list that overlap in time are an error that names both.
func NewBook(prices []Price) (*Book, error) {
	b := &Book{slices.Clone(prices)}
	sortPrices(b.prices)
	if p := overlaps(b.prices); len(p) > 0 {
		return nil, p.sorted()
	}
	return b, nil
}

// Prices returns all entries by provider, model, region, currency and time.
// They share memory with the book and must not be changed through pointers.
func (b *Book) Prices() []Price { return slices.Clone(b.prices) }

// Query chooses prices. Its zero value chooses all lists as they are now.
type Query struct {
	Model    string // or "provider/model", in any case; empty for all
	Provider string
	Region   string // one that is empty in the book matches all
	Currency string
	On       Date // zero: the last entry of each list
}

// Matches reports whether p is one of those that q chooses, of any day if On is
// zero.
func (q *Query) Matches(p *Price) bool {
	return (q.Model == "" || p.is(q.Model)) &&
		(q.Provider == "" || strings.EqualFold(p.Provider, q.Provider)) &&
		(q.Region == "" || p.Region == "" || strings.EqualFold(p.Region, q.Region)) &&
		(q.Currency == "" || strings.EqualFold(p.Currency, q.Currency)) &&
		(q.On.IsZero() || p.Holds(q.On))
}

// Find returns the prices that match, one of each list at most, in the order of
// the book. There may be ones without numbers: see [Price.Status].
func (b *Book) Find(q Query) []Price {
	var found []Price
	for i := range b.prices {
		p := &b.prices[i]
		if !q.Matches(p) {
			continue
		}
		if n := len(found); n > 0 && q.On.IsZero() && found[n-1].key() == p.key() {
			found[n-1] = *p
		} else {
			found = append(found, *p)
		}
	}
	return found
}

// Lists returns the prices by which a model is known when only its name is
// given: those of its maker or, if no maker sells it, of the hosts that serve
// it, by the token in their standard variant. A name "provider/model" means
// that provider whatever it is. The zero Date stands for the last entry of each
// list. It is an error, which wraps [ErrNotFound], if there are none.
func (b *Book) Lists(name string, on Date) ([]Price, error) {
	ever := usual(name, b.Find(Query{Model: name}))
	if len(ever) == 0 {
		return nil, fmt.Errorf("price: %q: %w in the book", name, ErrNotFound)
	}
	if on.IsZero() {
		return ever, nil
	}
	found := usual(name, b.Find(Query{Model: name, On: on}))
	if len(found) == 0 {
		last := ever[len(ever)-1]
		return nil, fmt.Errorf("price: %q: %w on %v; the last is from %s to %s", name, ErrNotFound, on,
			cmp.Or(last.From.String(), "the beginning"), cmp.Or(last.To.String(), "now"))
	}
	return found, nil
}

// usual drops hosts, variants and units that nobody means who gives a name only,
// unless nothing else is left.
func usual(name string, prices []Price) []Price {
	drop := func(is func(*Price) bool) {
		if keep := slices.DeleteFunc(slices.Clone(prices), func(p Price) bool { return is(&p) }); len(keep) > 0 {
			prices = keep
		}
	}
	drop(func(p *Price) bool { _, whole := cutProvider(name, p.Provider); return p.Host && !whole })
	drop(func(p *Price) bool { return p.Variant != "" })
	drop(func(p *Price) bool { return p.Unit != Token })
	return prices
}

// Lookup returns the price of a model on a day, as [Book.Lists] does. If there
// is more than one, that is an error which names them.
func (b *Book) Lookup(name string, on Date) (Price, error) {
	found, err := b.Lists(name, on)
	if err != nil {
		return Price{}, err
	}
	if len(found) > 1 {
		var all []string
		for _, p := range found {
			all = append(all, p.List())
		}
		return Price{}, fmt.Errorf("price: %q has several prices: %s", name, strings.Join(all, ", "))
	}
	return found[0], nil
}

// Override returns a book with the entries of over, and those of b for models
// (of the same provider) that over does not have.
func (b *Book) Override(over *Book) *Book {
	has := map[string]bool{}
	for i := range over.prices {
		has[over.prices[i].Name()] = true
	}
	merged := slices.Clone(over.prices)
	for i := range b.prices {
		if !has[b.prices[i].Name()] {
			merged = append(merged, b.prices[i])
		}
	}
	sortPrices(merged)
	return &Book{merged}
}

func sortPrices(prices []Price) {
	slices.SortStableFunc(prices, func(p, q Price) int {
		a, b := p.key(), q.key()
		return cmp.Or(slices.Compare(a[:], b[:]), p.From.Compare(q.From))
	})
}

// overlaps finds entries of one list, in order of From, that overlap in time:
// each must end before the next begins.
func overlaps(prices []Price) (problems Problems) {
	for i := 1; i < len(prices); i++ {
		p, q := &prices[i-1], &prices[i]
		if p.key() != q.key() || !p.To.IsZero() && !q.From.IsZero() && q.From.Compare(p.To) >= 0 {
			continue
		}
		where := fmt.Sprintf("line %d", p.Line)
		if p.File != q.File {
			where = fmt.Sprintf("%s:%d", p.File, p.Line)
		}
		problems = append(problems, Problem{q.File, q.Line, fmt.Sprintf("price of %s overlaps in time with that of %s: want from and to so that it does not", q.Model, where)})
	}
	return problems
}
