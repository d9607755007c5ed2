// Package lint finds what is wrong with parallel text: segments that do not
// correspond, characters that nobody wrote on purpose, a language that is not
// the one it says.
//
// Think of a [Rule] as a question to every segment of one language beside the
// base language's. The answer is a [Finding] or nothing; a rule changes no
// text. Rules look for what a careful editor would mend: what a language
// allows is allowed (a no-break space in French, joiners in Hindi), and a
// rule that a corpus breaks on purpose is disabled by its name. A corpus
// without findings is clean, not good: no rule reads.
package lint

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"github.com/babelmeter/babelmeter/corpora"
)

// Rule is one kind of finding.
type Rule struct {
	Name string // [a-z0-9-]+, to disable it by
	What string // what is found, for a reader
	Fix  string // what to do about a finding

	check func(*check)
}

// Finding is one thing that is wrong.
type Finding struct {
	Rule    string
	Lang    corpora.Lang
	Segment string // key; empty if the finding is of a file
	File    string // empty if the finding is of a segment
	Line    int    // of File, from 1; 0 if of the whole file
	Problem string // what is wrong, one line
	Excerpt string // where: some characters of the text, invisible ones as <U+200B>
}

// rules in the order in which findings are given. Those without check are of
// files: see [Folder].
func rules() []Rule {
	return []Rule{
		{"format", "a file that cannot be read in the plain format", "mend the line; the data card of the built-in corpus has the format", nil},
		{"utf8", "bytes that are not UTF-8", "convert the file to UTF-8 from the encoding that it has", nil},
		{"bom", "a byte order mark", "save as UTF-8 without BOM; inside a text, delete it", (*check).bom},
		{"cr", "carriage returns", "save with LF line ends", (*check).cr},
		{"alignment", "a segment that another language lacks, or in another place", "add what is missing, in the order of the base language", nil},
		{"shift", "texts that fit their neighbours' keys better than their own", "look for a line that is missing or doubled before this segment", (*check).shift},
		{"empty", "a segment without a visible character", "write the text, or take the segment out of every language", (*check).empty},
		{"duplicate", "a text that stands twice in a language", "say it differently, or take one out of every language", (*check).duplicate},
		{"length", fmt.Sprintf("a length %g times and %d deviations off what is usual", lengthFactor, lengthMADs), "compare with the base: something may be missing or displaced", (*check).length},
		{"untranslated", "text left as in the base language", "translate it; code, names and addresses may stay", (*check).untranslated},
		{"script", "text in a script that is not the language's", "is it in the language that it is filed under?", (*check).script},
		{"variant", "simplified characters in zh-Hant or ja, traditional in zh-Hans", "write the character of the language's own standard", (*check).variant},
		{"nfc", "text that is not in Unicode's normal form C", "normalise to NFC: other forms look the same and cost more tokens", (*check).nfc},
		{"width", "half-width katakana or hangul, full-width letters or digits", "write katakana full width and ASCII letters and digits half width", (*check).width},
		{"space", "white space at an end, doubled, or of an unusual kind", "write one ordinary space, or none", (*check).space},
		{"invisible", "characters that cannot be seen: zero-width, directional, tags", "delete them where the language's spelling does not need them", (*check).invisible},
		{"control", "control characters and line separators", "delete them", (*check).control},
		{"replacement", "U+FFFD, private characters, noncharacters: text that was lost", "write the text anew from its source", (*check).replacement},
		{"quotes", "quotes doubled by a CSV writer", "read the CSV as CSV, or write each quote once", (*check).quotes},
	}
}

// Rules returns all rules in order.
func Rules() []Rule { return rules() }

// Options say what to look for.
type Options struct {
	Base    corpora.Lang // that the others are compared with; default: the corpus's first
	Disable []string     // names of rules
}

// Validate says which rule does not exist, if any.
func (o Options) Validate() error {
	var names []string
	for _, r := range rules() {
		names = append(names, r.Name)
	}
	for _, d := range o.Disable {
		if !slices.Contains(names, d) {
			return fmt.Errorf("lint: no rule %q; there are %s", d, strings.Join(names, ", "))
		}
	}
	return nil
}

// Corpus returns what the rules find in a corpus: in the order of the rules,
// then of its languages, then of its segments.
func Corpus(c *corpora.Corpus, o Options) ([]Finding, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	langs := c.Langs()
	if o.Base == "" {
		o.Base = langs[0]
	}
	base, err := texts(c, o.Base)
	if err != nil {
		return nil, fmt.Errorf("lint: base language: %w", err)
	}
	byLang := make([][]corpora.Segment, len(langs))
	for i, l := range langs {
		if byLang[i], err = texts(c, l); err != nil {
			return nil, err
		}
	}
	var all []Finding
	for _, r := range rules() {
		if r.check == nil || slices.Contains(o.Disable, r.Name) {
			continue
		}
		for i, l := range langs {
			k := &check{rule: r.Name, lang: l, tag: language.Make(string(l)), isBase: l == o.Base, baseLang: o.Base, base: base, segs: byLang[i]}
			r.check(k)
			all = append(all, k.found...)
		}
	}
	return all, nil
}

func texts(c *corpora.Corpus, l corpora.Lang) ([]corpora.Segment, error) {
	segs := make([]corpora.Segment, 0, c.Len())
	for s, err := range c.Segments(l) {
		if err != nil {
			return nil, err
		}
		segs = append(segs, s)
	}
	return segs, nil
}

// check is one rule looking at one language.
type check struct {
	rule     string
	lang     corpora.Lang
	tag      language.Tag
	isBase   bool
	baseLang corpora.Lang
	base     []corpora.Segment // rows as in segs
	segs     []corpora.Segment
	found    []Finding
}

// add reports segment i; at is the byte offset of what is wrong.
func (k *check) add(i, at int, format string, args ...any) {
	s := k.segs[i]
	k.found = append(k.found, Finding{Rule: k.rule, Lang: k.lang, Segment: s.Key,
		Problem: fmt.Sprintf(format, args...), Excerpt: excerpt(s.Text, at)})
}

// runes reports, once a segment, the runes that bad tells, with their number.
func (k *check) runes(what string, bad func(r rune) bool) {
	for i, s := range k.segs {
		first, n := -1, 0
		var which rune
		for at, r := range s.Text {
			if bad(r) {
				if n++; first < 0 {
					first, which = at, r
				}
			}
		}
		if n > 0 {
			k.add(i, first, "%s%s%s", what, visible(which), times(n))
		}
	}
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n-1)
}

// Lengths of an excerpt in runes: before what is wrong, and in all.
const (
	excerptBefore = 12
	excerptRunes  = 36
)

// excerpt returns the text around byte offset at on one line.
func excerpt(text string, at int) string {
	start := at
	for range excerptBefore {
		if start == 0 {
			break
		}
		start--
		for start > 0 && !runeStart(text[start]) {
			start--
		}
	}
	var b strings.Builder
	if start > 0 {
		b.WriteString("…")
	}
	n := 0
	for _, r := range text[start:] {
		if n++; n > excerptRunes {
			b.WriteString("…")
			break
		}
		if r == '\n' {
			b.WriteString("⏎")
		} else {
			b.WriteString(visible(r))
		}
	}
	return b.String()
}

func runeStart(b byte) bool { return b&0xC0 != 0x80 }

// visible returns the rune itself, or its code point where it would not be
// seen.
func visible(r rune) string {
	if r == ' ' || unicode.IsPrint(r) && r != unicode.ReplacementChar && !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return string(r)
	}
	return fmt.Sprintf("<U+%04X>", r)
}
