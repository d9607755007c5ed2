package corpora_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/corpora"
)

func TestReadPlain(t *testing.T) {
	const file = `# a comment
#
# [not-a-document]

[late-parcel]
1: The first.
2: The second. It goes on
	on a new line,
		which may begin with tabs itself
	# and this is no comment
	[nor-a-document]
	3: nor a segment
	
	after an empty line
# between segments
3:  two spaces: one of them is text, and so are colons: 4: 
4: 日本語

[x]
1: [brackets] # hash
`
	got, err := corpora.ReadPlain(strings.NewReader(file), "f.txt", "news")
	if err != nil {
		t.Fatal(err)
	}
	seg := func(doc, n, text string) corpora.Segment {
		return corpora.Segment{Key: "news." + doc + "." + n, Doc: "news." + doc, Domain: "news", Text: text}
	}
	want := []corpora.Segment{
		seg("late-parcel", "1", "The first."),
		seg("late-parcel", "2", "The second. It goes on\non a new line,\n\twhich may begin with tabs itself\n# and this is no comment\n[nor-a-document]\n3: nor a segment\n\nafter an empty line"),
		seg("late-parcel", "3", " two spaces: one of them is text, and so are colons: 4: "),
		seg("late-parcel", "4", "日本語"),
		seg("x", "1", "[brackets] # hash"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	// The last line need not end with a line feed, and a reader may give
	// bytes one at a time.
	short, err := corpora.ReadPlain(iotest.OneByteReader(strings.NewReader(strings.TrimSuffix(file, "\n"))), "f.txt", "news")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, short); diff != "" {
		t.Errorf("without the last line feed (-want +got):\n%s", diff)
	}
}

// Each of these files is refused, with the line that is wrong.
func TestReadPlainErrors(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"empty file", "", "f.txt:1: no segment in the file"},
		{"comments only", "# a\n# b\n", "f.txt:2: no segment in the file"},
		{"document only", "[a]\n", "f.txt:1: no segment in the file"},

		{"number missing", "[a]\n1: x\n3: y\n", "f.txt:3: segment 3 of [a], expected 2: a segment is missing, doubled or displaced"},
		{"number doubled", "[a]\n1: x\n1: y\n", "f.txt:3: segment 1 of [a], expected 2: a segment is missing, doubled or displaced"},
		{"number displaced", "[a]\n1: x\n2: y\n4: z\n3: w\n", "f.txt:4: segment 4 of [a], expected 3: a segment is missing, doubled or displaced"},
		{"first number missing", "[a]\n2: x\n", "f.txt:2: segment 2 of [a], expected 1: a segment is missing, doubled or displaced"},
		{"numbers go on over documents", "[a]\n1: x\n[b]\n2: y\n", "f.txt:4: segment 2 of [b], expected 1: a segment is missing, doubled or displaced"},
		{"zero", "[a]\n0: x\n", "f.txt:2: segment 0 of [a], expected 1: a segment is missing, doubled or displaced"},
		{"negative", "[a]\n-1: x\n", "f.txt:2: segment -1 of [a], expected 1: a segment is missing, doubled or displaced"},
		// Their keys would differ from those of "1" in another language.
		{"leading zero", "[a]\n01: x\n", "f.txt:2: \"01: x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"plus sign", "[a]\n+1: x\n", "f.txt:2: \"+1: x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"full-width number", "[a]\n１: x\n", "f.txt:2: \"１: x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"full-width colon", "[a]\n1：x\n", "f.txt:2: \"1：x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"huge number", "[a]\n99999999999999999999: x\n", "f.txt:2: \"99999999999999999999: x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"no space after the colon", "[a]\n1:x\n", "f.txt:2: \"1:x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"a line of prose", "[a]\n1: x\nthis was wrapped by an editor and is now a line that is long\n", "f.txt:3: \"this was wrapped by an editor and is now…\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"spaces for a tab", "[a]\n1: x\n    y\n", "f.txt:3: \"    y\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},
		{"a comment without space", "[a]\n#x\n1: x\n", "f.txt:2: \"#x\": expected `number: text`, [document-key], a comment (# …) or a continuation (tab)"},

		{"document doubled", "[a]\n1: x\n[b]\n1: y\n[a]\n1: z\n", "f.txt:5: document [a] stands on line 1 already"},
		{"document without segments", "[a]\n[b]\n1: y\n", "f.txt:2: document [a] has no segment"},
		{"last document without segments", "[a]\n1: y\n\n[b]\n\n", "f.txt:5: document [b] has no segment"},
		{"no document", "1: x\n", "f.txt:1: segment before the first [document-key]"},
		{"document not closed", "[a\n1: x\n", `f.txt:1: "[a": expected [document-key] with a key of a-z, 0-9 and hyphens`},
		{"document with a blank behind it", "[a] \n1: x\n", `f.txt:1: "[a] ": expected [document-key] with a key of a-z, 0-9 and hyphens`},
		{"document without a key", "[]\n1: x\n", `f.txt:1: "[]": expected [document-key] with a key of a-z, 0-9 and hyphens`},
		{"document in capitals", "[Ab]\n1: x\n", `f.txt:1: "[Ab]": expected [document-key] with a key of a-z, 0-9 and hyphens`},
		{"document with a dot", "[a.b]\n1: x\n", `f.txt:1: "[a.b]": expected [document-key] with a key of a-z, 0-9 and hyphens`},

		{"empty segment", "[a]\n1: \n", "f.txt:2: segment 1 of [a] is empty"},
		{"blank segment", "[a]\n1: x\n2:  \u3000 \n", "f.txt:3: segment 2 of [a] is empty"},

		{"continuation of nothing", "\tx\n", "f.txt:1: a line that begins with a tab continues a segment, but none stands before it"},
		{"continuation of a document", "[a]\n\tx\n", "f.txt:2: a line that begins with a tab continues a segment, but none stands before it"},
		{"continuation after a blank line", "[a]\n1: x\n\n\ty\n", "f.txt:4: a line that begins with a tab continues a segment, but none stands before it"},
		{"continuation after a comment", "[a]\n1: x\n# c\n\ty\n", "f.txt:4: a line that begins with a tab continues a segment, but none stands before it"},

		{"CR LF", "[a]\r\n1: x\r\n", "f.txt:1: carriage return; save the file with LF line ends"},
		{"CR inside a text", "[a]\n1: x\ry\n", "f.txt:2: carriage return; save the file with LF line ends"},
		{"CR in a continuation", "[a]\n1: x\n\ty\r\n", "f.txt:3: carriage return; save the file with LF line ends"},
		{"CR at the end of the file", "[a]\n1: x\r", "f.txt:2: carriage return; save the file with LF line ends"},
		{"byte order mark", "\ufeff[a]\n1: x\n", "f.txt:1: the file begins with a byte order mark; save it as UTF-8 without BOM"},
		{"byte order mark and CR", "\ufeff[a]\r\n1: x\r\n", "f.txt:1: the file begins with a byte order mark; save it as UTF-8 without BOM"},
		{"Latin-1", "[a]\n1: caf\xe9\n", "f.txt:2: byte 7 (0xe9) is not UTF-8; convert the file to UTF-8"},
		{"cut character", "[a]\n1: x\n\t日本\xe8\xaa\n", "f.txt:3: byte 8 (0xe8) is not UTF-8; convert the file to UTF-8"},
		{"surrogate", "[a]\n1: \xed\xa0\x80\n", "f.txt:2: byte 4 (0xed) is not UTF-8; convert the file to UTF-8"},
		{"overlong", "[a]\n1: \xc0\xaf\n", "f.txt:2: byte 4 (0xc0) is not UTF-8; convert the file to UTF-8"},
		{"Shift JIS in a comment", "# \x93\xfa\x96\x7b\n[a]\n1: x\n", "f.txt:1: byte 3 (0x93) is not UTF-8; convert the file to UTF-8"},
		{"UTF-16", "\xff\xfe[\x00a\x00]\x00\n\x00", "f.txt:1: byte 1 (0xff) is not UTF-8; convert the file to UTF-8"},
	} {
		segs, err := corpora.ReadPlain(strings.NewReader(c.file), "f.txt", "d")
		if err == nil || err.Error() != c.want || segs != nil {
			t.Errorf("%s: got %d segments and error\n%v\nwant\n%s", c.name, len(segs), err, c.want)
		}
	}
}

// U+FFFD that stands in the file is a character; only ill-formed bytes are
// errors.
func TestReadPlainTakesWrittenReplacementCharacter(t *testing.T) {
	segs, err := corpora.ReadPlain(strings.NewReader("[a]\n1: \ufffd\n"), "f.txt", "d")
	if err != nil || len(segs) != 1 || segs[0].Text != "\ufffd" {
		t.Errorf("got %+v, %v", segs, err)
	}
}

func TestReadPlainReaderError(t *testing.T) {
	broken := errors.New("the disk is on fire")
	_, err := corpora.ReadPlain(io.MultiReader(strings.NewReader("[a]\n1: x\n"), iotest.ErrReader(broken)), "f.txt", "d")
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f.txt:3: ") {
		t.Errorf("got %v, want f.txt:3 and the reader's error", err)
	}
}

// endless gives the same byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestReadPlainBoundsLines(t *testing.T) {
	_, err := corpora.ReadPlain(io.MultiReader(strings.NewReader("[a]\n1: "), endless('x')), "f.txt", "d")
	if err == nil || err.Error() != "f.txt:2: line longer than 16777216 bytes" {
		t.Errorf("got %v", err)
	}
}

// A segment of many lines takes time in proportion to them: with a copy of the
// text for each line, this one takes minutes.
func TestReadPlainLongSegment(t *testing.T) {
	const lines = 1_000_000
	start := time.Now()
	segs, err := corpora.ReadPlain(strings.NewReader("[a]\n1: x\n"+strings.Repeat("\ty\n", lines)+"2: z\n"), "f.txt", "d")
	if err != nil || len(segs) != 2 || len(segs[0].Text) != 1+2*lines || segs[1].Text != "z" {
		t.Fatalf("got %d segments, %v", len(segs), err)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

func file(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestLoadPlain(t *testing.T) {
	c, err := corpora.LoadPlain(fstest.MapFS{
		"news/ja.txt": file("[p]\n1: い\n"), "news/en.txt": file("[p]\n1: i\n"), "news/de.txt": file("[p]\n1: I\n"),
		"chat/en.txt": file("# c\n[q]\n1: a\n2: b\n"), "chat/ja.txt": file("[q]\n1: あ\n\n2: び\n"), "chat/de.txt": file("[q]\n1: A\n2: B\n"),
		"README.md": file("not a text"), "chat/NOTES.md": file("nor this"), "a.txt": file("nor this"), "x/y/en.txt": file("nor this"),
	}, "mine", "ja")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]corpora.Lang{"ja", "de", "en"}, c.Langs()); diff != "" {
		t.Errorf("languages: the base first, then by tag (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"chat", "news"}, c.Domains()); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A", "B", "I"}, textsOf(t, c, "de")); diff != "" {
		t.Errorf("texts of de (-want +got):\n%s", diff)
	}
	if c.Name != "mine" || c.Docs() != 2 {
		t.Errorf("name %q, %d documents; want mine, 2", c.Name, c.Docs())
	}
}

func TestLoadPlainErrors(t *testing.T) {
	const good = "# c\n\n[p]\n1: a\n2: b\n[q]\n1: c\n"
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"no files", fstest.MapFS{"README.md": file("x")}, "corpora: mine: no file named <domain>/<lang>.txt"},
		{"a name that is no tag", fstest.MapFS{"d/en.txt": file(good), "d/japanese.txt": file(good)},
			`corpora: d/japanese.txt: the file's name is not a language: "japanese" is no BCP 47 language tag (such as en, ja, zh-Hans): language: tag is not well-formed`},
		{"a country for a language", fstest.MapFS{"d/en.txt": file(good), "d/jp.txt": file(good)},
			`corpora: d/jp.txt: the file's name is not a language: "jp" is no BCP 47 language tag (such as en, ja, zh-Hans): language: subtag "jp" is well-formed but unknown`},
		{"a tag that is not canonical", fstest.MapFS{"d/en.txt": file(good), "d/zh-hans.txt": file(good)},
			"corpora: d/zh-hans.txt: expected the canonical name zh-Hans.txt"},
		{"no base language", fstest.MapFS{"d/de.txt": file(good)}, "corpora: mine: no domain has the base language: no file <domain>/en.txt"},
		{"a language missing in a domain", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file(good), "e/en.txt": file(good)},
			"corpora: e/ja.txt is missing: mine has ja in another domain"},
		{"the base missing in a domain", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file(good), "e/ja.txt": file(good)},
			"corpora: e/en.txt is missing: mine has en in another domain"},
		{"a bad file", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[p]\n2: x\n")},
			"corpora: d/ja.txt:2: segment 2 of [p], expected 1: a segment is missing, doubled or displaced"},
		{"a document of another name", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[p]\n1: a\n2: b\n[r]\n1: c\n")},
			"corpora: d/ja.txt:5: segment d.r.1, expected d.q.1 as in en"},
		{"documents in another order", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[q]\n1: c\n[p]\n1: a\n2: b\n")},
			"corpora: d/ja.txt:2: segment d.q.1, expected d.p.1 as in en"},
		{"a segment less inside", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[p]\n1: a\n\n[q]\n1: c\n")},
			"corpora: d/ja.txt:5: segment d.q.1, expected d.p.2 as in en"},
		{"a segment more inside", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[p]\n1: a\n2: b\n3: x\n[q]\n1: c\n")},
			"corpora: d/ja.txt:4: segment d.p.3, expected d.q.1 as in en"},
		{"a segment more at the end", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file(good + "2: d\n")},
			"corpora: d/ja.txt:8: segment d.q.2 is not in en"},
		{"a segment less at the end", fstest.MapFS{"d/en.txt": file(good), "d/ja.txt": file("[p]\n1: a\n2: b\n")},
			"corpora: d/ja.txt:3: the file ends with this segment, but en has d.q.1 next"},
	} {
		_, err := corpora.LoadPlain(c.files, "mine", "en")
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got\n%v\nwant\n%s", c.name, err, c.want)
		}
	}
}

// writePlain writes segments in the plain format.
func writePlain(segs []corpora.Segment) string {
	var b strings.Builder
	doc := ""
	for _, s := range segs {
		if s.Doc != doc {
			doc = s.Doc
			fmt.Fprintf(&b, "[%s]\n", strings.TrimPrefix(doc, s.Domain+"."))
		}
		fmt.Fprintf(&b, "%s: %s\n", strings.TrimPrefix(s.Key, doc+"."), strings.ReplaceAll(s.Text, "\n", "\n\t"))
	}
	return b.String()
}

// What ReadPlain accepts is well formed, and written again it is the same.
func FuzzReadPlain(f *testing.F) {
	for _, s := range []string{
		"[a]\n1: x\n", "# c\n\n[a-1]\n1: x\n\ty\n\t\n2: z", "[a]\n1: x\n# c\n2: y\n[b]\n1: 日本\n\t\t語\n",
		"\ufeff[a]\n1: x\n", "[a]\r\n1: x\r\n", "[a]\n01: x\n", "[a]\n1: \xff\n", "\tx", "[a]\n1: \x00\n", "[]\n", "1: x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		segs, err := corpora.ReadPlain(strings.NewReader(string(data)), "f.txt", "d")
		if err != nil {
			if segs != nil || !strings.HasPrefix(err.Error(), "f.txt:") {
				t.Fatalf("%d segments with error %v", len(segs), err)
			}
			line, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "f.txt:"), ":")
			if n, err2 := strconv.Atoi(line); err2 != nil || n < 1 || n > 1+strings.Count(string(data), "\n") {
				t.Fatalf("error without a line of the file: %v", err)
			}
			return
		}
		if len(segs) == 0 {
			t.Fatal("no segments and no error")
		}
		docs := make(map[string]int)
		last := ""
		for i, s := range segs {
			if s.Doc != last && docs[s.Doc] > 0 {
				t.Fatalf("document %s goes on after another one", s.Doc)
			}
			last = s.Doc
			docs[s.Doc]++
			if want := fmt.Sprintf("%s.%d", s.Doc, docs[s.Doc]); s.Key != want || s.Domain != "d" || !strings.HasPrefix(s.Doc, "d.") {
				t.Fatalf("segment %d is %+v, want key %s", i, s, want)
			}
			if !utf8.ValidString(s.Text) || strings.Contains(s.Text, "\r") || strings.TrimSpace(s.Text) == "" {
				t.Fatalf("segment %s has the text %q", s.Key, s.Text)
			}
		}
		if _, err := corpora.New("f", []corpora.Lang{"en"}, map[corpora.Lang][]corpora.Segment{"en": segs}); err != nil {
			t.Fatalf("accepted, but no corpus: %v", err)
		}
		again, err := corpora.ReadPlain(strings.NewReader(writePlain(segs)), "g.txt", "d")
		if err != nil {
			t.Fatalf("written again: %v\n%q", err, writePlain(segs))
		}
		if diff := cmp.Diff(segs, again); diff != "" {
			t.Fatalf("written again (-first +second):\n%s", diff)
		}
	})
}
