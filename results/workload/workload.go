// Package workload says what an application asks of a model: how much text of
// which kind and language goes in and comes out, how often, and what is done
// to pay for less of it.
//
// Think of a [Workload] as the content, told once, in the base language: a
// system prompt of 900 tokens, an answer of 400. How many tokens that is in
// Korean under another vocabulary is for package cost to say. A part whose
// language is given stays in it, as a system prompt that is always English; all
// others are in the language of the user.
//
// Shares and factors are exact decimals, as money is. Each one is an assumption
// of whoever wrote the file: the built-in profiles say where theirs come from.
package workload

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/results/price"
)

// Unit is what the sizes of a workload are counted in, in the base language.
type Unit string

const (
	Tokens Unit = "tokens" // of the base model's vocabulary
	Words  Unit = "words"  // UAX #29 words with a letter or digit
)

// Kind is the side of a request that a part is on.
type Kind string

const (
	Input    Kind = "input"
	Output   Kind = "output"
	Thinking Kind = "thinking" // output that is thought and not said
)

// A Part is a piece of every request.
type Part struct {
	Kind Kind
	Name string // for people: "system prompt"
	Size int64  // in the workload's unit, in the base language
	// Lang is the language that the part is always in; empty: the user's.
	Lang string
	// Cached: it begins the request and is the same every time, so that the
	// provider may keep it. Such parts come before the others.
	Cached bool
	// Context: retrieval, compression of the history and shorter templates can
	// leave some of it out: see Levers.ContextCut.
	Context bool
}

// A Share is how much of the requests is in a language.
type Share struct {
	Lang  string
	Share price.Decimal // of one
}

// Levers are what is done to pay for less, and what makes it more. All are
// shares of one.
type Levers struct {
	Answered   price.Decimal // requests that an own cache answers without the model
	Retries    price.Decimal // requests sent once more: 0.02 is 2 in 100
	CacheHit   price.Decimal // calls that find the cached parts in the provider's cache
	ContextCut price.Decimal // of the context parts, left out
	Batch      price.Decimal // calls that may wait and pay the batch price

	Routed  price.Decimal // calls that go to another model
	RouteTo string        // "model" or "provider/model"

	Distilled      price.Decimal // calls that a distilled model of the same vocabulary takes
	DistilledPrice price.Decimal // its price over that of the model: 0.1 is a tenth
}

// Business is what the requests earn, and what else they cost. Money is in the
// currency of the table that is made of it.
type Business struct {
	Currency      string
	Customers     int64
	Seats         int64         // of each customer
	SeatPrice     price.Decimal // a month
	Conversations price.Decimal // of a seat in a month
	Turns         price.Decimal // requests of a conversation
	OtherCost     price.Decimal // cost of revenue that is not inference, as a share of revenue
	Growth        price.Decimal // factor on usage from one period to the next
	Periods       int64         // how many of them
	PeriodName    string        // "year": for the titles of the columns
}

// A Workload is what an application asks of a model.
type Workload struct {
	Name  string
	Title string
	Notes string // where its figures come from
	Unit  Unit
	Parts []Part
	Mix   []Share // in the order of the file; nil: each language by itself
	// PeakPerMinute is how many requests come in the busiest minute, for rate
	// limits; 0: not known.
	PeakPerMinute int64
	Levers        Levers
	Business      *Business

	File string // that it was read from
}

// Langs returns the languages that the workload names itself: of its mix and of
// its parts.
func (w *Workload) Langs() []string {
	var langs []string
	add := func(l string) {
		if l != "" && !slices.Contains(langs, l) {
			langs = append(langs, l)
		}
	}
	for _, s := range w.Mix {
		add(s.Lang)
	}
	for _, p := range w.Parts {
		add(p.Lang)
	}
	return langs
}

//go:embed profiles/*.toml
var builtin embed.FS

// Names returns the names of the built-in profiles, from the smallest request
// to the largest.
func Names() []string { return []string{"classification", "faq", "rag", "docs", "agent"} }

// Builtin returns a built-in profile.
func Builtin(name string) (*Workload, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("workload: no profile %q; profiles: %s", name, strings.Join(Names(), ", "))
	}
	return ReadFile(builtin, "profiles/"+name+".toml")
}

// ReadFile reads a workload from a file of fsys.
func ReadFile(fsys fs.FS, name string) (*Workload, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("workload: %w", err)
	}
	defer f.Close()
	return Read(f, name)
}
