// Package corpora holds parallel text: the same content in several languages,
// cut into segments that correspond one to one.
//
// Think of a [Corpus] as a table. Its rows are segments, each with a key that
// is the same in every language; its columns are languages. Rows lie in
// documents (neighbouring segments of one text are not independent samples)
// and documents in domains (which move the measured figures more than sampling
// does). A reader makes a Corpus only if the table is full: a missing, doubled
// or displaced key is an error with file and line, never a guess.
//
// Texts are taken as they are: no normalisation, no trimming.
package corpora

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language as a canonical BCP 47 tag: "en", "zh-Hans", "pt-BR".
type Lang string

// ParseLang returns the canonical form of a BCP 47 tag. It does not add a
// script or region that the tag leaves out.
func ParseLang(s string) (Lang, error) {
	l, err := parseLang(s)
	if err != nil {
		return "", fmt.Errorf("corpora: %w", err)
	}
	return l, nil
}

// parseLang is ParseLang without the package in the error.
func parseLang(s string) (Lang, error) {
	t, err := language.Parse(s)
	if err != nil {
		return "", fmt.Errorf("%q is no BCP 47 language tag (such as en, ja, zh-Hans): %w", s, err)
	}
	return Lang(t.String()), nil
}

// Segment is one row of a corpus in one language.
type Segment struct {
	Key    string // the same content has the same Key in every language
	Doc    string // document that the segment is part of, unique in the corpus
	Domain string
	Text   string
}

// Corpus is parallel text in memory. It is immutable and safe for concurrent
// use.
type Corpus struct {
	Name    string
	Version string
	License string // SPDX
	Title   string // one line for a reader
	// Files is the number of segments from each file, where a language was
	// read from several, one behind the other (as dev and devtest of FLORES).
	// Nil means that there was one. Only Joined asks for it.
	Files []int

	// Headline are the languages to measure when nobody names any; nil means
	// all. A table of more than a few languages is hard to read.
	Headline []Lang

	domains []string
	langs   []Lang
	texts   map[Lang][]Segment // all with the same keys in the same order
}

// New makes a corpus of segments by language, in the order of langs. All
// languages must have the same keys, documents and domains in the same order.
func New(name string, langs []Lang, texts map[Lang][]Segment) (*Corpus, error) {
	if len(langs) == 0 {
		return nil, fmt.Errorf("corpora: %s: no language", name)
	}
	c := &Corpus{Name: name, langs: slices.Clone(langs), texts: make(map[Lang][]Segment, len(langs))}
	base := texts[langs[0]]
	if len(base) == 0 {
		return nil, fmt.Errorf("corpora: %s: no segment in %s", name, langs[0])
	}
	seen := make(map[string]bool, len(base))
	for _, s := range base {
		if seen[s.Key] {
			return nil, fmt.Errorf("corpora: %s: %s: key %q twice", name, langs[0], s.Key)
		}
		seen[s.Key] = true
		if !slices.Contains(c.domains, s.Domain) {
			c.domains = append(c.domains, s.Domain)
		}
	}
	for n, l := range langs {
		if slices.Contains(langs[:n], l) {
			return nil, fmt.Errorf("corpora: %s: language %s twice", name, l)
		}
		segs := texts[l]
		for i := range min(len(segs), len(base)) {
			a, b := base[i], segs[i]
			if a.Key != b.Key || a.Doc != b.Doc || a.Domain != b.Domain {
				return nil, fmt.Errorf("corpora: %s: segment %d is %q in %s but %q in %s", name, i+1, a.Key, langs[0], b.Key, l)
			}
		}
		if len(segs) != len(base) {
			return nil, fmt.Errorf("corpora: %s: %d segments in %s but %d in %s", name, len(base), langs[0], len(segs), l)
		}
		c.texts[l] = slices.Clone(segs)
	}
	return c, nil
}

// Domains returns the names of the domains in order.
func (c *Corpus) Domains() []string { return slices.Clone(c.domains) }

// Langs returns the languages in order.
func (c *Corpus) Langs() []Lang { return slices.Clone(c.langs) }

// Len returns the number of segments in each language.
func (c *Corpus) Len() int { return len(c.texts[c.langs[0]]) }

// Docs returns the number of documents.
func (c *Corpus) Docs() int {
	docs := make(map[string]bool)
	for _, s := range c.texts[c.langs[0]] {
		docs[s.Doc] = true
	}
	return len(docs)
}

// Segments yields the segments of one language in order. A language that the
// corpus lacks is one error.
func (c *Corpus) Segments(lang Lang) iter.Seq2[Segment, error] {
	return func(yield func(Segment, error) bool) {
		segs, ok := c.texts[lang]
		if !ok {
			yield(Segment{}, fmt.Errorf("corpora: %s has no %s; it has %s", c.Name, lang, joinLangs(c.langs)))
			return
		}
		for _, s := range segs {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// Joined returns all segments of one language in order as one text: a blank
// behind each, and one more between two files. It is the text that Petrov et
// al. count (compute/compute_tokenizations.py of their tokenization-fairness:
// the lines of dev and of devtest, split at each line feed and joined by a
// blank, so that the nothing behind the last line feed of a file is an empty
// line).
func (c *Corpus) Joined(lang Lang) (string, error) {
	segs, ok := c.texts[lang]
	if !ok {
		return "", fmt.Errorf("corpora: %s has no %s; it has %s", c.Name, lang, joinLangs(c.langs))
	}
	ends := make(map[int]bool) // segments before which a file begins
	at := 0
	for _, n := range c.Files {
		at += n
		ends[at] = true
	}
	var b strings.Builder
	for i, s := range segs {
		if i > 0 && ends[i] {
			b.WriteByte(' ')
		}
		b.WriteString(s.Text)
		b.WriteByte(' ')
	}
	return b.String(), nil
}

// Map returns the corpus with the text of every segment replaced by f of it.
func (c *Corpus) Map(f func(text string) string) *Corpus {
	m := *c
	m.texts = make(map[Lang][]Segment, len(c.texts))
	for l, segs := range c.texts {
		segs = slices.Clone(segs)
		for i := range segs {
			segs[i].Text = f(segs[i].Text)
		}
		m.texts[l] = segs
	}
	return &m
}

// Digest is the SHA-256, as "sha256:" and hex, over the number of segments and
// then every language in order: its tag, then each segment's domain, document,
// key and text. The number is in decimal; it and each string stand behind
// their length in bytes, in decimal, and a colon, so that two corpora cannot
// give the same bytes. The digest changes exactly if the languages, the
// segments or their order do; the names by which a corpus is known are not in
// it.
func (c *Corpus) Digest() string {
	h := sha256.New()
	put := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	put(strconv.Itoa(c.Len()))
	for _, l := range c.langs {
		put(string(l))
		for _, s := range c.texts[l] {
			put(s.Domain)
			put(s.Doc)
			put(s.Key)
			put(s.Text)
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Select returns the corpus with only these languages, in this order, and
// only these domains; nil means all.
func (c *Corpus) Select(langs []Lang, domains []string) (*Corpus, error) {
	if langs == nil {
		langs = c.langs
	}
	for _, d := range domains {
		if !slices.Contains(c.domains, d) {
			return nil, fmt.Errorf("corpora: %s has no domain %q; it has %s", c.Name, d, strings.Join(c.domains, ", "))
		}
	}
	texts := make(map[Lang][]Segment, len(langs))
	for _, l := range langs {
		if _, ok := c.texts[l]; !ok {
			return nil, fmt.Errorf("corpora: %s has no %s; it has %s", c.Name, l, joinLangs(c.langs))
		}
		var keep []Segment
		for _, s := range c.texts[l] {
			if domains == nil || slices.Contains(domains, s.Domain) {
				keep = append(keep, s)
			}
		}
		texts[l] = keep
	}
	sel, err := New(c.Name, langs, texts)
	if err != nil {
		return nil, err
	}
	sel.Version, sel.License, sel.Title = c.Version, c.License, c.Title
	if domains == nil {
		sel.Files = slices.Clone(c.Files)
	}
	for _, l := range c.Headline {
		if slices.Contains(langs, l) {
			sel.Headline = append(sel.Headline, l)
		}
	}
	return sel, nil
}

func joinLangs(langs []Lang) string {
	s := make([]string, len(langs))
	for i, l := range langs {
		s[i] = string(l)
	}
	return strings.Join(s, ", ")
}
