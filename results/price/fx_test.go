package price

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"testing/fstest"
)

const fxSource = `[[source]]
key = "s"
title = "some bank"
date = 2026-01-02
`

func readFX(s string) (*FX, error) {
	return ReadFX(fstest.MapFS{"r.toml": {Data: []byte(s)}}, "r.toml")
}

func TestFXRate(t *testing.T) {
	fx, err := readFX(fxSource + `
[[day]]
date = 2026-01-02
base = "EUR"
source = "s"
[day.rates]
USD = "1.25"
KRW = "1500"

[[day]]
date = 2026-01-05
base = "EUR"
source = "s"
[day.rates]
USD = "1.20"

[[day]]
date = 2026-01-06
base = "USD"
source = "s"
[day.rates]
JPY = "150"
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ from, to, on, want, told string }{
		{"KRW", "KRW", "", "1", "KRW"},
		{"EUR", "USD", "", "6/5", "1 EUR = 1.2 USD (2026-01-05, some bank)"},
		{"EUR", "USD", "2026-01-04", "5/4", "1 EUR = 1.25 USD (2026-01-02, some bank)"}, // Friday's on Sunday
		{"EUR", "USD", "2026-01-05", "6/5", "1 EUR = 1.2 USD (2026-01-05, some bank)"},
		{"USD", "EUR", "2026-01-02", "4/5", "1 EUR = 1.25 USD (2026-01-02, some bank)"},
		// Across the base only with rates of one day: the newer dollar is no help.
		{"USD", "KRW", "", "1200", "1 EUR = 1.25 USD, 1 EUR = 1500 KRW (2026-01-02, some bank)"},
		{"KRW", "USD", "", "1/1200", "1 EUR = 1500 KRW, 1 EUR = 1.25 USD (2026-01-02, some bank)"},
		{"USD", "JPY", "", "150", "1 USD = 150 JPY (2026-01-06, some bank)"},
	} {
		var on Date
		if test.on != "" {
			on = day(t, test.on)
		}
		c, err := fx.Rate(test.from, test.to, on)
		if err != nil {
			t.Errorf("%s to %s on %q: %v", test.from, test.to, test.on, err)
			continue
		}
		if c.Factor.RatString() != test.want || c.String() != test.told {
			t.Errorf("%s to %s on %q: got %s, %q; want %s, %q", test.from, test.to, test.on, c.Factor.RatString(), c, test.want, test.told)
		}
		if got, want := c.Apply(big.NewRat(3, 1)), new(big.Rat).Mul(big.NewRat(3, 1), c.Factor); got.Cmp(want) != 0 {
			t.Errorf("3 %s are %v, want %v", test.from, got, want)
		}
	}
	for _, test := range []struct{ from, to, on, want string }{
		{"EUR", "USD", "2026-01-01", "price: EUR to USD on or before 2026-01-01: no rate of exchange: the table r.toml has EUR, JPY, KRW, USD from 2026-01-02 to 2026-01-06"},
		{"EUR", "INR", "", "price: EUR to INR: no rate of exchange: the table r.toml has EUR, JPY, KRW, USD from 2026-01-02 to 2026-01-06"},
		{"JPY", "KRW", "", "price: JPY to KRW: no rate of exchange: the table r.toml has EUR, JPY, KRW, USD from 2026-01-02 to 2026-01-06"},
	} {
		var on Date
		if test.on != "" {
			on = day(t, test.on)
		}
		_, err := fx.Rate(test.from, test.to, on)
		if err == nil || err.Error() != test.want || !errors.Is(err, ErrNoRate) {
			t.Errorf("%s to %s on %q: got error %v, want %s", test.from, test.to, test.on, err, test.want)
		}
	}
	var empty FX
	if _, err := empty.Rate("USD", "KRW", Date{}); err == nil || !strings.Contains(err.Error(), "the table is empty") {
		t.Errorf("empty table: got error %v", err)
	}
}

func TestReadFXErrors(t *testing.T) {
	day := func(lines ...string) string {
		return fxSource + "[[day]]\n" + strings.Join(lines, "\n") + "\n"
	}
	for _, test := range []struct{ name, file, want string }{
		{"syntax", "a =", "price: r.toml:1: "},
		{"unknown", "a = 1\n" + fxSource, "price: r.toml:1: a: unknown key: want one of source, day"},
		{"number", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", "USD = 1.2"), `price: r.toml:10: USD: want a string, as "2.50"`},
		{"zero", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", `USD = "0"`), "price: r.toml:10: USD: 0: want a number above 0"},
		{"currency", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", `usd = "1"`), "price: r.toml:10: usd: want a currency"},
		{"itself", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", `EUR = "1"`), "price: r.toml:10: EUR: a rate of the base in itself"},
		{"base", day("date = 2026-01-02", `base = "euro"`, `source = "s"`, "[day.rates]", `USD = "1"`), `price: r.toml:7: base: "euro": want the three capital letters`},
		{"no date", day(`base = "EUR"`, `source = "s"`, "[day.rates]", `USD = "1"`), "price: r.toml:5: date is missing"},
		{"no source", day("date = 2026-01-02", `base = "EUR"`, "[day.rates]", `USD = "1"`), "price: r.toml:5: source is missing"},
		{"source", day("date = 2026-01-02", `base = "EUR"`, `source = "t"`, "[day.rates]", `USD = "1"`), `price: r.toml:8: source: "t" is not the key`},
		{"no rates", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`), "price: r.toml:5: rates are missing"},
		{"twice", day("date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", `USD = "1"`, "[[day]]", "date = 2026-01-02", `base = "EUR"`, `source = "s"`, "[day.rates]", `USD = "1"`),
			"price: r.toml:16: USD: a second rate of EUR in USD on 2026-01-02, after line 10"},
	} {
		_, err := readFX(test.file)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %s", test.name, err, test.want)
		}
	}
}

func TestBuiltinFX(t *testing.T) {
	fx, err := BuiltinFX()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range fx.Quotes() {
		if q.Source.URL == "" || q.Source.Date.Compare(q.Date) < 0 {
			t.Errorf("line %d: a rate without address, or read before its day: %+v", q.Line, q)
		}
	}
}

// 100 dollars are 717.03 yuan, and 100 yuan 19,874 won.
func TestBuiltinFXGoesByWayOfTheYuan(t *testing.T) {
	fx, err := BuiltinFX()
	if err != nil {
		t.Fatal(err)
	}
	c, err := fx.Rate("USD", "KRW", Date{})
	if err != nil {
		t.Fatal(err)
	}
	if want := big.NewRat(71703*19874, 10000*100); c.Factor.Cmp(want) != 0 || c.Date().String() != "2025-01-21" {
		t.Errorf("a dollar is %s won on %v, want %s on 2025-01-21", c.Factor.RatString(), c.Date(), want.RatString())
	}
	if _, err := fx.Rate("USD", "INR", Date{}); !errors.Is(err, ErrNoRate) {
		t.Errorf("rupees: got error %v, want one that says there is no rate", err)
	}
}

func FuzzReadFX(f *testing.F) {
	f.Add(fxTable)
	f.Add(fxSource + "[[day]]\ndate = 2026-01-02\nbase = \"EUR\"\nsource = \"s\"\n[day.rates]\nUSD = \"1.2\"\nKRW = \"3\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		fx, err := readFX(s)
		if err != nil {
			return
		}
		for _, q := range fx.Quotes() {
			if c, err := fx.Rate(q.Currency, q.Base, q.Date); err != nil || c.Factor.Sign() <= 0 {
				t.Errorf("no way back: %v, %v", c, err)
			}
		}
	})
}
