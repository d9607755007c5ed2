package workload

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/internal/tomlfile"
	"github.com/babelmeter/babelmeter/results/price"
)

const (
	maxFile = 256 << 10 // bytes
	maxPart = 100_000_000
	maxNum  = 1_000_000_000
)

var langRE = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// Read reads a workload. Anything that is not understood is an error, which has
// a line for each problem, with file, line and what is allowed:
//
//	name = "support"
//	title = "Support in Korean and Japanese"
//	unit = "tokens"            # or "words", of the base language
//	notes = "where the figures come from"
//	peak_per_minute = 120      # requests in the busiest minute
//
//	[[input]]                  # each piece that a request sends
//	name = "system prompt"
//	size = 900
//	lang = "en"                # always in it; left out: the user's language
//	cached = true              # begins every request and is the same
//	context = true             # levers.context_cut makes it shorter
//
//	[[output]]                 # [[thinking]] is output that is not said
//	name = "answer"
//	size = 300
//
//	[mix]                      # shares of the users' languages, together 1
//	ko = "0.6"
//	ja = "0.4"
//
//	[levers]                   # shares of one, each left out is 0
//	answered = "0.3"           # by an own cache, without the model
//	retries = "0.02"           # sent once more
//	cache_hit = "0.8"          # find the cached parts with the provider
//	context_cut = "0.5"        # of the context parts left out
//	batch = "0.2"              # may wait
//	routed = "0.4"             # go to the model of route_to
//	route_to = "gpt-4o-mini"
//	distilled = "0.1"          # go to a distilled model of the same vocabulary
//	distilled_price = "0.2"    # at so much of the price
//
//	[business]                 # see Business; money in currency
//	currency = "USD"
//	customers = 100
//	seats = 50                 # of a customer
//	seat_price = "40"          # a month
//	conversations = "60"       # of a seat in a month
//	turns = "4"                # requests of a conversation
//	other_cost = "0.3"         # of revenue
//	growth = "2"               # of usage, each period
//	periods = 4
//	period = "year"
//
// Numbers with a point are strings, since a TOML number would go through binary
// floating point.
func Read(r io.Reader, name string) (*Workload, error) {
	root, err := tomlfile.Read(r, name, maxFile)
	if err != nil {
		return nil, err
	}
	w := &Workload{File: name}
	w.Name = root.Required("name", "a short name, as support")
	w.Title = root.Text("title")
	if w.Title == "" {
		w.Title = w.Name
	}
	w.Notes = root.Text("notes")
	w.Unit = tomlfile.OneOf(root, "unit", Tokens, Tokens, Words)
	w.PeakPerMinute = root.Count("peak_per_minute", 0, maxNum)
	for _, kind := range []Kind{Input, Output, Thinking} {
		for _, t := range root.Tables(string(kind)) {
			w.Parts = append(w.Parts, readPart(t, kind))
		}
	}
	if len(w.Parts) == 0 {
		root.Fail("", "nothing goes in or out: want tables headed [[input]], [[output]] or [[thinking]]")
	}
	// A cache holds beginnings.
	slices.SortStableFunc(w.Parts, func(a, b Part) int {
		switch {
		case a.Cached == b.Cached:
			return 0
		case a.Cached:
			return -1
		}
		return 1
	})
	if t := root.Table("mix"); t != nil {
		w.Mix = readMix(t)
	}
	if t := root.Table("levers"); t != nil {
		w.Levers = readLevers(t, w)
	}
	if t := root.Table("business"); t != nil {
		w.Business = readBusiness(t)
	}
	root.Finish()
	if err := root.Err(); err != nil {
		return nil, err
	}
	return w, nil
}

func readPart(t *tomlfile.Table, kind Kind) Part {
	p := Part{Kind: kind}
	p.Name = t.Required("name", "what it is, as system prompt")
	if !t.Has("size") {
		t.Fail("", "size is missing: want how long the part is in the base language")
	}
	p.Size = t.Count("size", 1, maxPart)
	p.Lang = readLang(t, "lang")
	if kind == Input {
		p.Cached = t.Bool("cached")
		p.Context = t.Bool("context")
		if p.Cached && p.Context {
			t.Fail("context", "true in a part that is cached: what changes from call to call cannot be")
		}
	}
	t.Finish()
	return p
}

func readLang(t *tomlfile.Table, key string) string {
	l := t.Text(key)
	if l != "" && !langRE.MatchString(l) {
		t.Fail(key, "%q is not a language tag: want one of BCP 47, as ko or zh-Hans", l)
		return ""
	}
	return l
}

func readMix(t *tomlfile.Table) (mix []Share) {
	var sum price.Decimal
	for _, key := range t.Keys() {
		if !langRE.MatchString(key) {
			t.Fail(key, "not a language tag: want one of BCP 47, as ko or zh-Hans")
			t.Text(key)
			continue
		}
		d, ok := readDecimal(t, key, "0", "1")
		if ok && d.Sign() == 0 {
			t.Fail(key, "0: leave the language out")
		}
		mix = append(mix, Share{key, d})
		sum = sum.Add(d)
	}
	if sum.Cmp(price.NewDecimal(1)) != 0 {
		t.Fail("", "the shares of [mix] are %s together: want 1", sum)
	}
	return mix
}

func readLevers(t *tomlfile.Table, w *Workload) (l Levers) {
	share := func(key string, most string) price.Decimal {
		d, _ := readDecimal(t, key, "0", most)
		return d
	}
	l.Answered = share("answered", "1")
	l.Retries = share("retries", "10")
	l.CacheHit = share("cache_hit", "1")
	l.ContextCut = share("context_cut", "1")
	l.Batch = share("batch", "1")
	l.Routed = share("routed", "1")
	l.RouteTo = t.Text("route_to")
	l.Distilled = share("distilled", "1")
	l.DistilledPrice = share("distilled_price", "1")
	one := price.NewDecimal(1)
	if l.Routed.Sign() > 0 && l.RouteTo == "" {
		t.Fail("routed", "%s, but route_to is missing: want the model that takes them", l.Routed)
	}
	if l.RouteTo != "" && l.Routed.Sign() == 0 {
		t.Fail("route_to", "a model, but routed is missing: want the share of calls that it takes")
	}
	if l.Distilled.Sign() > 0 && l.DistilledPrice.Sign() == 0 {
		t.Fail("distilled", "%s, but distilled_price is missing: want its price over that of the model, as \"0.2\"", l.Distilled)
	}
	if l.Routed.Add(l.Distilled).Cmp(one) > 0 {
		t.Fail("", "routed and distilled are %s together: want at most 1", l.Routed.Add(l.Distilled))
	}
	has := func(is func(Part) bool) bool { return slices.ContainsFunc(w.Parts, is) }
	if l.CacheHit.Sign() > 0 && !has(func(p Part) bool { return p.Cached }) {
		t.Fail("cache_hit", "%s, but no part has cached = true", l.CacheHit)
	}
	if l.ContextCut.Sign() > 0 && !has(func(p Part) bool { return p.Context }) {
		t.Fail("context_cut", "%s, but no part has context = true", l.ContextCut)
	}
	t.Finish()
	return l
}

func readBusiness(t *tomlfile.Table) *Business {
	b := new(Business)
	need := func(key, what string) {
		if !t.Has(key) {
			t.Fail("", "%s is missing: want %s", key, what)
		}
	}
	need("customers", "how many there are")
	need("seat_price", "what a seat pays a month")
	need("conversations", "how many a seat has in a month")
	b.Currency = t.Text("currency")
	if b.Currency == "" {
		b.Currency = "USD"
	} else if !currencyRE.MatchString(b.Currency) {
		t.Fail("currency", "%q: want the three capital letters of ISO 4217, as USD", b.Currency)
	}
	b.Customers = t.Count("customers", 1, maxNum)
	b.Seats = max(t.Count("seats", 1, maxNum), 1)
	b.SeatPrice, _ = readDecimal(t, "seat_price", "0", "")
	b.Conversations, _ = readDecimal(t, "conversations", "0", "")
	b.Turns = price.NewDecimal(1)
	if t.Has("turns") {
		b.Turns, _ = readDecimal(t, "turns", "0", "")
	}
	b.OtherCost, _ = readDecimal(t, "other_cost", "0", "10")
	b.Growth = price.NewDecimal(1)
	if t.Has("growth") {
		b.Growth, _ = readDecimal(t, "growth", "0", "1000")
	}
	b.Periods = max(t.Count("periods", 1, 60), 1)
	if b.PeriodName = t.Text("period"); b.PeriodName == "" {
		b.PeriodName = "period"
	}
	t.Finish()
	return b
}

var currencyRE = regexp.MustCompile(`^[A-Z]{3}$`)

// readDecimal returns the number of a key, from least to most; no most is no
// limit. There is none if the key is not there.
func readDecimal(t *tomlfile.Table, key, least, most string) (d price.Decimal, ok bool) {
	if !t.Has(key) {
		t.Text(key)
		return d, false
	}
	s := t.Text(key)
	if s == "" {
		return d, false
	}
	d, err := price.ParseDecimal(s)
	if err != nil {
		t.Fail(key, "%s", strings.TrimPrefix(err.Error(), "price: "))
		return price.Decimal{}, false
	}
	lo, _ := price.ParseDecimal(least)
	if d.Cmp(lo) < 0 {
		t.Fail(key, "%s: want a number from %s%s", d, least, upTo(most))
		return price.Decimal{}, false
	}
	if most != "" {
		if hi, _ := price.ParseDecimal(most); d.Cmp(hi) > 0 {
			t.Fail(key, "%s: want a number from %s%s", d, least, upTo(most))
			return price.Decimal{}, false
		}
	}
	return d, true
}

func upTo(most string) string {
	if most == "" {
		return " on"
	}
	return fmt.Sprintf(" to %s", most)
}
