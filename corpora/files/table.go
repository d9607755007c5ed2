package files

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// unit is a segment as a reader finds it: some or all of its texts.
type unit struct {
	key    string // "" numbers it within its document, or in the corpus
	doc    string // "" if unknown
	domain string // "" if unknown
	texts  []text
	file   string
	line   int
}

type text struct {
	lang corpora.Lang
	text string
}

// where is the place of a unit in messages.
func (u *unit) where() string {
	if u.line == 0 {
		return u.file
	}
	return u.file + ":" + strconv.Itoa(u.line)
}

// table collects units until they are a corpus.
type table struct {
	l      *loader
	name   string
	langs  []corpora.Lang
	rows   []row
	byKey  map[string]int
	count  map[string]int // units of each document
	names  map[string]string
	bytes  int64
	empty  int  // units without a text
	merged bool // several files speak of the same units
}

type row struct {
	key, doc, domain string
	texts            []string // as table.langs; may be shorter
	file             string
	line             int
}

func newTable(l *loader, name string) *table {
	return &table{l: l, name: name, byKey: make(map[string]int), count: make(map[string]int), names: make(map[string]string)}
}

// lang returns the column of a language.
func (t *table) lang(l corpora.Lang) int {
	i := slices.Index(t.langs, l)
	if i < 0 {
		i = len(t.langs)
		t.langs = append(t.langs, l)
	}
	return i
}

// intern keeps one copy of a string that many rows share.
func (t *table) intern(s string) string {
	if c, ok := t.names[s]; ok {
		return c
	}
	s = strings.Clone(s)
	t.names[s] = s
	t.bytes += int64(len(s)) + overhead
	return s
}

// add takes a unit. With a key that the table has, its texts are put to those:
// in a table that is merged, otherwise only where they do not meet a text.
func (t *table) add(u unit) error {
	doc := t.intern(u.doc)
	t.count[doc]++
	if u.key == "" {
		u.key = strconv.Itoa(t.count[doc])
		if doc != "" {
			u.key = doc + "." + u.key
		}
	}
	domain := u.domain
	if domain == "" || t.l.o.OneDomain {
		domain = "text"
	}
	i, known := t.byKey[u.key]
	if !known {
		// Of a unit without a text that was asked for nothing is held. One that
		// stands for a single language may find its texts later.
		wanted, blank := 0, 0
		for _, x := range u.texts {
			if t.l.wants(x.lang) {
				t.lang(x.lang)
				wanted++
				if strings.TrimSpace(x.text) == "" {
					blank++
				}
			}
		}
		if wanted == 0 && len(u.texts) <= 1 {
			return nil
		}
		if wanted == blank && len(u.texts) > 1 {
			t.empty++
			return nil
		}
		i = len(t.rows)
		key := strings.Clone(u.key)
		if doc == "" {
			doc = key // a segment that no document is known of stands for itself
		}
		t.rows = append(t.rows, row{key: key, doc: doc, domain: t.intern(domain), file: u.file, line: u.line})
		t.byKey[key] = i
		t.bytes += int64(len(key)) + overhead
	}
	r := &t.rows[i]
	if known {
		if u.domain != "" && !t.l.o.OneDomain && u.domain != r.domain {
			return fmt.Errorf("%s: segment %s is of domain %q, but of %q at %s", u.where(), u.key, u.domain, r.domain, r.where())
		}
		if u.doc != "" && u.doc != r.doc {
			return fmt.Errorf("%s: segment %s is of document %q, but of %q at %s", u.where(), u.key, u.doc, r.doc, r.where())
		}
	}
	for n, x := range u.texts {
		if !t.l.wants(x.lang) {
			continue
		}
		c := t.lang(x.lang)
		if strings.TrimSpace(x.text) == "" {
			continue
		}
		for len(r.texts) <= c {
			r.texts = append(r.texts, "")
		}
		switch {
		case r.texts[c] == "":
			r.texts[c] = strings.Clone(x.text)
			t.bytes += int64(len(x.text)) + overhead
		case r.texts[c] == x.text:
			if known && !t.merged && !slices.ContainsFunc(u.texts[:n], func(y text) bool { return y.lang == x.lang }) {
				return fmt.Errorf("%s: segment %s stands at %s already", u.where(), u.key, r.where())
			}
		case !known:
			return fmt.Errorf("%s: segment %s has two texts in %s; if the codes of the file mean different languages, say which", u.where(), u.key, x.lang)
		case t.merged:
			return fmt.Errorf("%s: the text of segment %s in %s is not that of %s: %q, %q", u.where(), u.key, x.lang, r.where(), clip(x.text), clip(r.texts[c]))
		default:
			return fmt.Errorf("%s: segment %s stands at %s already", u.where(), u.key, r.where())
		}
	}
	if t.bytes > t.l.o.MaxMemory {
		return fmt.Errorf("%s: the corpus takes more than %d MiB of memory; select languages, or measure it in parts", u.where(), t.l.o.MaxMemory>>20)
	}
	return nil
}

func (r *row) where() string {
	u := unit{file: r.file, line: r.line}
	return u.where()
}

// corpus makes a corpus of the rows.
func (t *table) corpus() (*corpora.Corpus, error) {
	langs := slices.Clone(t.langs)
	houseOrder(langs)
	if t.l.o.Langs != nil {
		var err error
		if langs, err = t.l.pick(langs); err != nil {
			return nil, fmt.Errorf("corpora: %w", err)
		}
	}
	column := make([]int, len(langs))
	for i, l := range langs {
		column[i] = slices.Index(t.langs, l)
	}
	kept := t.rows[:0]
	missing := make([]int, len(langs))
	empty, dropped := t.empty, 0
	for _, r := range t.rows {
		lacks := -1
		has := 0
		for i, c := range column {
			if c < len(r.texts) && r.texts[c] != "" {
				has++
				continue
			}
			if lacks < 0 {
				lacks = i
			}
			missing[i]++
		}
		switch {
		case lacks < 0:
			kept = append(kept, r)
		case has == 0:
			empty++
			for i := range missing {
				missing[i]--
			}
		case t.l.o.Drop:
			dropped++
		default:
			return nil, fmt.Errorf("corpora: %s: segment %s has no text in %s; leave out such segments, or select languages that have all", r.where(), r.key, langs[lacks])
		}
	}
	if empty > 0 {
		t.l.note("%s: %d segments left out: no text in %s", t.name, empty, cmp.Or(join(t.l.o.Langs), "any language"))
	}
	if dropped > 0 {
		var by []string
		for i, l := range langs {
			if missing[i] > 0 {
				by = append(by, fmt.Sprintf("%s %d", l, missing[i]))
			}
		}
		t.l.note("%s: %d of %d segments left out: no text in every language (missing in %s)", t.name, dropped, dropped+len(kept), strings.Join(by, ", "))
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("corpora: %s: no segment in all of the languages %s", t.name, join(langs))
	}
	texts := make(map[corpora.Lang][]corpora.Segment, len(langs))
	for i, l := range langs {
		segs := make([]corpora.Segment, len(kept))
		for n, r := range kept {
			segs[n] = corpora.Segment{Key: r.key, Doc: r.doc, Domain: r.domain, Text: r.texts[column[i]]}
		}
		texts[l] = segs
	}
	return corpora.New(t.name, langs, texts)
}

func join(langs []corpora.Lang) string {
	s := make([]string, len(langs))
	for i, l := range langs {
		s[i] = string(l)
	}
	return strings.Join(s, ", ")
}

func clip(s string) string {
	if r := []rune(s[:min(len(s), 400)]); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
