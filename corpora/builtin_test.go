package corpora_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/babelmeter/babelmeter/corpora"
)

func builtin(t testing.TB) *corpora.Corpus {
	t.Helper()
	c, err := corpora.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// headline are the languages that the main job must show, in its order.
var headline = []corpora.Lang{"en", "zh-Hans", "zh-Hant", "ja", "ko"}

func segments(t testing.TB, c *corpora.Corpus, l corpora.Lang) []corpora.Segment {
	t.Helper()
	var segs []corpora.Segment
	for s, err := range c.Segments(l) {
		if err != nil {
			t.Fatal(err)
		}
		segs = append(segs, s)
	}
	return segs
}

func TestBuiltinIsLargeEnough(t *testing.T) {
	c := builtin(t)
	if langs := c.Langs(); len(langs) < len(headline) || !slices.Equal(langs[:len(headline)], headline) {
		t.Errorf("languages %v: want them to begin with %v", langs, headline)
	}
	if !slices.Equal(c.Headline, headline) {
		t.Errorf("headline %v, want %v", c.Headline, headline)
	}
	if n := len(c.Domains()); n != 8 {
		t.Errorf("%d domains, want 8", n)
	}
	for _, l := range c.Langs() {
		count := make(map[string]int)
		docs := make(map[string]map[string]bool)
		for _, s := range segments(t, c, l) {
			count[s.Domain]++
			if docs[s.Domain] == nil {
				docs[s.Domain] = make(map[string]bool)
			}
			docs[s.Domain][s.Doc] = true
		}
		for _, d := range c.Domains() {
			if count[d] != 60 {
				t.Errorf("%s/%s: %d segments, want 60", d, l, count[d])
			}
			// Below two, how documents vary is not in the interval.
			if len(docs[d]) < 2 {
				t.Errorf("%s/%s: %d documents, want at least 2", d, l, len(docs[d]))
			}
		}
	}
	if c.Name != "builtin" || c.Version == "" || c.License != "CC0-1.0" || c.Title == "" {
		t.Errorf("what it is called: %q %q %q %q", c.Name, c.Version, c.License, c.Title)
	}
}

// Rows correspond by their keys.
func TestBuiltinIsAligned(t *testing.T) {
	c := builtin(t)
	base := segments(t, c, "en")
	for _, l := range c.Langs() {
		segs := segments(t, c, l)
		if len(segs) != len(base) {
			t.Errorf("%s: %d segments, en has %d", l, len(segs), len(base))
			continue
		}
		for i, s := range segs {
			if b := base[i]; s.Key != b.Key || s.Doc != b.Doc || s.Domain != b.Domain {
				t.Errorf("%s: segment %d is %s of %s, in en %s of %s", l, i+1, s.Key, s.Doc, b.Key, b.Doc)
				break
			}
		}
	}
}

func TestBuiltinTextIsClean(t *testing.T) {
	c := builtin(t)
	for _, l := range c.Langs() {
		seen := make(map[string]string)
		for _, s := range segments(t, c, l) {
			if !norm.NFC.IsNormalString(s.Text) {
				t.Errorf("%s %s is not NFC: %+q", l, s.Key, s.Text)
			}
			if i := strings.IndexFunc(s.Text, func(r rune) bool {
				return r == unicode.ReplacementChar || r == '\ufeff' || unicode.Is(unicode.Co, r) || unicode.IsControl(r) && r != '\n' && r != '\t'
			}); i >= 0 {
				t.Errorf("%s %s: byte %d of the text is a replacement, private or control character: %+q", l, s.Key, i, s.Text[i:min(i+12, len(s.Text))])
			}
			if s.Text != strings.TrimSpace(s.Text) {
				t.Errorf("%s %s begins or ends with white space: %q", l, s.Key, s.Text)
			}
			for line := range strings.SplitSeq(s.Text, "\n") {
				if strings.TrimRight(line, " \t\u3000") != line {
					t.Errorf("%s %s: a line ends with white space: %q", l, s.Key, line)
				}
			}
			if other, dup := seen[s.Text]; dup {
				t.Errorf("%s: %s has the same text as %s: %q", l, s.Key, other, s.Text)
			}
			seen[s.Text] = s.Key
		}
	}
}

// scripts are those that a language is written in.
var scripts = map[corpora.Lang][]*unicode.RangeTable{
	"en":      {unicode.Latin},
	"zh-Hans": {unicode.Han},
	"zh-Hant": {unicode.Han},
	"ja":      {unicode.Han, unicode.Hiragana, unicode.Katakana},
	"ko":      {unicode.Hangul},
	"vi":      {unicode.Latin},
	"th":      {unicode.Thai},
	"id":      {unicode.Latin},
	"hi":      {unicode.Devanagari},
}

// Names, code and tool calls are in Latin script everywhere, and take two or
// three letters where Chinese takes one; the text around them is in the
// language's own.
func TestBuiltinIsInItsOwnScript(t *testing.T) {
	c := builtin(t)
	for _, l := range c.Langs() {
		own, all := make(map[string]int), make(map[string]int)
		kana := 0
		for _, s := range segments(t, c, l) {
			for _, r := range s.Text {
				if !unicode.IsLetter(r) {
					continue
				}
				all[s.Domain]++
				if unicode.In(r, scripts[l]...) || r == 'ー' {
					own[s.Domain]++
				}
				if unicode.In(r, unicode.Hiragana, unicode.Katakana) {
					kana++
				}
			}
		}
		for _, d := range c.Domains() {
			share := float64(own[d]) / float64(all[d])
			if share < 0.5 {
				t.Errorf("%s/%s: only %.3f of the letters are in the language's own script", d, l, share)
			}
		}
		if (l == "ja") != (kana > 1000) {
			t.Errorf("%s: %d kana", l, kana)
		}
	}
}

// Characters that tell simplified from traditional Chinese, all common.
const (
	simplifiedOnly  = "们这来说时会对过还个为没样请务费间题长开"
	traditionalOnly = "們這來說時會對過還個為沒樣請務費間題長開"
)

func TestBuiltinChineseScripts(t *testing.T) {
	c := builtin(t)
	count := func(l corpora.Lang, set string) (n int) {
		for _, s := range segments(t, c, l) {
			for _, r := range s.Text {
				if strings.ContainsRune(set, r) {
					n++
				}
			}
		}
		return n
	}
	for _, x := range []struct {
		lang       corpora.Lang
		own, alien string
	}{{"zh-Hans", simplifiedOnly, traditionalOnly}, {"zh-Hant", traditionalOnly, simplifiedOnly}} {
		if own, alien := count(x.lang, x.own), count(x.lang, x.alien); own < 500 || alien > 0 {
			t.Errorf("%s: %d characters of its own and %d of the other script, want at least 500 and 0", x.lang, own, alien)
		}
	}
}

// A text left untranslated would be a premium of exactly one.
func TestBuiltinIsTranslated(t *testing.T) {
	c := builtin(t)
	texts := make(map[corpora.Lang][]corpora.Segment)
	for _, l := range c.Langs() {
		texts[l] = segments(t, c, l)
	}
	for _, a := range slices.Sorted(maps.Keys(texts)) {
		for _, b := range c.Langs() {
			if a >= b {
				continue
			}
			same := 0
			for i := range texts[a] {
				if texts[a][i].Text == texts[b][i].Text {
					same++
					t.Logf("%s %s and %s: %q", texts[a][i].Key, a, b, texts[a][i].Text)
				}
			}
			limit := 0
			if strings.HasPrefix(string(a), "zh") && strings.HasPrefix(string(b), "zh") {
				limit = len(texts[a]) / 50 // a heading of characters that both have
			}
			if same > limit {
				t.Errorf("%s and %s have the same text in %d segments, want at most %d", a, b, same, limit)
			}
		}
	}
}
