package price

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/babelmeter/babelmeter/results/internal/tomlfile"
)

// A Quote is a published rate of exchange: on a day, one unit of Base was worth
// Value units of Currency.
type Quote struct {
	Base, Currency string
	Value          Decimal
	Date           Date
	Source         Source

	File string
	Line int
}

// FX is a dated table of rates of exchange. It is for showing: what a sum would
// be in another currency at a rate of some day. It never makes a price: a list
// in two currencies is two prices, and providers do not convert at the market's
// rate. It is immutable, safe for concurrent use, and empty if zero.
type FX struct{ quotes []Quote }

//go:embed fx.toml
var fxTable string

// BuiltinFX returns the table that comes with the program.
func BuiltinFX() (*FX, error) { return parseFX("fx.toml", fxTable) }

// ReadFX reads a table of rates of exchange: the sources as in a book, and
//
//	[[day]]
//	date = 2026-08-21
//	base = "EUR"      # one of it is worth the rates
//	source = "ecb"
//	[day.rates]
//	USD = "1.0832"
//	KRW = "1498.20"
//
// Rates are strings, since a TOML number would go through binary floating point.
func ReadFX(fsys fs.FS, name string) (*FX, error) {
	data, err := readFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("price: %w", err)
	}
	return parseFX(name, data)
}

func parseFX(name, data string) (*FX, error) {
	values := map[string]any{}
	if _, err := toml.Decode(data, &values); err != nil {
		return nil, syntax(name, err)
	}
	doc := &document{file: name, lines: tomlfile.LineIndex(data)}
	root := &table{values: values, doc: doc}
	sources := root.readSources()
	var fx FX
	for _, t := range root.tables("day") {
		q := Quote{Date: t.date("date"), File: name}
		if q.Date.IsZero() {
			t.fail("", "date is missing: want the day of the rates, as 2026-08-21")
		}
		if q.Base = t.currency("base", ""); q.Base == "" {
			t.fail("", "base is missing: want the currency one of which is worth the rates")
		}
		key := t.required("source", "the key of the [[source]] of the rates")
		var ok bool
		if q.Source, ok = sources[key]; !ok && key != "" {
			t.fail("source", "%q is not the key of a [[source]] in this file", key)
		}
		rates := t.table("rates")
		t.finish()
		if rates == nil {
			t.fail("", `rates are missing: want a table headed [day.rates] with lines as USD = "1.08"`)
			continue
		}
		var names []string
		for c := range rates.values {
			names = append(names, c)
		}
		slices.Sort(names)
		for _, c := range names {
			q.Currency, q.Line = c, rates.line(c)
			value := rates.positive(c)
			switch {
			case !currencyRE.MatchString(c):
				rates.fail(c, "want a currency in the three capital letters of ISO 4217, as USD")
			case c == q.Base:
				rates.fail(c, "a rate of the base in itself")
			case value != nil:
				q.Value = *value
				fx.quotes = append(fx.quotes, q)
			}
		}
	}
	root.finish()
	slices.SortStableFunc(fx.quotes, func(p, q Quote) int {
		return cmp.Or(strings.Compare(p.Base, q.Base), strings.Compare(p.Currency, q.Currency), p.Date.Compare(q.Date))
	})
	for i := 1; i < len(fx.quotes); i++ {
		if p, q := fx.quotes[i-1], fx.quotes[i]; p.Base == q.Base && p.Currency == q.Currency && p.Date == q.Date {
			doc.problems = append(doc.problems, Problem{name, q.Line, fmt.Sprintf("%s: a second rate of %s in %s on %v, after line %d", q.Currency, q.Base, q.Currency, q.Date, p.Line)})
		}
	}
	if len(doc.problems) > 0 {
		return nil, doc.problems.sorted()
	}
	return &fx, nil
}

// Quotes returns the table by base, currency and day.
func (f *FX) Quotes() []Quote { return slices.Clone(f.quotes) }

// ErrNoRate is the error of [FX.Rate] for currencies or days that the table
// does not have.
var ErrNoRate = errors.New("no rate of exchange")

// A Conversion is the factor from one currency to another, and the quotes that
// it was made of: none for a currency to itself, one, or two of the same day and
// source that share a third currency.
type Conversion struct {
	From, To string
	Factor   *big.Rat // units of To for one of From
	Quotes   []Quote
}

// Apply returns the sum in the other currency, exactly.
func (c Conversion) Apply(amount *big.Rat) *big.Rat { return new(big.Rat).Mul(amount, c.Factor) }

// Date returns the day of the quotes, which is zero if there are none.
func (c Conversion) Date() Date {
	if len(c.Quotes) == 0 {
		return Date{}
	}
	return c.Quotes[0].Date
}

// String tells the conversion so that it can be done again: "1 EUR = 1.0832 USD
// (2026-08-21, ECB)".
func (c Conversion) String() string {
	var parts []string
	for _, q := range c.Quotes {
		parts = append(parts, fmt.Sprintf("1 %s = %s %s", q.Base, q.Value, q.Currency))
	}
	if len(parts) == 0 {
		return c.From
	}
	return fmt.Sprintf("%s (%v, %s)", strings.Join(parts, ", "), c.Date(), c.Quotes[0].Source.Title)
}

// factor returns how much of to one of from is worth, nil if the quote is of
// other currencies.
func (q *Quote) factor(from, to string) *big.Rat {
	switch {
	case q.Base == from && q.Currency == to:
		return q.Value.Rat()
	case q.Base == to && q.Currency == from:
		return new(big.Rat).Inv(q.Value.Rat())
	}
	return nil
}

// Rate returns the conversion of the last day in the table that is not after on;
// the zero Date stands for the last day. The error, which wraps [ErrNoRate],
// says what the table has.
func (f *FX) Rate(from, to string, on Date) (Conversion, error) {
	c := Conversion{From: from, To: to}
	if from == to {
		c.Factor = big.NewRat(1, 1)
		return c, nil
	}
	var best Date
	for _, q := range f.quotes {
		if !on.IsZero() && q.Date.Compare(on) > 0 || q.Date.Compare(best) < 0 {
			continue
		}
		if factor := q.factor(from, to); factor != nil {
			c.Quotes, c.Factor, best = []Quote{q}, factor, q.Date
			continue
		}
		if q.Date == best {
			continue
		}
		// By way of a third currency.
		first, pivot := q.factor(from, q.Base), q.Base
		if q.Base == from {
			first, pivot = q.factor(from, q.Currency), q.Currency
		}
		if first == nil {
			continue
		}
		for _, r := range f.quotes {
			if r.Date != q.Date || r.Source != q.Source {
				continue
			}
			if second := r.factor(pivot, to); second != nil {
				c.Quotes, c.Factor, best = []Quote{q, r}, new(big.Rat).Mul(first, second), q.Date
				break
			}
		}
	}
	if len(c.Quotes) > 0 {
		return c, nil
	}
	when := ""
	if !on.IsZero() {
		when = fmt.Sprintf(" on or before %v", on)
	}
	return Conversion{}, fmt.Errorf("price: %s to %s%s: %w: %s", from, to, when, ErrNoRate, f.has())
}

// has says what the table has, for errors.
func (f *FX) has() string {
	if len(f.quotes) == 0 {
		return "the table is empty; give one of a source you trust"
	}
	var currencies []string
	first, last := f.quotes[0].Date, f.quotes[0].Date
	for _, q := range f.quotes {
		for _, c := range []string{q.Base, q.Currency} {
			if !slices.Contains(currencies, c) {
				currencies = append(currencies, c)
			}
		}
		if q.Date.Compare(first) < 0 {
			first = q.Date
		}
		if q.Date.Compare(last) > 0 {
			last = q.Date
		}
	}
	slices.Sort(currencies)
	return fmt.Sprintf("the table %s has %s from %v to %v", path.Base(f.quotes[0].File), strings.Join(currencies, ", "), first, last)
}
