package files_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

// fuzzFile loads a file of one format: it is refused with its name, or it is a
// corpus of well-formed texts that are the same when it is read again.
func fuzzFile(f *testing.F, name string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{name: &fstest.MapFile{Data: data}}
		c, _, err := files.Load(fsys, []string{name}, files.Options{Drop: true})
		if err != nil {
			if c != nil || !strings.HasPrefix(err.Error(), "corpora: ") || !utf8.ValidString(err.Error()) {
				t.Fatalf("error %q", err)
			}
			return
		}
		for _, l := range c.Langs() {
			for _, s := range segments(t, c, l) {
				if !utf8.ValidString(s.Text) || strings.TrimSpace(s.Text) == "" || strings.Contains(s.Text, "\x00") || s.Key == "" || s.Doc == "" || s.Domain == "" {
					t.Fatalf("%s: %+v", l, s)
				}
			}
		}
		again, _, err := files.Load(fsys, []string{name}, files.Options{Drop: true})
		if err != nil || again.Digest() != c.Digest() {
			t.Fatalf("read again: %v", err)
		}
	})
}

func FuzzLines(f *testing.F) {
	fuzzFile(f, "ja.txt", "い\nろ\n", "a\r\nb\r\n", "\ufeffa", "a\x00", gz("a\n"), zst("a\n"))
}
func FuzzTSV(f *testing.F) {
	fuzzFile(f, "t.tsv", "key\tdoc\tdomain\ten\tja\nk\td\tx\ta\tい\n", "id\tlang\ttext\nk\ten\ta\nk\tja\tい\n", "en\n")
}
func FuzzCSV(f *testing.F) {
	fuzzFile(f, "t.csv", "en,ja\n\"a\n\"\"\",い\n", "\ufeffen\na\n", "en,en\na,b\n")
}
func FuzzJSONL(f *testing.F) {
	fuzzFile(f, "t.jsonl", `{"key":1,"en":"a","ja":"い"}`, `{"id":"k","lang":"en","text":"a\ud800"}`, "{\"en\":\"\\u0000\"}\n{}")
}
func FuzzTMX(f *testing.F) {
	fuzzFile(f, "m.tmx", tmxHead+`<tu tuid="k"><prop type="domain">x</prop><tuv xml:lang="en"><seg>a<ph>b<sub>c</sub></ph></seg></tuv></tu>`+tmxEnd, `<!DOCTYPE tmx [<!ENTITY a "b">]><tmx/>`,
		"\xff\xfe<\x00t\x00m\x00x\x00/\x00>\x00", `<?xml version="1.0" encoding="shift_jis"?><tmx/>`)
}
func FuzzXLIFF(f *testing.F) {
	fuzzFile(f, "x.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ja"><body><trans-unit id="1"><source>a</source><seg-source><mrk mtype="seg" mid="1">a</mrk></seg-source><target state="new"><mrk mtype="seg" mid="1">い</mrk></target></trans-unit></body></file></xliff>`,
		`<xliff version="2.0" srcLang="en" trgLang="ja"><file id="f"><unit id="1"><segment><source>a<cp hex="1"/></source><target>い</target></segment></unit></file></xliff>`)
}
func FuzzPO(f *testing.F) {
	fuzzFile(f, "ja.po", "#: a:1\n#, fuzzy\nmsgctxt \"c\"\nmsgid \"a\\x41\"\nmsgid_plural \"b\"\nmsgstr[0] \"い\"\n\"ろ\"\n", "#~ msgid \"a\"\n", "msgid \"\"\nmsgstr \"Language: ja\\n\"\n")
}
func FuzzUDHR(f *testing.F) {
	fuzzFile(f, "udhr_jpn.xml", `<udhr><preamble><para>い</para></preamble><article number="1"><para>&nbsp;ろ</para></article></udhr>`)
}
func FuzzWMT24PP(f *testing.F) {
	fuzzFile(f, "en-ja_JP.jsonl", `{"domain":"news","document_id":"d","segment_id":1,"is_bad_source":false,"source":"a","target":"い"}`)
}

// What an encoding cannot hold is refused, and what is decoded is what the
// file says: encoded again by the same table it gives the same bytes, but for
// codes that are not the only ones of their character.
func FuzzDecode(f *testing.F) {
	for i, s := range []string{"い\n", "\x93\xfa\n", "\xc6\xfc", "\x1b$BF|\x1b(B", "\xb0\xa1", "\xc4\xe3", "\x84\x31\xa4\x37", "\xa4\xe9", "\xff\xfea\x00"} {
		f.Add(uint8(i), []byte(s))
	}
	names := files.Encodings()
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		name := names[int(which)%len(names)]
		c, _, err := files.Load(fstest.MapFS{"ja.txt": &fstest.MapFile{Data: data}}, []string{"ja.txt"}, files.Options{Encodings: map[corpora.Lang]string{"": name}})
		if err != nil {
			return
		}
		for _, s := range segments(t, c, "ja") {
			if !utf8.ValidString(s.Text) {
				t.Fatalf("%s: %q", name, s.Text)
			}
			if strings.Contains(s.Text, "\ufffd") && name != "gb18030" && !strings.HasPrefix(name, "utf-") {
				t.Fatalf("%s: U+FFFD in %q of %q", name, s.Text, data)
			}
		}
	})
}
