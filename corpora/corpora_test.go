package corpora_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/corpora"
)

func TestParseLang(t *testing.T) {
	for _, c := range []struct {
		in   string
		want corpora.Lang
	}{
		{"en", "en"}, {"EN", "en"}, {"zh-hans", "zh-Hans"}, {"zh_Hant", "zh-Hant"}, {"pt-br", "pt-BR"},
		{"zh", "zh"},       // no script is added
		{"zh-CN", "zh-CN"}, // nor is one made of the region
		{"en-Latn", "en-Latn"},
		{"iw", "he"}, // a retired tag has a canonical form
	} {
		got, err := corpora.ParseLang(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseLang(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"", "jp", "english", "notes", "zh-", "en\x00", "日本語", "-"} {
		got, err := corpora.ParseLang(in)
		if err == nil || got != "" || !strings.HasPrefix(err.Error(), "corpora: ") || !strings.Contains(err.Error(), "BCP 47") {
			t.Errorf("ParseLang(%q) = %q, %v; want an error that says BCP 47", in, got, err)
		}
	}
}

// row makes a segment of the document doc of the domain "d".
func row(doc, n, text string) corpora.Segment {
	return corpora.Segment{Key: doc + "." + n, Doc: doc, Domain: "d", Text: text}
}

func newCorpus(t testing.TB, langs []corpora.Lang, texts map[corpora.Lang][]corpora.Segment) *corpora.Corpus {
	t.Helper()
	c, err := corpora.New("test", langs, texts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefusesWhatIsNotATable(t *testing.T) {
	en := []corpora.Segment{row("a", "1", "one"), row("a", "2", "two")}
	other := row("a", "2", "zwei")
	moved, domain := other, other
	moved.Doc, domain.Domain = "b", "e"
	for _, c := range []struct {
		name  string
		langs []corpora.Lang
		texts map[corpora.Lang][]corpora.Segment
		want  string
	}{
		{"no language", nil, nil, "corpora: test: no language"},
		{"no segment", []corpora.Lang{"en"}, nil, "corpora: test: no segment in en"},
		{"key twice", []corpora.Lang{"en"}, map[corpora.Lang][]corpora.Segment{"en": {en[0], en[0]}}, `corpora: test: en: key "a.1" twice`},
		{"language twice", []corpora.Lang{"en", "en"}, map[corpora.Lang][]corpora.Segment{"en": en}, "corpora: test: language en twice"},
		{"language empty", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en}, "corpora: test: 2 segments in en but 0 in de"},
		{"one missing", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en, "de": en[:1]}, "corpora: test: 2 segments in en but 1 in de"},
		{"one more", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en[:1], "de": en}, "corpora: test: 1 segments in en but 2 in de"},
		{"another order", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en, "de": {en[1], en[0]}}, `corpora: test: segment 1 is "a.1" in en but "a.2" in de`},
		{"another document", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en, "de": {en[0], moved}}, `corpora: test: segment 2 is "a.2" in en but "a.2" in de`},
		{"another domain", []corpora.Lang{"en", "de"}, map[corpora.Lang][]corpora.Segment{"en": en, "de": {en[0], domain}}, `corpora: test: segment 2 is "a.2" in en but "a.2" in de`},
	} {
		_, err := corpora.New("test", c.langs, c.texts)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

// three is a corpus of two domains, three documents and four segments.
func three(t testing.TB) *corpora.Corpus {
	texts := make(map[corpora.Lang][]corpora.Segment)
	for _, l := range []corpora.Lang{"en", "ja", "ko"} {
		for _, s := range []corpora.Segment{
			{Key: "x.p.1", Doc: "x.p", Domain: "x"}, {Key: "x.p.2", Doc: "x.p", Domain: "x"},
			{Key: "x.q.1", Doc: "x.q", Domain: "x"}, {Key: "y.p.1", Doc: "y.p", Domain: "y"},
		} {
			s.Text = string(l) + " " + s.Key
			texts[l] = append(texts[l], s)
		}
	}
	c := newCorpus(t, []corpora.Lang{"en", "ja", "ko"}, texts)
	c.Version, c.License, c.Title = "1", "CC0-1.0", "for a test"
	return c
}

func textsOf(t testing.TB, c *corpora.Corpus, l corpora.Lang) []string {
	t.Helper()
	var texts []string
	for s, err := range c.Segments(l) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, s.Text)
	}
	return texts
}

func TestSegments(t *testing.T) {
	c := three(t)
	if got := []int{c.Len(), c.Docs(), len(c.Domains()), len(c.Langs())}; !slices.Equal(got, []int{4, 3, 2, 3}) {
		t.Errorf("got %d segments, documents, domains and languages; want 4, 3, 2, 3", got)
	}
	if diff := cmp.Diff([]string{"ja x.p.1", "ja x.p.2", "ja x.q.1", "ja y.p.1"}, textsOf(t, c, "ja")); diff != "" {
		t.Errorf("segments of ja (-want +got):\n%s", diff)
	}
	for range c.Segments("en") {
		break // must not panic
	}
	n := 0
	for s, err := range c.Segments("fr") {
		n++
		if err == nil || err.Error() != "corpora: test has no fr; it has en, ja, ko" || s != (corpora.Segment{}) {
			t.Errorf("Segments of a language that is not there: %+v, %v", s, err)
		}
	}
	if n != 1 {
		t.Errorf("Segments of a language that is not there yields %d items, want 1", n)
	}
}

// A Corpus is immutable: what it returns and was made of can be changed.
func TestCorpusIsItsOwnCopy(t *testing.T) {
	langs := []corpora.Lang{"en"}
	segs := []corpora.Segment{row("a", "1", "one")}
	c := newCorpus(t, langs, map[corpora.Lang][]corpora.Segment{"en": segs})
	before := c.Digest()
	langs[0], segs[0].Text = "xx", "changed"
	c.Langs()[0] = "yy"
	c.Domains()[0] = "zz"
	if c.Digest() != before || c.Langs()[0] != "en" || c.Domains()[0] != "d" {
		t.Error("the corpus changed with what it was made of or returned")
	}
}

func TestSelect(t *testing.T) {
	c := three(t)
	check := func(langs []corpora.Lang, domains []string, wantLangs []corpora.Lang, wantDomains []string, wantLen int) {
		t.Helper()
		s, err := c.Select(langs, domains)
		if err != nil {
			t.Errorf("Select(%v, %v): %v", langs, domains, err)
			return
		}
		if diff := cmp.Diff(wantLangs, s.Langs()); diff != "" {
			t.Errorf("Select(%v, %v): languages (-want +got):\n%s", langs, domains, diff)
		}
		if diff := cmp.Diff(wantDomains, s.Domains()); diff != "" {
			t.Errorf("Select(%v, %v): domains (-want +got):\n%s", langs, domains, diff)
		}
		if s.Len() != wantLen {
			t.Errorf("Select(%v, %v) has %d segments, want %d", langs, domains, s.Len(), wantLen)
		}
		if s.Name != "test" || s.Version != "1" || s.License != "CC0-1.0" || s.Title != "for a test" {
			t.Errorf("Select(%v, %v) loses what the corpus is called: %+v", langs, domains, s)
		}
	}
	all := []corpora.Lang{"en", "ja", "ko"}
	check(nil, nil, all, []string{"x", "y"}, 4)
	check([]corpora.Lang{"ko", "en"}, nil, []corpora.Lang{"ko", "en"}, []string{"x", "y"}, 4)
	check(nil, []string{"y"}, all, []string{"y"}, 1)
	check([]corpora.Lang{"ja"}, []string{"y", "x"}, []corpora.Lang{"ja"}, []string{"x", "y"}, 4) // the corpus's order

	c.Headline = []corpora.Lang{"en", "ko"}
	if s, err := c.Select([]corpora.Lang{"ja", "ko"}, []string{"y"}); err != nil || !slices.Equal(s.Headline, []corpora.Lang{"ko"}) {
		t.Errorf("headline en and ko, of which ko is selected: got %v, %v", s.Headline, err)
	}

	whole, err := c.Select(nil, nil)
	if err != nil || whole.Digest() != c.Digest() {
		t.Errorf("selecting everything changes the digest (%v)", err)
	}
	for _, e := range []struct {
		langs   []corpora.Lang
		domains []string
		want    string
	}{
		{[]corpora.Lang{"fr"}, nil, "corpora: test has no fr; it has en, ja, ko"},
		{nil, []string{"x", "z"}, `corpora: test has no domain "z"; it has x, y`},
		{[]corpora.Lang{}, nil, "corpora: test: no language"},
		{nil, []string{}, "corpora: test: no segment in en"},
		{[]corpora.Lang{"ja", "ja"}, nil, "corpora: test: language ja twice"},
	} {
		if _, err := c.Select(e.langs, e.domains); err == nil || err.Error() != e.want {
			t.Errorf("Select(%v, %v): got error %v, want %s", e.langs, e.domains, err, e.want)
		}
	}
}

// The digest changes exactly when content does.
func TestDigest(t *testing.T) {
	make2 := func(change func(segs []corpora.Segment)) *corpora.Corpus {
		texts := make(map[corpora.Lang][]corpora.Segment)
		for _, l := range []corpora.Lang{"en", "ja"} {
			segs := []corpora.Segment{row("a", "1", "one"), row("a", "2", "two"), row("b", "1", "three")}
			change(segs)
			texts[l] = segs
		}
		return newCorpus(t, []corpora.Lang{"en", "ja"}, texts)
	}
	nothing := func([]corpora.Segment) {}
	base := make2(nothing)
	if again := make2(nothing); again.Digest() != base.Digest() {
		t.Error("equal corpora have different digests")
	}
	if len(base.Digest()) != len("sha256:")+64 || !strings.HasPrefix(base.Digest(), "sha256:") {
		t.Errorf("digest %q: want sha256: and 64 digits", base.Digest())
	}
	named := make2(nothing)
	named.Name, named.Version, named.License, named.Title = "other", "9", "MIT", "?"
	if named.Digest() != base.Digest() {
		t.Error("the digest depends on what the corpus is called")
	}

	seen := map[string]string{base.Digest(): "the base"}
	differs := func(name string, c *corpora.Corpus) {
		t.Helper()
		if other, dup := seen[c.Digest()]; dup {
			t.Errorf("%s has the same digest as %s", name, other)
		}
		seen[c.Digest()] = name
	}
	differs("another text", make2(func(s []corpora.Segment) { s[1].Text = "Two" }))
	differs("a space more", make2(func(s []corpora.Segment) { s[1].Text = "two " }))
	differs("another key", make2(func(s []corpora.Segment) { s[1].Key = "a.3" }))
	differs("another document", make2(func(s []corpora.Segment) { s[1].Doc = "c" }))
	differs("another domain", make2(func(s []corpora.Segment) { s[1].Domain = "e" }))
	differs("another order", make2(func(s []corpora.Segment) { s[0], s[1] = s[1], s[0] }))
	for _, langs := range [][]corpora.Lang{{"en"}, {"ja"}, {"ja", "en"}} {
		c, err := base.Select(langs, nil)
		if err != nil {
			t.Fatal(err)
		}
		differs(string(langs[0])+" first", c)
	}

	// A zero byte is text like any other.
	one := func(segs ...corpora.Segment) *corpora.Corpus {
		return newCorpus(t, []corpora.Lang{"en"}, map[corpora.Lang][]corpora.Segment{"en": segs})
	}
	differs("two segments", one(row("a", "1", "x"), row("a", "2", "y")))
	// With zero bytes between the fields, this would be the same string.
	differs("one with a zero byte", one(row("a", "1", "x\x00d\x00a\x00a.2\x00y")))
}

// A blank behind each segment, and one more where a file ends and another
// begins: "a\nb\n" and "c\n" split at line feeds are a, b, nothing, c, nothing.
func TestJoined(t *testing.T) {
	segs := []corpora.Segment{{Key: "1", Text: "a"}, {Key: "2", Text: "b"}, {Key: "3", Text: "c"}}
	c, err := corpora.New("x", []corpora.Lang{"en"}, map[corpora.Lang][]corpora.Segment{"en": segs})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		files []int
		want  string
	}{
		{nil, "a b c "},
		{[]int{3}, "a b c "},
		{[]int{2, 1}, "a b  c "},
		{[]int{1, 1, 1}, "a  b  c "},
	} {
		c.Files = test.files
		if got, err := c.Joined("en"); err != nil || got != test.want || got != strings.Join(files(segs, test.files), " ") {
			t.Errorf("files %v: %q, %v, want %q", test.files, got, err, test.want)
		}
	}
	if _, err := c.Joined("ja"); err == nil || err.Error() != "corpora: x has no ja; it has en" {
		t.Errorf("a language that is not there: %v", err)
	}
	all, err := c.Select(nil, nil)
	if err != nil || len(all.Files) != 3 {
		t.Errorf("Select of everything: files %v, %v", all.Files, err)
	}
}

// files are the lines of files as Python's split('\n') gives them.
func files(segs []corpora.Segment, sizes []int) (lines []string) {
	if sizes == nil {
		sizes = []int{len(segs)}
	}
	for _, n := range sizes {
		text := ""
		for _, s := range segs[:n] {
			text += s.Text + "\n"
		}
		segs = segs[n:]
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return lines
}

func TestMap(t *testing.T) {
	segs := []corpora.Segment{{Key: "1", Doc: "d", Domain: "x", Text: "a"}}
	c, err := corpora.New("x", []corpora.Lang{"en"}, map[corpora.Lang][]corpora.Segment{"en": segs})
	if err != nil {
		t.Fatal(err)
	}
	m := c.Map(strings.ToUpper)
	for s := range m.Segments("en") {
		if s != (corpora.Segment{Key: "1", Doc: "d", Domain: "x", Text: "A"}) {
			t.Errorf("got %+v", s)
		}
	}
	for s := range c.Segments("en") {
		if s.Text != "a" {
			t.Errorf("the corpus itself was changed: %+v", s)
		}
	}
	if m.Digest() == c.Digest() {
		t.Error("the same digest")
	}
}
