package lint_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/lint"
)

// The texts that are part of the program are what this package asks for.
func TestBuiltinHasNoFindings(t *testing.T) {
	c, err := corpora.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	found, err := lint.Corpus(c, lint.Options{Base: "en"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s %s %s: %s: %s", f.Rule, f.Lang, f.Segment, f.Problem, f.Excerpt)
	}
}

func TestRules(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9-]+$`)
	seen := make(map[string]bool)
	for _, r := range lint.Rules() {
		if !name.MatchString(r.Name) || seen[r.Name] || r.What == "" || r.Fix == "" {
			t.Errorf("rule %+v: want a name of its own, what it finds and what to do", r)
		}
		seen[r.Name] = true
	}
}

// pair makes a corpus of English and another language, one pair a segment.
func pair(t testing.TB, lang corpora.Lang, texts ...[2]string) *corpora.Corpus {
	t.Helper()
	m := make(map[corpora.Lang][]corpora.Segment)
	for i, p := range texts {
		s := corpora.Segment{Key: fmt.Sprintf("d.a.%d", i+1), Doc: "d.a", Domain: "d", Text: p[0]}
		m["en"] = append(m["en"], s)
		s.Text = p[1]
		m[lang] = append(m[lang], s)
	}
	c, err := corpora.New("test", []corpora.Lang{"en", lang}, m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func check(t testing.TB, c *corpora.Corpus, o lint.Options) []lint.Finding {
	t.Helper()
	found, err := lint.Corpus(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestOneSegment(t *testing.T) {
	const en = "The boat leaves from the north pier at nine."
	for _, c := range []struct {
		lang corpora.Lang
		base string // en if empty
		text string
		want string // rule: problem; empty for none
	}{
		{"ja", "", "船は北埠頭から9時に出ます。", ""},
		{"ja", "", "船は\ufeff北埠頭から9時に出ます。", "bom: byte order mark <U+FEFF>"},
		{"ja", "", "船は北埠頭から\r\n9時に出ます。\r", "cr: carriage return <U+000D>, and 1 more"},
		{"ja", "", "船は北埠頭から\u20289時に出ます。", "control: control character <U+2028>"},
		{"ja", "", "船は北\u0007埠頭から9時に出ます。", "control: control character <U+0007>"},
		{"ja", "", "船は北埠\ufffd\ufffdから9時に出ます。", "replacement: replacement character <U+FFFD>, and 1 more"},
		{"ja", "", "船は北埠\xe9から9時に出ます。", "replacement: a byte that is not UTF-8"},
		{"ja", "", "船は北埠\ue000から9時に出ます。", "replacement: private character <U+E000>"},
		{"ja", "", "船は北埠\U0001fffeから9時に出ます。", "replacement: noncharacter <U+1FFFE>"},
		{"ja", "", " \u3000\n", "empty: no visible character"},
		{"ja", "", "\u200b", "empty: no visible character, invisible: invisible character <U+200B>"},

		{"ja", "", "船は北ふと\u3099うから9時に出ます。", "nfc: not in normal form C; it would have 15 characters instead of 16"},
		{"ja", "", "船は北ﾌﾄｳから9時に出ます。", "width: half- or full-width ﾌ, and 2 more"},
		{"ja", "", "船は北埠頭から９時に出ます。", "width: half- or full-width ９"},
		{"ja", "", "（船は！）北埠頭から9時に出ます：～", ""},
		{"ko", "", "배는 ﾡ북쪽 부두에서 9시에 출발합니다.", "width: half- or full-width ﾡ"},

		{"ja", "", "\u3000船は北埠頭から9時に出ます。", "space: begins with white space"},
		{"ja", "", "船は北埠頭から9時に出ます。 ", "space: ends with white space"},
		{"ja", "", "船は北埠頭から \n9時に出ます。", "space: a line ends with white space"},
		{"ja", "", "船は\u3000北埠頭から9時に出ます。", ""},
		{"ko", "", "배는 북쪽  부두에서 9시에 출발합니다.", "space: two spaces one after the other"},
		{"ko", "", "배는 북쪽\u00a0부두에서 9시에 출발합니다.", "space: space of another kind <U+00A0>"},
		{"vi", "", "Thuyền rời bến\u3000phía bắc lúc chín giờ.", "space: space of another kind <U+3000>"},
		{"fr", "", "Attention\u00a0: le bateau part du quai nord à neuf heures\u202f!", ""},
		{"ja", "x = 1  # one\n    y = 2", "x = 1  # いち\n    y = 2", ""},

		{"ja", "", "船は\u200b北埠頭から9時に出ます。", "invisible: invisible character <U+200B>"},
		{"ja", "", "船は\u202e北埠頭から9時に出ます。", "invisible: invisible character <U+202E>"},
		{"ja", "", "船は葛\U000e0100飾から9時に出ます。", "invisible: invisible character <U+E0100>"},
		{"ja", "", "船は北埠頭から9時に出ます👨\u200d👩\u200d👧❤\ufe0f 1\ufe0f\u20e3", ""},
		{"ja", "", "船は北埠頭から9時に出ます🏴\U000e0067\U000e0062\U000e007f", ""},
		{"hi", "", "नाव उत्तरी घाट से नौ बजे चलती है, क्\u200dष।", ""},
		{"hi", "", "नाव उत्तरी\u200b घाट से नौ बजे चलती है।", "invisible: invisible character <U+200B>"},
		{"he", "", "הסירה יוצאת\u200f מהרציף הצפוני בתשע.", ""},
		{"ko", "", "배는 북쪽\u3164부두에서 9시에 출발합니다.", "invisible: invisible character <U+3164>"},

		{"zh-Hans", "", "船九点从北码头开出。", ""},
		{"zh-Hans", "", "船九點从北码頭开出。", "variant: traditional character 點, and 1 more"},
		{"zh-CN", "", "船九點从北码头开出。", "variant: traditional character 點"},
		{"zh-Hant", "", "船九點從北碼頭開出。", ""},
		{"zh-Hant", "", "船九点從北碼頭开出。", "variant: simplified character 点, and 1 more"},
		{"zh-TW", "", "船九點從北码頭開出。", "variant: simplified character 码"},
		{"yue", "", "隻船九點喺北碼头開。", "variant: simplified character 头"},
		{"zh", "", "船九點从北码頭开出。", ""}, // may be either
		{"zh-Hans", "", "后来干脆在台上发了一碗面。", ""},
		{"zh-Hant", "", "后來乾脆在台上吃了一碗麵，里長也在。", ""}, // 后 and 里 are traditional too
		{"ja", "", "船は北码头から9時に出ます。", "variant: simplified character, not in the Japanese standards: 码, and 1 more"},
		{"ja", "", "体育会の学生は国会で楽団の演奏を聞いた。", ""},

		{"ja", "", en, "untranslated: the same text as in en"},
		{"vi", "", en, "untranslated: the same text as in en"},
		{"ko", "", "배는 the boat leaves from the north pier at 9시에 출발합니다.", "untranslated: 7 words as in en: the boat leaves from the north pier"},
		{"ja", "pip install --upgrade tarnbase", "pip install --upgrade tarnbase", ""},
		{"ja", "See https://example.com/a/b and `make test`", "See https://example.com/a/b and `make test`", ""},
		{"ja", "SELECT name, age FROM users WHERE age = 3", "SELECT name, age FROM users WHERE age = 3;", ""},
		{"zh-Hant", "", "Le bateau part du quai nord.", "script: no letter in the script of zh-Hant (Hant)"},
		{"ja", "", "배는 북쪽 부두에서 9시에 출발합니다.", "script: 15 of 15 letters are neither in the script of ja (Jpan) nor Latin"},
		{"zh-Hans", "", "船は北埠頭から9時に出ます。", "script: 6 of 12 letters are neither in the script of zh-Hans (Hans) nor Latin, variant: traditional character 頭, and 1 more"},
		{"ja", "", "轮船", "variant: simplified character, not in the Japanese standards: 轮"},
		{"ja", "", strings.Repeat("船九時北埠頭出発", 6), "script: 48 Han characters without kana: is it Japanese?"},
		{"vi", "", "Лодка отходит от северного причала.", "script: 30 of 30 letters are neither in the script of vi (Latn) nor Latin"},
		{"ko", "", "배는 東京에서 9시에 출발합니다.", ""},
		{"tlh", "", "Лодка отходит.", ""}, // nobody says what Klingon is written in

		{"ja", `He said "no".`, `"彼は""いいえ""と言った。"`, `quotes: the text is quoted as a field of CSV`},
		{"ja", `He said "no".`, `彼は""いいえ"と言った。`, `quotes: a quote doubled`},
		{"ja", `He said "no".`, `"彼は「いいえ」と言った。"`, ``},
		{"ja", `reply := ""`, `返事 := ""`, ``},
	} {
		base := c.base
		if base == "" {
			base = en
		}
		var got []string
		for _, f := range check(t, pair(t, c.lang, [2]string{base, c.text}), lint.Options{}) {
			if f.Lang != c.lang || f.Segment != "d.a.1" || f.File != "" {
				t.Errorf("%s %q: %+v", c.lang, c.text, f)
			}
			got = append(got, f.Rule+": "+f.Problem)
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s %+q:\n got %s\nwant %s", c.lang, c.text, got, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	text := "一二三四五六七八九十一二三四五六七\u200b八九\n" + strings.Repeat("十", 40)
	f := check(t, pair(t, "zh-Hans", [2]string{"x", text}), lint.Options{})
	if len(f) != 1 || f[0].Excerpt != "…六七八九十一二三四五六七<U+200B>八九⏎"+strings.Repeat("十", 20)+"…" {
		t.Errorf("got %+v", f)
	}
}

func TestDuplicates(t *testing.T) {
	c := pair(t, "ko", [2]string{"yes", "예"}, [2]string{"indeed", "예"}, [2]string{"no", "아니요"}, [2]string{"no", "아니요"}, [2]string{"no", "아뇨"})
	want := []lint.Finding{
		{Rule: "duplicate", Lang: "en", Segment: "d.a.4", Problem: "same text as d.a.3", Excerpt: "no"},
		{Rule: "duplicate", Lang: "en", Segment: "d.a.5", Problem: "same text as d.a.3", Excerpt: "no"},
		{Rule: "duplicate", Lang: "ko", Segment: "d.a.2", Problem: "same text as d.a.1", Excerpt: "예"},
	}
	if diff := cmp.Diff(want, check(t, c, lint.Options{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// lengths makes texts whose lengths vary as those of prose do.
func lengths(n int) [][2]string {
	var p [][2]string
	for i := range n {
		size := 20 + i*i*37%160
		p = append(p, [2]string{fmt.Sprintf("%d %s", i, strings.Repeat("e", size)), fmt.Sprintf("%d %s", i, strings.Repeat("字", size/3+i*7%5))})
	}
	return p
}

func TestLengths(t *testing.T) {
	p := lengths(60)
	p[20][1] += strings.Repeat("字", 120)
	p[41][1] = p[41][1][:6]
	found := check(t, pair(t, "zh-Hans", p...), lint.Options{})
	if len(found) != 2 || found[0].Segment != "d.a.21" || found[1].Segment != "d.a.42" ||
		!strings.Contains(found[0].Problem, " longer than its length in en makes likely") || !strings.Contains(found[1].Problem, " shorter than ") {
		t.Errorf("got %+v", found)
	}
	// Too few to know what is usual.
	if found := check(t, pair(t, "zh-Hans", p[15:25]...), lint.Options{}); len(found) != 0 {
		t.Errorf("10 segments: got %+v", found)
	}
}

// A line that is missing in one place and doubled in another leaves the number
// of lines as it was.
func TestShift(t *testing.T) {
	p := lengths(120)
	if found := check(t, pair(t, "zh-Hans", p...), lint.Options{}); len(found) != 0 {
		t.Fatalf("before: %+v", found)
	}
	for i := 45; i < 119; i++ {
		p[i][1] = p[i+1][1]
	}
	p[119][1] = "字"
	found := check(t, pair(t, "zh-Hans", p...), lint.Options{Disable: []string{"length"}})
	if len(found) != 1 || found[0].Rule != "shift" || found[0].Problem != "from here on the lengths are those of en by +1 segments" {
		t.Fatalf("got %+v", found)
	}
	if found[0].Segment != "d.a.46" && found[0].Segment != "d.a.31" && found[0].Segment != "d.a.61" {
		t.Errorf("the shift at d.a.46 is reported at %s", found[0].Segment)
	}
}

func TestDisable(t *testing.T) {
	c := pair(t, "ja", [2]string{"A boat.", "船\u200bﾌﾈ"})
	if n := len(check(t, c, lint.Options{})); n != 2 {
		t.Errorf("%d findings, want 2", n)
	}
	if f := check(t, c, lint.Options{Disable: []string{"width", "invisible"}}); len(f) != 0 {
		t.Errorf("disabled: %+v", f)
	}
	if _, err := lint.Corpus(c, lint.Options{Disable: []string{"widht"}}); err == nil || !strings.HasPrefix(err.Error(), `lint: no rule "widht"; there are format, utf8, `) {
		t.Errorf("got %v", err)
	}
	if _, err := lint.Corpus(c, lint.Options{Base: "ko"}); err == nil || err.Error() != "lint: base language: corpora: test has no ko; it has en, ja" {
		t.Errorf("got %v", err)
	}
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestFolder(t *testing.T) {
	const good = "[p]\n1: a boat\n2: b oar\n[q]\n1: c sail\n"
	fsys := fstest.MapFS{
		"d/en.txt":       file(good),
		"d/ja.txt":       file("\ufeff[p]\r\n1: 船だ\r\n2: 櫂だ\r\n[q]\r\n1: 帆だ\r\n"),
		"d/ko.txt":       file("[q]\n1: 돛\n[p]\n1: 배\n3: 노\n"),
		"d/th.txt":       file("[p]\n1: เรือ\n2: พาย\n3: เสา\n"),
		"d/vi.txt":       file("[q]\n1: buồm\n[p]\n1: thuyền\n2: m\xe1i chèo\n"),
		"d/japanese.txt": file(good),
		"e/en.txt":       file("[p]\n1: a mast\n"),
	}
	c, found, err := lint.Folder(fsys, "mine", "", lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c != nil {
		t.Errorf("a corpus of %d segments: ko could not be read and none is common", c.Len())
	}
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s|%s|%s:%d|%s|%s", f.Rule, f.Lang, f.File, f.Line, f.Segment, f.Problem))
	}
	want := []string{
		`format||d/japanese.txt:0||the file's name is not a language: "japanese" is no BCP 47 language tag (such as en, ja, zh-Hans): language: tag is not well-formed`,
		"format|ko|d/ko.txt:5||segment 3 of [p], expected 2: a segment is missing, doubled or displaced",
		"utf8|vi|d/vi.txt:5||byte 35 of the file (0xe1) is not UTF-8",
		"bom|ja|d/ja.txt:1||the file begins with a byte order mark",
		"cr|ja|d/ja.txt:1||carriage return, and 4 more",
		"alignment|th|d/th.txt:0|d.q.1|the segment is missing",
		"alignment|th|d/th.txt:0|d.p.3|the segment is not in en",
		"alignment|vi|d/vi.txt:0|d.q.1|stands where en has d.p.1",
		"alignment|ja|e/ja.txt:0||the file is missing: other domains have ja",
		"alignment|ko|e/ko.txt:0||the file is missing: other domains have ko",
		"alignment|th|e/th.txt:0||the file is missing: other domains have th",
		"alignment|vi|e/vi.txt:0||the file is missing: other domains have vi",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// What all have goes on to the other rules.
	delete(fsys, "d/ko.txt")
	delete(fsys, "d/japanese.txt")
	c, found, err = lint.Folder(fsys, "mine", "en", lint.Options{Disable: []string{"alignment", "bom", "cr"}})
	if err != nil || c == nil || c.Len() != 2 || len(found) != 1 || found[0].Rule != "utf8" {
		t.Errorf("got %v, %+v, %v", c, found, err)
	}

	for _, x := range []struct {
		fsys fstest.MapFS
		base corpora.Lang
		want string
	}{
		{fstest.MapFS{"en.txt": file(good)}, "", "lint: mine: no file named <domain>/<lang>.txt"},
		{fstest.MapFS{"d/en.txt": file(good)}, "ja", "lint: mine: no file of the base language: no <domain>/ja.txt"},
	} {
		if _, _, err := lint.Folder(x.fsys, "mine", x.base, lint.Options{}); err == nil || err.Error() != x.want {
			t.Errorf("got %v, want %s", err, x.want)
		}
	}
}

// A folder without faults is the corpus that LoadPlain reads.
func TestFolderReadsWhatLoadPlainReads(t *testing.T) {
	fsys := fstest.MapFS{
		"d/en.txt": file("[p]\n1: a boat\n2: an oar\n"), "d/ja.txt": file("[p]\n1: 船だ\n2: 櫂だ\n"),
		"e/en.txt": file("[p]\n1: a mast\n"), "e/ja.txt": file("[p]\n1: 柱だ\n"),
	}
	want, err := corpora.LoadPlain(fsys, "mine", "en")
	if err != nil {
		t.Fatal(err)
	}
	c, found, err := lint.Folder(fsys, "mine", "", lint.Options{})
	if err != nil || len(found) > 0 || c.Digest() != want.Digest() {
		t.Errorf("got %v, %+v", err, found)
	}
}

// sound holds a finding to its form.
func sound(t *testing.T, f lint.Finding) {
	t.Helper()
	for _, s := range []string{f.Problem, f.Excerpt, f.Segment} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			t.Fatalf("%+v: %q is not UTF-8 or has control characters", f, s)
		}
	}
	if f.Problem == "" || f.Segment == "" && f.File == "" || !slices.ContainsFunc(lint.Rules(), func(r lint.Rule) bool { return r.Name == f.Rule }) {
		t.Fatalf("%+v: expected a problem, a place and a rule", f)
	}
}

// Whatever bytes a corpus holds, rules answer, and what they say can be shown.
func FuzzCorpus(f *testing.F) {
	for _, l := range []string{"ja", "zh-Hans", "zh-Hant", "ko", "hi", "vi", "mn-Mong", "und", "x-private"} {
		f.Add(l, "The boat leaves\nfrom the north pier at nine.", "船は\u200b北 \xffﾌﾈ\ufffd", "e\u0301\x00\u2028")
		f.Add(l, "", " ", `"a""b"`)
	}
	f.Fuzz(func(t *testing.T, lang, base, a, b string) {
		l, err := corpora.ParseLang(lang)
		if err != nil || l == "en" {
			return
		}
		p := [][2]string{{base, a}, {a, b}, {b, base}, {a + b, b + a}}
		for range 5 {
			p = append(p, p...)
		}
		for _, x := range check(t, pair(t, l, p...), lint.Options{}) {
			sound(t, x)
		}
	})
}

// Whatever bytes a folder holds.
func FuzzFolder(f *testing.F) {
	f.Add([]byte("[a]\n1: x\n"), []byte("[a]\n1: y\n"))
	f.Add([]byte("\ufeff[a]\r\n1: x\r"), []byte("[a]\n1: \xff\n2: z\n"))
	f.Add([]byte("[a]\n1: x\n[b]\n1: y\n"), []byte("[b]\n1: y\n[a]\n1: x\n2: w\n"))
	f.Fuzz(func(t *testing.T, en, ja []byte) {
		fsys := fstest.MapFS{"d/en.txt": {Data: en}, "d/ja.txt": {Data: ja}}
		c, found, err := lint.Folder(fsys, "f", "", lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			sound(t, x)
			if x.Line > 1+strings.Count(string(en)+string(ja), "\n") {
				t.Fatalf("%+v: no such line", x)
			}
		}
		whole, err := corpora.LoadPlain(fsys, "f", "en")
		if (err == nil) != (len(found) == 0) || err == nil && c.Digest() != whole.Digest() {
			t.Fatalf("LoadPlain says %v, Folder finds %+v", err, found)
		}
		if c != nil {
			for _, x := range check(t, c, lint.Options{}) {
				sound(t, x)
			}
		}
	})
}
