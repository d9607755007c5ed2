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
	"slices"
	"strings"
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

// Rates are the prices of one entry or tier. One that is nil is not known or
// does not exist (an embedding model has no output): it is never zero.
type Rates struct {
	Input       *Decimal // of input read in full
	Output      *Decimal
	CachedInput *Decimal // of input read from the provider's cache
	CacheWrite  *Decimal // of input that is put into the cache
	Each        *Decimal // of one request or GPU hour; other units do not have it
}

// A Tier replaces the rates for the whole request when the size of the request
// lies in it: a cliff, not a marginal rate.
type Tier struct {
	// InputFrom and OutputFrom are the least sizes that are inside, InputTo and
	// OutputTo the least that are beyond; 0 in a To means that there is no end.
	// A list that says "above 272K" is InputFrom = 272001.
	InputFrom, InputTo   int64
	OutputFrom, OutputTo int64
	Rates
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

// A Source is a witness of prices: a page or a table of someone who read it.
type Source struct {
	Key      string // how entries of the same file refer to it
	Title    string
	URL      string
	Revision string // commit or version of what was read; empty if it has none
	Date     Date   // the state that was read
	Licence  string // SPDX identifier, or in words; facts need none, copies do
}

// A Price is what one model costs at one provider during some time.
type Price struct {
	Provider string
	Model    string // as the provider's interface spells it
	// Vocabulary is the catalogue name of the model's tokenizer, empty if not
	// known.
	Vocabulary string
	Region     string // where the list holds; empty for everywhere

	Unit     Unit
	Per      int64  // how many units the rates are for, a power of ten: 1000000
	Currency string // ISO 4217
	Rates           // where no tier holds
	Tiers    []Tier

	// From is the first day of the price and To the first day after it. Zero
	// means not known, respectively not ended.
	From, To Date
	// Checked is the day for which the sources say so, not the day on which
	// someone copied it: that of the newest of them.
	Checked Date
	Sources []Source
	Status  Status
	Tax     Tax
	Notes   string

	File string // of the book
	Line int
}

// Name returns "provider/model".
func (p *Price) Name() string { return p.Provider + "/" + p.Model }

// key is what may have one price at a time.
func (p *Price) key() [4]string { return [4]string{p.Provider, p.Model, p.Region, p.Currency} }

func (p *Price) holds(on Date) bool {
	return (p.From.IsZero() || p.From.Compare(on) <= 0) && (p.To.IsZero() || on.Compare(p.To) < 0)
}

// RatesFor returns the rates of a request with that much input and output:
// those of the tier that holds it, or else the rates of p.
func (p *Price) RatesFor(input, output int64) Rates {
	for i := range p.Tiers {
		if p.Tiers[i].holds(input, output) {
			return p.Tiers[i].Rates
		}
	}
	return p.Rates
}

// Usage is how much of a model one request used, in the units of its price.
// Input does not hold CachedInput, nor either of them CacheWrite.
type Usage struct{ Input, Output, CachedInput, CacheWrite int64 }

// Cost returns the exact cost of one request, in p.Currency. Tiers go by the
// whole input, cached or not. It is an error if a rate that the usage needs is
// not known, if a count is negative, or if p is not charged by token or
// character.
func (p *Price) Cost(u Usage) (Decimal, error) {
	if p.Unit != Token && p.Unit != Character {
		return Decimal{}, fmt.Errorf("price: %s is charged by %s: no cost by token or character", p.Name(), p.Unit)
	}
	const most = 1 << 60 // their sum must not overflow
	if min(u.Input, u.Output, u.CachedInput, u.CacheWrite) < 0 || max(u.Input, u.Output, u.CachedInput, u.CacheWrite) > most {
		return Decimal{}, fmt.Errorf("price: usage of %s: %+v: want counts from 0 to 2^60", p.Name(), u)
	}
	r := p.RatesFor(u.Input+u.CachedInput+u.CacheWrite, u.Output)
	var sum Decimal
	for _, part := range []struct {
		name string
		n    int64
		rate *Decimal
	}{
		{"input", u.Input, r.Input},
		{"output", u.Output, r.Output},
		{"cached_input", u.CachedInput, r.CachedInput},
		{"cache_write", u.CacheWrite, r.CacheWrite},
	} {
		if part.n == 0 {
			continue
		}
		if part.rate == nil {
			return Decimal{}, fmt.Errorf("price: %s has no %s price (status %s)", p.Name(), part.name, p.Status)
		}
		sum = sum.Add(part.rate.Mul(NewDecimal(part.n)))
	}
	return sum.Shift(-digits(p.Per)), nil
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

// Prices returns all entries by provider, model, region, currency and time.
// They share memory with the book and must not be changed through pointers.
func (b *Book) Prices() []Price { return slices.Clone(b.prices) }

// Lookup returns the price of a model on a day; the zero Date stands for the
// latest entry. The name is a model's, or "provider/model". If several
// providers, regions or currencies have a price for it, that is an error which
// names them. The result may be one without numbers: see [Price.Status].
func (b *Book) Lookup(name string, on Date) (Price, error) {
	var known, found []*Price // known: the last of each key, whatever the day
	for i := range b.prices {
		p := &b.prices[i]
		if p.Model != name && p.Name() != name {
			continue
		}
		if n := len(known); n > 0 && known[n-1].key() == p.key() {
			known[n-1] = p
		} else {
			known = append(known, p)
		}
		if !on.IsZero() && p.holds(on) {
			found = append(found, p)
		}
	}
	if on.IsZero() {
		found = known
	}
	switch {
	case len(known) == 0:
		return Price{}, fmt.Errorf("price: %q: %w in the book", name, ErrNotFound)
	case len(found) == 0:
		return Price{}, fmt.Errorf("price: %q: %w on %v; the last is from %s to %s", name, ErrNotFound, on,
			cmp.Or(known[len(known)-1].From.String(), "the beginning"), cmp.Or(known[len(known)-1].To.String(), "now"))
	case len(found) > 1:
		var all []string
		for _, p := range found {
			all = append(all, strings.TrimRight(fmt.Sprintf("%s %s %s", p.Name(), p.Currency, p.Region), " "))
		}
		return Price{}, fmt.Errorf("price: %q has several prices: %s", name, strings.Join(all, ", "))
	}
	return *found[0], nil
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
