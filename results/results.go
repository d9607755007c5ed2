// Package results is the record format that measuring and reporting share:
// a file of JSON lines that anyone can read again without a tokenizer.
//
// The file holds one [Run] (what was measured, with what, on which machine),
// then [Texts] (the sizes of each segment of a text), [Record] (the token
// count of each segment under one vocabulary) and, if it was asked for, [Whole]
// (what of a language is no sum over segments). Counts are kept by segment, so
// that every statistic can be recomputed from the file: nothing in it is an
// average.
//
// The package is a leaf: it imports nothing else of this module, and every
// other package may speak it.
package results

import (
	"fmt"
	"time"
)

// Schema is the version of the record format. A reader refuses a file of a
// newer one. It changes when an old reader would not understand a new file.
// Version 2 has Whole, Record.Split, Record.Unknown and Run.Normalize.
const Schema = 2

// Item is one line of a file. Exactly one of the fields is set.
type Item struct {
	Run    *Run    `json:"run,omitempty"`
	Texts  *Texts  `json:"texts,omitempty"`
	Record *Record `json:"record,omitempty"`
	Whole  *Whole  `json:"whole,omitempty"`
}

// Run says what was measured, with what and where. It is the first item of a
// file.
type Run struct {
	Schema  int       `json:"schema"`
	Tool    string    `json:"tool"`    // "babelmeter"
	Version string    `json:"version"` // of the tool: module version and revision
	Command []string  `json:"command"` // as typed, without the environment
	Started time.Time `json:"started"`
	Host    Host      `json:"host"`
	Seed    uint64    `json:"seed"` // of every resampling made from these records
	Base    string    `json:"base"` // base language, BCP 47
	// Normalize is the normal form that the texts were brought to before they
	// were counted: "nfc", "nfd", "nfkc"; empty means that they were left as
	// they are.
	Normalize string `json:"normalize,omitempty"`
	// Normalized is the version of Unicode of Normalize.
	Normalized string   `json:"normalize_unicode,omitempty"`
	Corpora    []Corpus `json:"corpora"`
	Vocabs     []Vocab  `json:"vocabularies"`
	// Compared tells what other engines do on the same vocabularies.
	Compared []Compared `json:"compared,omitempty"`
}

// Compared is another engine held to the vectors of a vocabulary. If Err is
// set, it could not be: it does not read the vocabulary, or failed.
type Compared struct {
	Vocab    string   `json:"vocab"`
	Engine   string   `json:"engine"`
	Version  string   `json:"engine_version"`
	Verified Verified `json:"verified"`
	Err      string   `json:"err,omitempty"`
}

// Host is the machine and the toolchain of a run.
type Host struct {
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	CPUs    int    `json:"cpus"`
	Unicode string `json:"unicode"` // of grapheme and word counts
}

// Corpus identifies a text that was measured.
type Corpus struct {
	Name     string   `json:"name"`
	Version  string   `json:"version,omitempty"`
	License  string   `json:"license,omitempty"` // SPDX
	Digest   string   `json:"digest"`            // "sha256:…" of all segments, see corpora.Corpus.Digest
	Domains  []string `json:"domains"`
	Langs    []string `json:"langs"`
	Segments int      `json:"segments"` // in each language
	Docs     int      `json:"documents"`
	// NotNFC is the number of segments of each language that are not in
	// normal form C: NFC would change them, and perhaps their counts.
	NotNFC map[string]int `json:"not_nfc,omitempty"`
}

// Vocab identifies a vocabulary and the engine that counted with it.
type Vocab struct {
	Name      string   `json:"name"`
	Engine    string   `json:"engine"`
	Version   string   `json:"engine_version"`
	Digest    string   `json:"digest"` // "sha256:…" of the vocabulary file(s)
	License   string   `json:"license,omitempty"`
	Reference string   `json:"reference"` // the implementation whose ids are the truth, with its version
	Unicode   string   `json:"unicode,omitempty"`
	Verified  Verified `json:"verified"`
	Models    []Model  `json:"models,omitempty"`
	// Needs is what it would take to count with it: the environment variable of
	// a key, or a flag. If it is set there are no records of this vocabulary.
	Needs string `json:"needs,omitempty"`
	// StandIn is the vocabulary that was counted with in place of this one, which
	// is not public: every count is an estimate.
	StandIn string `json:"stand_in,omitempty"`
	// Asked tells how a vendor's endpoint was asked, if that counted.
	Asked *Asked `json:"asked,omitempty"`
}

// Asked is a model whose tokens a vendor's endpoint counted. Counts are those of
// the text: Framing tokens that the vendor counts beside it were measured and
// subtracted. If Lo and Hi differ, the measurements do not agree, and a count
// may be off by Hi − Lo.
type Asked struct {
	API     string `json:"api"`
	Model   string `json:"model"`
	Date    string `json:"date"` // of the first answer
	Framing int    `json:"framing"`
	Lo      int    `json:"framing_lo"`
	Hi      int    `json:"framing_hi"`
	Probes  int    `json:"framing_probes"`
	Note    string `json:"framing_note,omitempty"` // what the probes leave open
}

// Verified is what the engine was held to before it was counted: Agree of
// Texts reference vectors gave the reference's ids. Texts is 0 if there are no
// vectors for the vocabulary.
type Verified struct {
	Texts int    `json:"texts"`
	Agree int    `json:"agree"`
	First string `json:"first_difference,omitempty"`
}

// OK reports whether there were vectors and all agreed.
func (v Verified) OK() bool { return v.Texts > 0 && v.Agree == v.Texts }

// Model is a model that a vocabulary serves, and how sure that is: "exact",
// "vendor_proxy", "api" or "estimate".
type Model struct {
	Name       string `json:"name"`
	Provenance string `json:"provenance"`
	Evidence   string `json:"evidence,omitempty"`
}

// Texts holds the sizes of the segments of one language in one domain. All
// slices have the same length and order as those of the Records with the same
// Corpus and Domain.
type Texts struct {
	Corpus    string   `json:"corpus"`
	Domain    string   `json:"domain"`
	Lang      string   `json:"lang"`
	Keys      []string `json:"keys"`      // segment keys, the same in every language
	Docs      []string `json:"docs"`      // document of each segment
	Bytes     []uint32 `json:"bytes"`     // UTF-8 bytes
	Chars     []uint32 `json:"chars"`     // code points
	Graphemes []uint32 `json:"graphemes"` // extended grapheme clusters, UAX #29
	Words     []uint32 `json:"words"`     // UAX #29 words with a letter or digit
}

// Record holds the tokens of each segment of one language in one domain under
// one vocabulary, counted by one engine. If Err is set, the engine failed and
// Tokens is nil.
type Record struct {
	Corpus string   `json:"corpus"`
	Domain string   `json:"domain"`
	Lang   string   `json:"lang"`
	Vocab  string   `json:"vocab"`
	Engine string   `json:"engine"`
	Tokens []uint32 `json:"tokens,omitempty"`
	// Split are the tokens of each segment that are not whole characters, as
	// bytes of one; Unknown those that stand for what the vocabulary cannot
	// spell. Nil where it was not asked for or the engine does not tell.
	Split   []uint32 `json:"split,omitempty"`
	Unknown []uint32 `json:"unknown,omitempty"`
	Err     string   `json:"err,omitempty"`
}

// Whole holds what of one language under one vocabulary, over all domains, is
// no sum over segments. If Err is set, the engine failed and the counts are
// zero.
type Whole struct {
	Corpus string `json:"corpus"`
	Lang   string `json:"lang"`
	Vocab  string `json:"vocab"`
	Engine string `json:"engine"`
	// Joined is the number of tokens of all segments joined to one text, as
	// corpora.Corpus.Joined does.
	Joined uint64 `json:"joined,omitempty"`
	// Size is how many different tokens a text can become, 0 if the engine
	// does not tell.
	Size uint64 `json:"vocab_size,omitempty"`
	// Spectrum tells how often the tokens occur, each segment encoded alone:
	// pairs of a number of occurrences, ascending, and how many different
	// tokens have it.
	Spectrum [][2]uint64 `json:"spectrum,omitempty"`
	// Words is the number of words (UAX #29, with a letter or digit) that
	// stand in the segments, Single how many of them are one token, alone or
	// with the blank before them.
	Words  uint64 `json:"words,omitempty"`
	Single uint64 `json:"single_token_words,omitempty"`
	Err    string `json:"err,omitempty"`
}

// Check reports what is wrong with an item on its own: not exactly one field
// set, a slice of another length, texts without a segment, a record with
// neither counts nor error or with both.
func (it *Item) Check() error {
	n := 0
	if it.Run != nil {
		n++
		if err := it.Run.check(); err != nil {
			return err
		}
	}
	if t := it.Texts; t != nil {
		n++
		if t.Corpus == "" || t.Lang == "" {
			return fmt.Errorf("texts: corpus or lang missing")
		}
		if len(t.Keys) == 0 {
			return fmt.Errorf("texts %s/%s/%s: no segments", t.Corpus, t.Domain, t.Lang)
		}
		for _, l := range []struct {
			name string
			n    int
		}{{"docs", len(t.Docs)}, {"bytes", len(t.Bytes)}, {"chars", len(t.Chars)}, {"graphemes", len(t.Graphemes)}, {"words", len(t.Words)}} {
			if l.n != len(t.Keys) {
				return fmt.Errorf("texts %s/%s/%s: %d keys but %d %s", t.Corpus, t.Domain, t.Lang, len(t.Keys), l.n, l.name)
			}
		}
	}
	if r := it.Record; r != nil {
		n++
		if r.Corpus == "" || r.Lang == "" || r.Vocab == "" || r.Engine == "" {
			return fmt.Errorf("record: corpus, lang, vocab or engine missing")
		}
		if (len(r.Tokens) == 0) == (r.Err == "") {
			return fmt.Errorf("record %s/%s/%s/%s: expected either tokens or err", r.Vocab, r.Corpus, r.Domain, r.Lang)
		}
		for _, l := range []struct {
			name   string
			counts []uint32
		}{{"split", r.Split}, {"unknown", r.Unknown}} {
			if l.counts != nil && len(l.counts) != len(r.Tokens) {
				return fmt.Errorf("record %s/%s/%s/%s: %d tokens but %d %s", r.Vocab, r.Corpus, r.Domain, r.Lang, len(r.Tokens), len(l.counts), l.name)
			}
			for i, c := range l.counts {
				if c > r.Tokens[i] {
					return fmt.Errorf("record %s/%s/%s/%s: segment %d has %d tokens, %d of them %s", r.Vocab, r.Corpus, r.Domain, r.Lang, i+1, r.Tokens[i], c, l.name)
				}
			}
		}
	}
	if w := it.Whole; w != nil {
		n++
		if err := w.check(); err != nil {
			return err
		}
	}
	if n != 1 {
		return fmt.Errorf("expected one of run, texts, record, whole on a line, found %d", n)
	}
	return nil
}

func (r *Run) check() error {
	if r.Schema > Schema || r.Schema < 1 {
		return fmt.Errorf("schema %d is not one that this program reads (1 to %d): use the version that wrote the file (%q) or a newer one", r.Schema, Schema, r.Version)
	}
	if r.Base == "" {
		return fmt.Errorf("run: base language missing")
	}
	return nil
}

func (w *Whole) check() error {
	if w.Corpus == "" || w.Lang == "" || w.Vocab == "" || w.Engine == "" {
		return fmt.Errorf("whole: corpus, lang, vocab or engine missing")
	}
	if (w.Joined == 0) == (w.Err == "") {
		return fmt.Errorf("whole %s/%s/%s: expected either joined or err", w.Vocab, w.Corpus, w.Lang)
	}
	if w.Single > w.Words {
		return fmt.Errorf("whole %s/%s/%s: %d of %d words are one token", w.Vocab, w.Corpus, w.Lang, w.Single, w.Words)
	}
	var last uint64
	for _, p := range w.Spectrum {
		if p[0] <= last || p[1] == 0 {
			return fmt.Errorf("whole %s/%s/%s: spectrum: expected ascending occurrences, each of one token or more, found [%d,%d]", w.Vocab, w.Corpus, w.Lang, p[0], p[1])
		}
		last = p[0]
	}
	return nil
}
