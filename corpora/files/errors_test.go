package files_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

func gz(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func zst(s string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return string(w.EncodeAll([]byte(s), nil))
}

// numbered is text that does not shrink to nothing.
func numbered(n int) string {
	var b strings.Builder
	x := uint32(1)
	for range n {
		x = x*1664525 + 1013904223
		b.WriteString(strings.Repeat(string(rune('a'+x>>28)), 1+int(x>>24&15)))
		b.WriteByte(byte('A' + x>>20&15))
		b.WriteByte('\n')
	}
	return b.String()
}

// What is wrong is refused, with the place and what to do.
func TestErrors(t *testing.T) {
	sjis := map[corpora.Lang]string{"ja": "shift_jis"}
	bomb := `<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>` + tmxHead + `<tu><tuv xml:lang="en"><seg>&b;</seg></tuv></tu>` + tmxEnd
	external := `<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + tmxHead + `<tu><tuv xml:lang="en"><seg>&a;</seg></tuv></tu>` + tmxEnd
	text := numbered(20000)
	cut := func(s string) string { return s[:len(s)/2] }
	for _, c := range []struct {
		name  string
		fsys  fstest.MapFS
		paths []string
		o     files.Options
		want  string
	}{
		{name: "no path", fsys: tree(), want: "no path of a corpus"},
		{name: "nothing there", fsys: tree("a", "x"), paths: []string{"b"}, want: "open b: file does not exist"},
		{name: "empty folder", fsys: fstest.MapFS{"d": &fstest.MapFile{Mode: 0o755 | 1<<31}}, paths: []string{"d"}, want: "d: the folder is empty"},
		{name: "unknown format", fsys: tree("a", "x"), paths: []string{"a"}, o: files.Options{Format: "xls"}, want: `unknown format "xls" of a corpus; formats: ntrex, flores,`},
		{name: "unknown encoding", fsys: tree("a", "x"), paths: []string{"a"}, o: files.Options{Encodings: map[corpora.Lang]string{"": "latin1"}}, want: `unknown encoding "latin1"; encodings: utf-8, utf-16,`},
		{name: "a folder of nothing known", fsys: tree("d/notes.md", "x"), paths: []string{"d"}, want: "d: the format of the corpus is not known by the names of its files (notes.md …); name it: ntrex,"},
		{name: "a file of nothing known", fsys: tree("notes.md", "x"), paths: []string{"notes.md"}, want: "notes.md: the format of the corpus is not known by its name or its first bytes; name it: ntrex,"},
		{name: "another format than is said", fsys: tree("d/ja.txt", "x"), paths: []string{"d"}, o: files.Options{Format: "tmx"}, want: "d: no files of a corpus of format tmx"},
		{name: "a table of an office program", fsys: tree("a.xlsx", "PK\x03\x04"), paths: []string{"a.xlsx"}, want: "a.xlsx: files of office programs are not read; save the table as CSV in UTF-8"},
		{name: "an office program's file with another name", fsys: tree("a.csv", "PK\x03\x04xxxx"), paths: []string{"a.csv"}, want: "a.csv: a zip archive, or a file of an office program; unpack it, or save the table as CSV in UTF-8"},
		{name: "parquet", fsys: tree("a.parquet", "PAR1"), paths: []string{"a.parquet"}, want: "a.parquet: parquet is not read; convert it to JSON lines"},
		{name: "a language that is not there", fsys: tree("d/ja.txt", "x\n", "d/en.txt", "x\n"), paths: []string{"d"}, o: files.Options{Langs: []corpora.Lang{"ko"}}, want: "d has no ko; it has en, ja"},
		{name: "two codes for one language", fsys: tree("d/zh-TW.txt", "x\n", "d/zh-HK.txt", "x\n"), paths: []string{"d"}, want: `"zh-HK" and "zh-TW" are both zh-Hant; say which language one of them stands for`},
		{name: "a file without a language", fsys: tree("a.txt", "x\n", "ja.txt", "x\n"), paths: []string{"ja.txt", "a.txt"}, want: "a.txt: the name does not say which language the file is in; say LANG=a.txt"},
		{name: "two tables", fsys: tree("d/a.tsv", "x\n", "d/b.tsv", "x\n"), paths: []string{"d"}, want: "d: 2 tables; name one of them: d/a.tsv, d/b.tsv"},
		{name: "a split that is none", fsys: tree("dev/eng_Latn.dev", "x\n"), paths: []string{"."}, o: files.Options{Split: "test"}, want: `split "test": expected one of dev, devtest, both`},
		{name: "a split that is not there", fsys: tree("dev/eng_Latn.dev", "x\n"), paths: []string{"."}, want: ".: no file of the split devtest"},

		{name: "a line is missing", fsys: tree("d/en.txt", "a\nb\nc\n", "d/ja.txt", "い\nろ\n"), paths: []string{"d"},
			want: "d/ja.txt: 2 lines, but d/en.txt has 3: a line is missing or doubled, and from there on the segments do not correspond"},
		{name: "a line is missing in the first file", fsys: tree("d/en.txt", "a\n", "d/ja.txt", "い\nろ\nは"), paths: []string{"d"}, want: "d/en.txt: 1 lines, but d/ja.txt has 3: "},
		{name: "a document is missing", fsys: tree("d/en.txt", "a\nb\n", "d/DOCUMENT_IDS.tsv", "x\n"), paths: []string{"d"}, want: "d/DOCUMENT_IDS.tsv: 1 lines about segments, but d/en.txt has more"},
		{name: "a document too many", fsys: tree("d/en.txt", "a\n", "d/DOCUMENT_IDS.tsv", "x\nx\n"), paths: []string{"d"}, want: "d/en.txt: 1 lines, but d/DOCUMENT_IDS.tsv tells of more"},
		{name: "a document without a name", fsys: tree("d/en.txt", "a\nb\n", "d/DOCUMENT_IDS.tsv", "x\n\n"), paths: []string{"d"}, want: "d/DOCUMENT_IDS.tsv:2: the line is empty, expected a document"},
		{name: "empty files", fsys: tree("d/en.txt", "", "d/ja.txt", ""), paths: []string{"d"}, want: "d/en.txt: the file is empty"},
		{name: "a segment that one language lacks", fsys: tree("d/en.txt", "a\nb\n", "d/ja.txt", "い\n \n"), paths: []string{"d"},
			want: "d/en.txt:2: segment 2 has no text in ja; leave out such segments, or select languages that have all"},
		{name: "a file that one language lacks", fsys: tree("d/en/x.md", "a\n", "d/ja/y.md", "い\n"), paths: []string{"d"}, want: "d/ja/x.md is missing: another language has it"},
		{name: "kinds of line ends", fsys: tree("ja.txt", "a\r\nb\nc\r\n"), paths: []string{"ja.txt"}, want: "ja.txt:2: the line ends in LF, but the lines before it in CR LF"},
		{name: "metadata without a page", fsys: tree("dev/eng_Latn.dev", "x\n", "metadata_dev.tsv", "topic\nx\n"), paths: []string{"."}, o: files.Options{Split: "dev"}, want: "metadata_dev.tsv:1: expected a header with URL and domain"},

		{name: "not UTF-8", fsys: tree("d/en.txt", "a\nb\n", "d/ja.txt", "い\nx\xe3\x81\n"), paths: []string{"d"}, want: "d/ja.txt:2: byte 5 of the file (0xe3) is not UTF-8; if the file has another encoding, name it"},
		{name: "UTF-8 that is cut off", fsys: tree("ja.txt", "い\nx\xe3\x81"), paths: []string{"ja.txt"}, want: "ja.txt:2: byte 5 of the file (0xe3) is not UTF-8"},
		{name: "UTF-16", fsys: tree("ja.txt", "\xff\xfea\x00\n\x00"), paths: []string{"ja.txt"}, want: "ja.txt:1: the file begins with the byte order mark of UTF-16; name the encoding: utf-16"},
		{name: "UTF-16 without a mark", fsys: tree("ja.txt", "a\x00\n\x00"), paths: []string{"ja.txt"}, want: "ja.txt:1: the text has a NUL character, near byte 4 of the file: this is no text in utf-8; if it is UTF-16, name the encoding: utf-16le or utf-16be"},
		{name: "UTF-16 that is not", fsys: tree("ja.txt", "abcd"), paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"ja": "utf-16"}}, want: "ja.txt:1: the file does not begin with a byte order mark; name the encoding: utf-16le or utf-16be"},
		{name: "half a surrogate pair in UTF-16", fsys: tree("ja.txt", "a\x00\x00\xd8b\x00"), paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"ja": "utf-16le"}}, want: "ja.txt:1: byte 2 of the file (0x00) is not utf-16le"},
		{name: "half a character in UTF-16", fsys: tree("ja.txt", "a\x00b"), paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"ja": "utf-16le"}}, want: "ja.txt:1: byte 2 of the file (0x62) is not utf-16le"},
		{name: "not Shift_JIS", fsys: tree("ja.txt", "\x93\xfa\n\x93\xfa\x85\xff\n"), paths: []string{"ja.txt"}, o: files.Options{Encodings: sjis}, want: "ja.txt:2: byte 5 of the file (0x85) is not shift_jis"},
		{name: "Shift_JIS that is cut off", fsys: tree("ja.txt", "\x93\xfa\n\x93"), paths: []string{"ja.txt"}, o: files.Options{Encodings: sjis}, want: "ja.txt:2: byte 3 of the file (0x93) is not shift_jis"},
		{name: "not Shift_JIS, far into the file", fsys: tree("ja.txt", strings.Repeat("\x93\xfa\n", 10000)+"\x85\xff\n"), paths: []string{"ja.txt"}, o: files.Options{Encodings: sjis}, want: "ja.txt:10001: byte 30000 of the file (0x85) is not shift_jis"},
		{name: "not ISO-2022-JP", fsys: tree("ja.txt", "\x1b$BF|K\\\x1b(B\n\x80\n"), paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"": "iso-2022-jp"}}, want: "ja.txt:2: byte 11 of the file (0x80) is not iso-2022-jp"},
		{name: "not GB18030", fsys: tree("ja.txt", "\x84\x31\xa4\x37\xff"), paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"": "gb18030"}}, want: "ja.txt:1: byte 4 of the file (0xff) is not gb18030"},
		{name: "not what the file declares", fsys: tree("m.tmx", `<?xml version="1.0" encoding="latin1"?><tmx/>`), paths: []string{"m.tmx"}, want: `m.tmx: unknown encoding "latin1"`},

		{name: "gzip that is cut off", fsys: tree("ja.txt.gz", cut(gz(text))), paths: []string{"ja.txt.gz"}, want: "the gzip file is cut off: it ends in the middle of its data; fetch it again"},
		{name: "gzip that is cut off in its head", fsys: tree("ja.txt.gz", gz(text)[:7]), paths: []string{"ja.txt.gz"}, want: "ja.txt.gz: the gzip file is cut off"},
		{name: "zstd that is cut off", fsys: tree("ja.txt.zst", cut(zst(text))), paths: []string{"ja.txt.zst"}, want: "the zstd file is cut off: it ends in the middle of its data; fetch it again"},
		{name: "gzip that is damaged", fsys: tree("ja.txt.gz", gz(text)[:3000]+"damage"+gz(text)[3006:]), paths: []string{"ja.txt.gz"}, want: "the gzip file is damaged: "},
		{name: "named for gzip", fsys: tree("ja.txt.gz", "text\n"), paths: []string{"ja.txt.gz"}, want: "ja.txt.gz: named .gz, but it is no gzip file"},
		{name: "named for zstd", fsys: tree("ja.txt.zst", "text\n"), paths: []string{"ja.txt.zst"}, want: "ja.txt.zst: named .zst, but it is no zstd file"},

		{name: "a ragged row", fsys: tree("t.tsv", "en\tja\na\tい\nb\n"), paths: []string{"t.tsv"}, want: "t.tsv:3: 1 columns, expected 2 as in the header"},
		{name: "a row too long", fsys: tree("t.tsv", "en\tja\na\tい\tx\n"), paths: []string{"t.tsv"}, want: "t.tsv:2: 3 columns, expected 2 as in the header"},
		{name: "a header of no language", fsys: tree("t.tsv", "english\tjapanese\na\tb\n"), paths: []string{"t.tsv"}, want: `t.tsv:1: no column is named for a language; the header is "english", "japanese"`},
		{name: "an empty table", fsys: tree("t.tsv", ""), paths: []string{"t.tsv"}, want: "t.tsv: the file is empty; expected a header"},
		{name: "a table of a header", fsys: tree("t.tsv", "en\tja\n"), paths: []string{"t.tsv"}, want: "t: no segment"},
		{name: "two columns of keys", fsys: tree("t.tsv", "key\tsegment\ten\nk\tk\ta\n"), paths: []string{"t.tsv"}, want: `t.tsv:1: columns "key" and "segment" are the same`},
		{name: "a key twice", fsys: tree("t.tsv", "key\ten\nk\ta\nk\tb\n"), paths: []string{"t.tsv"}, want: "t.tsv:3: segment k stands at t.tsv:2 already"},
		{name: "a row twice", fsys: tree("t.tsv", "key\ten\nk\ta\nk\ta\n"), paths: []string{"t.tsv"}, want: "t.tsv:3: segment k stands at t.tsv:2 already"},
		{name: "no key", fsys: tree("t.tsv", "key\ten\n\ta\n"), paths: []string{"t.tsv"}, want: "t.tsv:2: no key in the column of keys"},
		{name: "a row a language without keys", fsys: tree("t.tsv", "lang\ttext\nen\ta\n"), paths: []string{"t.tsv"}, want: "t.tsv:1: a table with a row for each language needs a column of keys (id)"},
		{name: "a language without texts", fsys: tree("t.tsv", "key\tlang\ten\nk\ten\ta\n"), paths: []string{"t.tsv"}, want: "t.tsv:1: columns of language and of text (lang, text) go together"},
		{name: "documents that differ", fsys: tree("t.tsv", "key\tdoc\tlang\ttext\nk\td\ten\ta\nk\te\tja\tい\n"), paths: []string{"t.tsv"}, want: `t.tsv:3: segment k is of document "e", but of "d" at t.tsv:2`},
		{name: "domains that differ", fsys: tree("t.tsv", "key\tdomain\tlang\ttext\nk\td\ten\ta\nk\te\tja\tい\n"), paths: []string{"t.tsv"}, want: `t.tsv:3: segment k is of domain "e", but of "d" at t.tsv:2`},
		{name: "a quote in CSV", fsys: tree("t.csv", "en,ja\na,b\"c\n"), paths: []string{"t.csv"}, want: `t.csv:2: bare " in non-quoted-field`},
		{name: "a ragged row of CSV", fsys: tree("t.csv", "en,ja\na,い\nb\n"), paths: []string{"t.csv"}, want: "t.csv:3: 1 columns, expected 2 as in the header"},
		{name: "CSV that is not UTF-8", fsys: tree("t.csv", "en,ja\na,\x93\xfa\n"), paths: []string{"t.csv"}, want: "t.csv:2: byte 8 of the file (0x93) is not UTF-8"},
		{name: "no JSON", fsys: tree("t.jsonl", "{\"en\":\"a\"}\n[1]\n"), paths: []string{"t.jsonl"}, want: "t.jsonl:2: expected a JSON object, one a line"},
		{name: "JSON that is cut off", fsys: tree("t.jsonl", "{\"en\":\"a\"}\n{\"en\":\"b\n"), paths: []string{"t.jsonl"}, want: "t.jsonl:2: "},
		{name: "a name twice", fsys: tree("t.jsonl", "{\"en\":\"a\",\"en\":\"b\"}\n"), paths: []string{"t.jsonl"}, want: `t.jsonl:1: name "en" twice in the object`},
		{name: "half a surrogate pair in JSON", fsys: tree("t.jsonl", `{"en":"a\ud800b"}`), paths: []string{"t.jsonl"}, want: `t.jsonl:1: "en" has an escape of half a surrogate pair, which is no character`},
		{name: "two values on a line", fsys: tree("t.jsonl", `{"en":"a"} {"en":"b"}`), paths: []string{"t.jsonl"}, want: "t.jsonl:1: more than one JSON value on the line"},

		{name: "billion laughs", fsys: tree("m.tmx", bomb), paths: []string{"m.tmx"}, want: "m.tmx:1: a document type that declares entities or elements is refused: take it out"},
		{name: "an external entity", fsys: tree("m.tmx", external), paths: []string{"m.tmx"}, want: "m.tmx:1: a document type that declares entities or elements is refused: take it out"},
		{name: "an entity of nothing", fsys: tree("m.tmx", tmxHead+"\n<tu><tuv xml:lang=\"en\"><seg>&nbsp;</seg></tuv></tu>"+tmxEnd), paths: []string{"m.tmx"}, want: "m.tmx:2: invalid character entity &nbsp;: entities other than those of XML are refused"},
		{name: "not well formed", fsys: tree("m.tmx", tmxHead+"\n<tu></tuv>"), paths: []string{"m.tmx"}, want: "m.tmx:2: not well-formed XML: element <tu> closed by </tuv>"},
		{name: "TMX that is cut off", fsys: tree("m.tmx", tmxHead+"\n<tu><tuv xml:lang=\"en\"><seg>a"), paths: []string{"m.tmx"}, want: "m.tmx:2: the file ends in the middle of an element: it is cut off"},
		{name: "another root", fsys: tree("m.tmx", "<xliff/>"), paths: []string{"m.tmx"}, want: "m.tmx:1: the root element is <xliff>, expected <tmx>"},
		{name: "no XML at all", fsys: tree("m.tmx", "hello"), paths: []string{"m.tmx"}, want: "m.tmx:1: no XML element in the file"},
		{name: "no language", fsys: tree("m.tmx", tmxHead+"<tu><tuv><seg>a</seg></tuv></tu>"+tmxEnd), paths: []string{"m.tmx"}, want: "m.tmx:1: <tuv> has no xml:lang"},
		{name: "a language that is none", fsys: tree("m.tmx", tmxHead+`<tu><tuv xml:lang="jp"><seg>a</seg></tuv></tu>`+tmxEnd), paths: []string{"m.tmx"}, want: `m.tmx:1: <tuv>: "jp" is no code of a language that is known here`},
		{name: "two texts in a language", fsys: tree("m.tmx", tmxHead+`<tu tuid="k"><tuv xml:lang="zh-TW"><seg>a</seg></tuv><tuv xml:lang="zh-HK"><seg>b</seg></tuv></tu>`+tmxEnd), paths: []string{"m.tmx"},
			want: "m.tmx:1: segment k has two texts in zh-Hant; if the codes of the file mean different languages, say which"},
		{name: "a unit twice", fsys: tree("m.tmx", tmxHead+strings.Repeat("\n<tu tuid=\"k\"><tuv xml:lang=\"en\"><seg>a</seg></tuv></tu>", 2)+tmxEnd), paths: []string{"m.tmx"}, want: "m.tmx:3: segment k stands at m.tmx:2 already"},
		{name: "a translation that is missing", fsys: tree("m.tmx", tmxHead+"\n<tu><tuv xml:lang=\"en\"><seg>a</seg></tuv><tuv xml:lang=\"ja\"><seg>い</seg></tuv></tu>\n<tu><tuv xml:lang=\"en\"><seg>b</seg></tuv></tu>"+tmxEnd), paths: []string{"m.tmx"},
			want: "m.tmx:3: segment 2 has no text in ja"},
		{name: "nested too deep", fsys: tree("m.tmx", "<tmx>"+strings.Repeat("<a>", 300)), paths: []string{"m.tmx"}, want: "m.tmx:1: elements are nested more than 256 deep"},
		{name: "XLIFF of the future", fsys: tree("x.xlf", `<xliff version="3.0"/>`), paths: []string{"x.xlf"}, want: `x.xlf:1: XLIFF of version "3.0"; expected 1.2 or 2.x`},
		{name: "XLIFF without a target", fsys: tree("x.xlf", `<xliff version="1.2"><file original="a" source-language="en"/></xliff>`), paths: []string{"x.xlf"}, want: "x.xlf:1: the file names no source and target language"},
		{name: "XLIFF without an id", fsys: tree("x.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ja"><body><trans-unit><source>a</source><target>b</target></trans-unit></body></file></xliff>`), paths: []string{"x.xlf"}, want: "x.xlf:1: the unit has no id"},
		{name: "XLIFF files of other sources", fsys: tree(
			"d/a.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ja"><body><trans-unit id="1"><source>a</source><target>い</target></trans-unit></body></file></xliff>`,
			"d/b.xlf", `<xliff version="1.2"><file original="a" source-language="en" target-language="ko"><body><trans-unit id="1"><source>b</source><target>가</target></trans-unit></body></file></xliff>`), paths: []string{"d"},
			want: `d/b.xlf:1: the text of segment a.1 in en is not that of d/a.xlf:1: "b", "a"`},
		{name: "UDHR of an entity", fsys: tree("udhr_eng.xml", "<udhr>\n<preamble><para>&x;</para></preamble></udhr>"), paths: []string{"udhr_eng.xml"}, want: "udhr_eng.xml:2: invalid character entity &x;"},

		{name: "PO: no string", fsys: tree("ja.po", "msgid x\n"), paths: []string{"ja.po"}, want: "ja.po:1: expected a string in double quotes"},
		{name: "PO: an escape that is none", fsys: tree("ja.po", `msgid "\q"`), paths: []string{"ja.po"}, want: `ja.po:1: \q is no escape of a PO string`},
		{name: "PO: a byte that makes no UTF-8", fsys: tree("ja.po", `msgid "\xff"`), paths: []string{"ja.po"}, want: `ja.po:1: the escapes of the string make no UTF-8`},
		{name: "PO: no msgstr", fsys: tree("ja.po", "msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"い\"\n"), paths: []string{"ja.po"}, want: "ja.po:1: msgid without msgstr"},
		{name: "PO: another word", fsys: tree("ja.po", "msgid \"a\"\nmsgtext \"い\"\n"), paths: []string{"ja.po"}, want: `ja.po:2: "msgtext \"い\"": expected msgctxt, msgid, msgid_plural, msgstr, a string or a comment`},
		{name: "PO: an entry twice", fsys: tree("ja.po", "msgid \"a\"\nmsgstr \"い\"\n\nmsgid \"a\"\nmsgstr \"ろ\"\n"), paths: []string{"ja.po"}, want: "ja.po:4: the entry stands on line 1 already"},
		{name: "PO: another language", fsys: tree("ja.po", "msgid \"\"\nmsgstr \"Language: ko\\n\"\n\nmsgid \"a\"\nmsgstr \"い\"\n"), paths: []string{"ja.po"}, want: "ja.po:1: the header says that the language is ko, but the file is named for ja"},
		{name: "PO: a string of nothing", fsys: tree("ja.po", "\"a\"\n"), paths: []string{"ja.po"}, want: "ja.po:1: a string that belongs to nothing"},
		{name: "plain: a bad line", fsys: tree("d/law/en.txt", "[a]\n1: x\n3: y\n"), paths: []string{"d"}, want: "law/en.txt:3: segment 3 of [a], expected 2"},
		{name: "not of WMT24++", fsys: tree("en-ja_JP.jsonl", "{\"en\":\"a\"}\n"), paths: []string{"."}, want: `en-ja_JP.jsonl:1: no "domain" in the object: not a file of WMT24++`},
		{name: "too much memory", fsys: tree("ja.txt", numbered(20000)), paths: []string{"ja.txt"}, o: files.Options{MaxMemory: 1 << 20}, want: "ja.txt:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := files.Load(c.fsys, c.paths, c.o)
			if err == nil {
				t.Fatalf("no error; %d segments", got.Len())
			}
			msg := err.Error()
			rest, ok := strings.CutPrefix(msg, "corpora: ")
			if !ok || !strings.Contains(rest, c.want) || strings.Contains(rest, "corpora: ") {
				t.Errorf("got\n%s\nwant\ncorpora: %s", msg, c.want)
			}
			if strings.HasPrefix(c.want, "the ") && !strings.Contains(rest, c.paths[0]+":") {
				t.Errorf("%s: no file in it", msg)
			}
			if strings.Contains(msg, "\n") {
				t.Errorf("more than a line: %q", msg)
			}
		})
	}
}
