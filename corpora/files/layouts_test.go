package files_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

// tree makes a file system of names and contents.
func tree(list ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = &fstest.MapFile{Data: []byte(list[i+1])}
	}
	return m
}

// show writes a corpus as lines, "lang key doc domain text", for comparing.
func show(t testing.TB, c *corpora.Corpus) string {
	t.Helper()
	var b strings.Builder
	for _, l := range c.Langs() {
		for _, s := range segments(t, c, l) {
			b.WriteString(strings.Join([]string{string(l), s.Key, s.Doc, s.Domain, s.Text}, "|") + "\n")
		}
	}
	return b.String()
}

const (
	tmxHead = `<tmx version="1.4"><header srclang="en"/><body>`
	tmxEnd  = `</body></tmx>`
)

func TestLayouts(t *testing.T) {
	flores := tree(
		"f/flores200_dataset/dev/eng_Latn.dev", "one\ntwo\n", "f/flores200_dataset/dev/jpn_Jpan.dev", "い\nろ\n",
		"f/flores200_dataset/devtest/eng_Latn.devtest", "three\n", "f/flores200_dataset/devtest/jpn_Jpan.devtest", "は\n",
		"f/flores200_dataset/metadata_dev.tsv", "URL\tdomain\ttopic\thas_image\thas_hyperlink\nhttp://a\twikinews\tx\tyes\tno\nhttp://a\twikinews\tx\tyes\tno\n",
		"f/flores200_dataset/metadata_devtest.tsv", "URL\tdomain\ttopic\thas_image\thas_hyperlink\nhttp://b\twikivoyage\tx\tyes\tno\n",
		"f/flores200_dataset/README", "x")
	wmt := func(lang string, rows ...string) string {
		var b strings.Builder
		for _, r := range rows {
			f := strings.Split(r, "|")
			b.WriteString(`{"lp":"en-` + lang + `","domain":"` + f[0] + `","document_id":"` + f[1] + `","segment_id":` + f[2] + `,"is_bad_source":` + f[3] + `,"source":"` + f[4] + `","target":"` + f[5] + `"}` + "\n")
		}
		return b.String()
	}
	for _, c := range []struct {
		name  string
		fsys  fstest.MapFS
		paths []string
		o     files.Options
		want  string
		notes []string
	}{
		{name: "FLORES-200, devtest unless told", fsys: flores, paths: []string{"f"},
			want: "en|devtest.1|http://b|wikivoyage|three\nja|devtest.1|http://b|wikivoyage|は\n"},
		{name: "FLORES-200, dev and then devtest", fsys: flores, paths: []string{"f"}, o: files.Options{Split: "both"},
			want: "en|dev.1|http://a|wikinews|one\nen|dev.2|http://a|wikinews|two\nen|devtest.1|http://b|wikivoyage|three\n" +
				"ja|dev.1|http://a|wikinews|い\nja|dev.2|http://a|wikinews|ろ\nja|devtest.1|http://b|wikivoyage|は\n"},
		{name: "FLORES-200 in one domain", fsys: flores, paths: []string{"f"}, o: files.Options{Split: "both", OneDomain: true, Langs: []corpora.Lang{"ja"}},
			want: "ja|dev.1|http://a|text|い\nja|dev.2|http://a|text|ろ\nja|devtest.1|http://b|text|は\n"},
		{name: "FLORES-200 by its own codes", fsys: flores, paths: []string{"f"}, o: files.Options{Langs: []corpora.Lang{"ja-Jpan", "en-Latn"}},
			want: "ja|devtest.1|http://b|wikivoyage|は\nen|devtest.1|http://b|wikivoyage|three\n"},
		{name: "FLORES-200 without metadata", paths: []string{"."}, fsys: tree("dev/eng_Latn.dev", "one\n", "devtest/eng_Latn.devtest", "x\n"), o: files.Options{Split: "dev"},
			want: "en|dev.1|dev.1|text|one\n", notes: []string{".: no metadata_dev.tsv, so no documents and domains"}},
		{name: "FLORES+", paths: []string{"p"}, fsys: tree(
			"p/devtest/cmn_Hans.jsonl", `{"id":7,"iso_639_3":"cmn","iso_15924":"Hans","text":"一","url":"http://a","domain":"wikibooks"}`+"\n",
			"p/devtest/eng_Latn.jsonl", `{"id":7,"iso_639_3":"eng","iso_15924":"Latn","text":"one","url":"http://a","domain":"wikibooks"}`+"\n"),
			want: "en|devtest.7|http://a|wikibooks|one\nzh-Hans|devtest.7|http://a|wikibooks|一\n"},
		{name: "NTREX-128 as published: CR LF, source and copies for regions", paths: []string{"n"}, fsys: tree(
			"n/DOCUMENT_IDS.tsv", "a.1\na.1\nb.2\n", "n/LANGUAGES.tsv", "x",
			"n/NTREX-128/newstest2019-src.eng.txt", "one\r\ntwo\r\nthree\r\n", "n/NTREX-128/newstest2019-ref.eng-US.txt", "One\r\nTwo\r\nThree\r\n",
			"n/NTREX-128/newstest2019-ref.zho-TW.txt", "一\r\n二\r\n三\r\n", "n/NTREX-128/newstest2019-ref.por.txt", "um\r\ndois\r\ntrês\r\n",
			"n/NTREX-128/newstest2019-ref.por-BR.txt", "Um\r\nDois\r\nTrês\r\n", "n/NTREX-128/newstest2019-ref-2.spa.txt", "x\n", "n/NTREX-128/newstest2019-ref.qqq-ZZZ.txt", "x\n"),
			o: files.Options{Langs: []corpora.Lang{"en", "zh-TW", "en-US", "pt-BR", "pt"}},
			want: "en|a.1.1|a.1|news|one\nen|a.1.2|a.1|news|two\nen|b.2.1|b.2|news|three\n" +
				"zh-Hant|a.1.1|a.1|news|一\nzh-Hant|a.1.2|a.1|news|二\nzh-Hant|b.2.1|b.2|news|三\n" +
				"en-US|a.1.1|a.1|news|One\nen-US|a.1.2|a.1|news|Two\nen-US|b.2.1|b.2|news|Three\n" +
				"pt-BR|a.1.1|a.1|news|Um\npt-BR|a.1.2|a.1|news|Dois\npt-BR|b.2.1|b.2|news|Três\n" +
				"pt|a.1.1|a.1|news|um\npt|a.1.2|a.1|news|dois\npt|b.2.1|b.2|news|três\n",
			notes: []string{"n: left out, as their codes are no languages that are known here: qqq-ZZZ"}},
		{name: "WMT24++, without bad sources and canary", paths: []string{"w"}, fsys: tree(
			"w/en-zh_CN.jsonl", wmt("zh_CN", "canary|canary|1|false|x|x", "news|d1|1|false|one|一", "news|d1|2|true|@@|@@", "speech|d2|3|false|three|三"),
			"w/en-ja_JP.jsonl", wmt("ja_JP", "canary|canary|1|false|x|x", "news|d1|1|false|one|い", "news|d1|2|true|@@|@@", "speech|d2|3|false|three|は")),
			want:  "en|d1.1|d1|news|one\nen|d2.3|d2|speech|three\nzh-Hans|d1.1|d1|news|一\nzh-Hans|d2.3|d2|speech|三\nja|d1.1|d1|news|い\nja|d2.3|d2|speech|は\n",
			notes: []string{"1 segments left out: their source is marked as bad"}},
		{name: "WMT24++, languages in the order asked for", paths: []string{"w"}, fsys: tree(
			"w/en-zh_CN.jsonl", wmt("zh_CN", "news|d1|1|false|one|一"), "w/en-ja_JP.jsonl", wmt("ja_JP", "news|d1|1|false|one|い")),
			o:    files.Options{Langs: []corpora.Lang{"ja", "en"}},
			want: "ja|d1.1|d1|news|い\nen|d1.1|d1|news|one\n"},
		{name: "WMT24++, the base before what was asked for", paths: []string{"w"}, fsys: tree(
			"w/en-zh_CN.jsonl", wmt("zh_CN", "news|d1|1|false|one|一"), "w/en-ja_JP.jsonl", wmt("ja_JP", "news|d1|1|false|one|い")),
			o:    files.Options{Langs: []corpora.Lang{"ja"}, Base: "en"},
			want: "en|d1.1|d1|news|one\nja|d1.1|d1|news|い\n"},
		{name: "the base if there is one", fsys: tree("d/ja.txt", "い\n", "d/ko.txt", "가\n"), paths: []string{"d"}, o: files.Options{Langs: []corpora.Lang{"ko"}, Base: "en"},
			want: "ko|1|1|text|가\n"},
		{name: "MASSIVE, the partition test", paths: []string{"m"}, fsys: tree(
			"m/1.1/data/en-US.jsonl", `{"id":"0","locale":"en-US","partition":"test","scenario":"alarm","intent":"x","utt":"wake me","annot_utt":"y"}`+"\n"+`{"id":"1","partition":"train","scenario":"alarm","utt":"z"}`+"\n",
			"m/1.1/data/ko-KR.jsonl", `{"id":"1","partition":"train","scenario":"alarm","utt":"ㅋ"}`+"\n"+`{"id":"0","locale":"ko-KR","partition":"test","scenario":"alarm","utt":"깨워"}`+"\n",
			"m/1.1/LICENSE", "x"),
			want: "en|0|0|alarm|wake me\nko|0|0|alarm|깨워\n"},
		{name: "UDHR, XML", paths: []string{"u"}, fsys: tree(
			"u/udhr_eng.xml", `<?xml version="1.0" encoding="UTF-8"?><udhr xmlns="http://efele.net/udhr"><title>T</title><note><para>no</para></note><preamble><title>P</title><para>a</para><para> b </para></preamble><article number="1"><title>A</title><orderedlist><listitem><para>c</para></listitem></orderedlist></article></udhr>`,
			"u/udhr_cmn_hant.xml", `<udhr><preamble><para>甲</para></preamble><article number="1"><para>乙</para></article></udhr>`,
			"u/udhr_007.xml", `<udhr/>`, "u/udhr_kor.xml", `<udhr><article number="1"><para>하나</para></article></udhr>`),
			want: "en|preamble|preamble|law|a\nb\nen|article1|article1|law|c\nzh-Hant|preamble|preamble|law|甲\nzh-Hant|article1|article1|law|乙\n",
			notes: []string{"u: 1 translations left out: the file's name is no language, or another one of the same language comes first",
				"u: 1 languages left out that lack a segment: ko"}},
		{name: "UDHR, HTML", paths: []string{"u"}, fsys: tree(
			"u/declaration/eng.html", `<!doctype html>`+"\n"+`<html lang="en"><head><title>English</title></head><body><h1>U</h1><header><h2>P</h2><p>a&nbsp;b</p></header><article data-number="1"><h2>A</h2><p>c</p></article></body></html>`,
			"u/declaration/jpn.html", `<html><body><header><p>い</p></header><article data-number="1"><p>ろ</p></article></body></html>`),
			want: "en|preamble|preamble|law|a\u00a0b\nen|article1|article1|law|c\nja|preamble|preamble|law|い\nja|article1|article1|law|ろ\n"},

		{name: "a prefix", paths: []string{"data/train"}, fsys: tree("data/train.en", "a\nb\n", "data/train.ja", "い\nろ", "data/train.txt.bak", "x"),
			want: "en|1|1|text|a\nen|2|2|text|b\nja|1|1|text|い\nja|2|2|text|ろ\n"},
		{name: "files with languages", paths: []string{"en=a.txt", "zh-TW=b.txt"}, fsys: tree("a.txt", "a\n", "b.txt", "甲\n"),
			want: "en|1|1|text|a\nzh-Hant|1|1|text|甲\n"},
		{name: "one file, one language", paths: []string{"x/ja.txt"}, fsys: tree("x/ja.txt", "い\nろ\n"), want: "ja|1|1|text|い\nja|2|2|text|ろ\n"},
		{name: "a byte order mark of UTF-8 is no text", paths: []string{"ja.txt"}, fsys: tree("ja.txt", "\ufeffい\n"), want: "ja|1|1|text|い\n"},
		{name: "U+2028, U+0085 and a CR inside do not end a line", paths: []string{"d"}, fsys: tree("d/en.txt", "a\u2028b\u0085c\rd\n", "d/ja.txt", "い\n"),
			want: "en|1|1|text|a\u2028b\u0085c\rd\nja|1|1|text|い\n"},
		{name: "blank in all languages is no segment", paths: []string{"d"}, fsys: tree("d/en.txt", "a\n\nb\n", "d/ja.txt", "い\n \nろ\n"),
			want:  "en|1|1|text|a\nen|3|3|text|b\nja|1|1|text|い\nja|3|3|text|ろ\n",
			notes: []string{"d: 1 segments left out: no text in any language"}},
		{name: "incomplete segments are dropped if that is said", paths: []string{"d"}, o: files.Options{Drop: true}, fsys: tree("d/en.txt", "a\nb\n", "d/ja.txt", "い\n\n"),
			want:  "en|1|1|text|a\nja|1|1|text|い\n",
			notes: []string{"d: 1 of 2 segments left out: no text in every language (missing in ja 1)"}},
		{name: "lines by domain", paths: []string{"d"}, fsys: tree("d/law/en.txt", "a\n", "d/law/ja.txt", "い\n", "d/ui/en.txt", "b\n", "d/ui/ja.txt", "ろ\n"),
			want: "en|law.1|law.1|law|a\nen|ui.1|ui.1|ui|b\nja|law.1|law.1|law|い\nja|ui.1|ui.1|ui|ろ\n"},
		{name: "a folder a language, files named as languages are", paths: []string{"d"}, fsys: tree("d/en/law.txt", "a\n", "d/ja/law.txt", "い\n"),
			want: "en|law.txt.1|law.txt|text|a\nja|law.txt.1|law.txt|text|い\n"},
		{name: "a folder a language", paths: []string{"d"}, fsys: tree("d/en/a/x.md", "a\nb\n", "d/en/y.md", "c\n", "d/zh-CN/a/x.md", "一\n二\n", "d/zh-CN/y.md", "三\n", "d/README.md", "x"),
			want: "en|a/x.md.1|a/x.md|text|a\nen|a/x.md.2|a/x.md|text|b\nen|y.md.1|y.md|text|c\nzh-Hans|a/x.md.1|a/x.md|text|一\nzh-Hans|a/x.md.2|a/x.md|text|二\nzh-Hans|y.md.1|y.md|text|三\n"},

		{name: "TSV: quotes are text, other columns are left out", paths: []string{"t.tsv"}, fsys: tree("t.tsv", "ja\ten\tremark\turl\n\"い\"\ta\tx\ty\n"),
			want: "en|1|1|text|a\nja|1|1|text|\"い\"\n", notes: []string{`columns left out: "remark", "url"`}},
		{name: "TSV: id is the keys", paths: []string{"t.tsv"}, fsys: tree("t.tsv", "id\ten\nk\ta\n"), want: "en|k|k|text|a\n",
			notes: []string{`column "id" is taken for the keys; if it is Indonesian, ask for that language or name the keys "key"`}},
		{name: "TSV: id is Indonesian beside keys", paths: []string{"t.tsv"}, fsys: tree("t.tsv", "key\tid\ten\nk\tsatu\ta\n"), want: "en|k|k|text|a\nid|k|k|text|satu\n"},
		{name: "TSV: id is Indonesian if it was asked for", paths: []string{"t.tsv"}, fsys: tree("t.tsv", "id\ten\nsatu\ta\n"), o: files.Options{Langs: []corpora.Lang{"en", "id"}},
			want: "en|1|1|text|a\nid|1|1|text|satu\n"},
		{name: "a code that is told", paths: []string{"t.tsv"}, fsys: tree("t.tsv", "jp\tzh\nい\t一\n"), o: files.Options{As: map[string]corpora.Lang{"jp": "ja", "zh": "zh-Hans"}},
			want: "zh-Hans|1|1|text|一\nja|1|1|text|い\n"},
		{name: "CSV: quotes, line feeds, documents", paths: []string{"t.csv"}, fsys: tree("t.csv", "doc,en,ja\nd,\"a, \"\"b\"\"\n c\",い\nd,x,ろ\n"),
			want: "en|d.1|d|text|a, \"b\"\n c\nen|d.2|d|text|x\nja|d.1|d|text|い\nja|d.2|d|text|ろ\n"},
		{name: "JSON lines", paths: []string{"t.jsonl"}, fsys: tree("t.jsonl", "{\"key\":3,\"en\":\"a\\u00e9\",\"ja\":\"い\",\"meta\":{\"x\":[1]}}\n\n{\"key\":\"4\",\"en\":\"b\",\"ja\":\"ろ\",\"meta\":null}\n"),
			want:  "en|3|3|text|aé\nen|4|4|text|b\nja|3|3|text|い\nja|4|4|text|ろ\n",
			notes: []string{`columns left out: "meta"`}},
		{name: "TMX 1.1, spellings of languages, inline codes", paths: []string{"m.tmx"}, fsys: tree("m.tmx", `<tmx version="1.1"><header/><body>
<tu><tuv lang="EN-US"><seg>a <bpt i="1">&lt;b></bpt>bold<ept i="1">&lt;/b></ept><ph>x<sub>alt</sub>y</ph><it pos="begin">z</it><ut>q</ut> <hi>end</hi></seg></tuv><tuv lang="JA-JP"><seg>い&#x1F600;&amp;</seg></tuv></tu>
<tu><tuv lang="en"><seg>b</seg></tuv><tuv lang="ja"><seg> ろ
は </seg></tuv></tu></body></tmx>`),
			want: "en|1|1|text|a boldalt end\nen|2|2|text|b\nja|1|1|text|い😀&\nja|2|2|text| ろ\nは \n"},
		{name: "TMX: of languages that are not asked for nothing is kept", paths: []string{"m.tmx"}, o: files.Options{Langs: []corpora.Lang{"ja"}},
			fsys: tree("m.tmx", tmxHead+`<tu><tuv xml:lang="zh-TW"><seg>a</seg></tuv><tuv xml:lang="zh-HK"><seg>b</seg></tuv><tuv xml:lang="ja"><seg>い</seg></tuv></tu>`+tmxEnd),
			want: "ja|1|1|text|い\n"},
		{name: "XLIFF 1.2: segments, states, native codes", paths: []string{"x.xlf"}, fsys: tree("x.xlf", `<?xml version="1.0"?><xliff version="1.2"><file original="a.html" source-language="en-US" target-language="ja-JP" datatype="html"><header><skl><internal-file>zip</internal-file></skl></header><body><group>
<trans-unit id="u1"><source>One. Two.</source><seg-source><mrk mtype="seg" mid="0">One.</mrk> <mrk mtype="seg" mid="1">Two <x id="1"/><g id="2">b</g>.</mrk></seg-source><target><mrk mtype="seg" mid="0">一。</mrk><mrk mtype="seg" mid="1">二<bpt id="3">&lt;b></bpt>。</mrk></target></trans-unit>
<trans-unit id="u2"><source>new</source><target state="needs-translation">x</target></trans-unit>
<trans-unit id="u3" approved="no"><source>no</source><target>x</target></trans-unit>
<trans-unit id="u4" translate="no"><source>code</source><target>code</target></trans-unit>
<trans-unit id="u5"><source>none</source></trans-unit>
<trans-unit id="u6" approved="yes"><source>Three</source><target state="translated">三</target><note>n</note></trans-unit>
</group></body></file></xliff>`),
			want: "en|a.html.u1.0|a.html|text|One.\nen|a.html.u1.1|a.html|text|Two b.\nen|a.html.u6|a.html|text|Three\n" +
				"ja|a.html.u1.0|a.html|text|一。\nja|a.html.u1.1|a.html|text|二。\nja|a.html.u6|a.html|text|三\n",
			notes: []string{"x.xlf: 4 units left out: not translated, or not final"}},
		{name: "XLIFF 2.1: segments of a unit, ignorable, cp", paths: []string{"x.xliff"}, fsys: tree("x.xliff", `<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en" trgLang="zh-TW"><file id="f1"><group id="g"><unit id="1"><originalData><data id="d">&lt;b></data></originalData><segment id="s1"><source>A<cp hex="0007"/>.</source><target>甲<mrk id="m" type="term">乙</mrk>。</target></segment><ignorable><source> </source></ignorable><segment><source>B</source><target><pc id="1">丙</pc></target></segment></unit><unit id="2"><segment state="initial"><source>C</source><target>丁</target></segment></unit></group></file></xliff>`),
			want:  "en|f1.1.s1|f1|text|A\a.\nen|f1.1.2|f1|text|B\nzh-Hant|f1.1.s1|f1|text|甲乙。\nzh-Hant|f1.1.2|f1|text|丙\n",
			notes: []string{"x.xliff: 1 units left out: not translated, or not final"}},
		{name: "PO: fuzzy, obsolete, empty, plural, context, escapes", paths: []string{"p"}, fsys: tree(
			"p/ja.po", `msgid ""
msgstr ""
"Language: ja\n"
"Content-Type: text/plain; charset=UTF-8\n"

#: src/a.c:1 src/b.c:2
msgid "one \"1\"\n"
"more"
msgstr "い\t\x41\101"

#: src/a.c:5
#, fuzzy, c-format
msgid "two"
msgstr "に"

#: src/a.c:9
msgctxt "menu"
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d 個"

msgid "no translation"
msgstr ""

#~ msgid "old"
#~ msgstr "古い"
`,
			"p/ko.po", "msgid \"one \\\"1\\\"\\nmore\"\nmsgstr \"하나\"\n\nmsgctxt \"menu\"\nmsgid \"%d file\"\nmsgid_plural \"%d files\"\nmsgstr[0] \"a\"\nmsgstr[1] \"%d개\"\n"),
			want: "en|src/a.c.1|src/a.c|text|one \"1\"\nmore\nen|src/a.c.3|src/a.c|text|%d files\n" +
				"ja|src/a.c.1|src/a.c|text|い\tAA\nja|src/a.c.3|src/a.c|text|%d 個\nko|src/a.c.1|src/a.c|text|하나\nko|src/a.c.3|src/a.c|text|%d개\n",
			notes: []string{"p/ja.po: 1 fuzzy and 1 untranslated entries left out"}},
		{name: "an encoding that a file declares", paths: []string{"m.tmx"},
			fsys: tree("m.tmx", `<?xml version="1.0" encoding="Shift_JIS"?>`+tmxHead+"<tu><tuv xml:lang=\"ja\"><seg>\x93\xfa\x96\x7b</seg></tuv></tu>"+tmxEnd),
			want: "ja|1|1|text|日本\n"},
		{name: "a PO file in EUC-KR", paths: []string{"ko.po"},
			fsys: tree("ko.po", "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=EUC-KR\\n\"\n\nmsgid \"a\"\nmsgstr \"\xb0\xa1\"\n"),
			want: "en|1|1|text|a\nko|1|1|text|가\n"},
		{name: "U+FFFD that stands in a file is a character", paths: []string{"ja.txt"}, o: files.Options{Encodings: map[corpora.Lang]string{"": "gb18030"}},
			fsys: tree("ja.txt", "a\x84\x31\xa4\x37b\n"), want: "ja|1|1|text|a\ufffdb\n"},
		{name: "a format by its first bytes", paths: []string{"memory"}, fsys: tree("memory", tmxHead+`<tu><tuv xml:lang="ja"><seg>い</seg></tuv></tu>`+tmxEnd),
			want: "ja|1|1|text|い\n"},
		{name: "a format that is named", paths: []string{"t.dat"}, o: files.Options{Format: "tsv"}, fsys: tree("t.dat", "en\tja\na\tい\n"), want: "en|1|1|text|a\nja|1|1|text|い\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, notes, err := files.Load(c.fsys, c.paths, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, show(t, got)); diff != "" {
				t.Errorf("segments (-want +got):\n%s", diff)
			}
			if !slices.Equal(notes, c.notes) {
				t.Errorf("notes %q, want %q", notes, c.notes)
			}
		})
	}
}
