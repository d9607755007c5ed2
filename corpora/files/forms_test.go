package files_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/corpora/files"
)

// A form is a corpus written in one of the formats, as others write it.
type form struct {
	name  string
	write func(t testing.TB, c *grid) fstest.MapFS
	paths []string // "." if none
	o     files.Options
	// holds reports whether the format can hold a row.
	holds func(row map[corpora.Lang]string) bool
}

// grid is a corpus row by row.
type grid struct {
	langs []corpora.Lang
	rows  []corpora.Segment // keys, documents, domains
	texts map[corpora.Lang][]string
}

func gridOf(t testing.TB, c *corpora.Corpus) *grid {
	g := &grid{langs: c.Langs(), texts: make(map[corpora.Lang][]string)}
	for i, l := range g.langs {
		for s, err := range c.Segments(l) {
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				g.rows = append(g.rows, s)
			}
			g.texts[l] = append(g.texts[l], s.Text)
		}
	}
	return g
}

// only returns the rows that a format can hold, numbered again within their
// documents: what a reader that finds no keys does.
func (g *grid) only(holds func(map[corpora.Lang]string) bool) *grid {
	h := &grid{langs: g.langs, texts: make(map[corpora.Lang][]string)}
	count := make(map[string]int)
	for i, r := range g.rows {
		row := make(map[corpora.Lang]string)
		for _, l := range g.langs {
			row[l] = g.texts[l][i]
		}
		if holds != nil && !holds(row) {
			continue
		}
		count[r.Doc]++
		r.Key = fmt.Sprintf("%s.%d", r.Doc, count[r.Doc])
		h.rows = append(h.rows, r)
		for _, l := range g.langs {
			h.texts[l] = append(h.texts[l], row[l])
		}
	}
	return h
}

func (g *grid) corpus(t testing.TB, name string) *corpora.Corpus {
	t.Helper()
	texts := make(map[corpora.Lang][]corpora.Segment)
	for _, l := range g.langs {
		for i, r := range g.rows {
			r.Text = g.texts[l][i]
			texts[l] = append(texts[l], r)
		}
	}
	c, err := corpora.New(name, g.langs, texts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// id is the part of a key behind its document.
func id(s corpora.Segment) string { return strings.TrimPrefix(s.Key, s.Doc+".") }

func oneLine(row map[corpora.Lang]string) bool {
	for _, s := range row {
		if strings.ContainsAny(s, "\n\t") {
			return false
		}
	}
	return true
}

func escaped(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.String()
}

func utf16(t testing.TB, s string) []byte {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(m fstest.MapFS, name string, data []byte) { m[name] = &fstest.MapFile{Data: data} }

func tsvOf(_ testing.TB, g *grid) fstest.MapFS {
	var b strings.Builder
	b.WriteString("key\tdocument\tdomain")
	for _, l := range slices.Backward(g.langs) { // the order of columns is not that of the corpus
		b.WriteString("\t" + string(l))
	}
	b.WriteString("\n")
	for i, r := range g.rows {
		b.WriteString(r.Key + "\t" + r.Doc + "\t" + r.Domain)
		for _, l := range slices.Backward(g.langs) {
			b.WriteString("\t" + g.texts[l][i])
		}
		b.WriteString("\n")
	}
	m := fstest.MapFS{}
	put(m, "corpus.tsv", []byte(b.String()))
	return m
}

func csvOf(t testing.TB, g *grid) fstest.MapFS {
	var b bytes.Buffer
	b.WriteString("\ufeff") // as Excel does
	w := csv.NewWriter(&b)
	head := []string{"domain", "key", "doc"}
	for _, l := range g.langs {
		head = append(head, string(l))
	}
	if err := w.Write(head); err != nil {
		t.Fatal(err)
	}
	for i, r := range g.rows {
		row := []string{r.Domain, r.Key, r.Doc}
		for _, l := range g.langs {
			row = append(row, g.texts[l][i])
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	m := fstest.MapFS{}
	put(m, "corpus.csv", b.Bytes())
	return m
}

func jsonlOf(long bool) func(t testing.TB, g *grid) fstest.MapFS {
	return func(t testing.TB, g *grid) fstest.MapFS {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		for i, r := range g.rows {
			o := map[string]string{"segment_id": r.Key, "doc": r.Doc, "domain": r.Domain}
			for _, l := range g.langs {
				if !long {
					o[string(l)] = g.texts[l][i]
					continue
				}
				o["lang"], o["text"] = string(l), g.texts[l][i]
				if err := enc.Encode(o); err != nil {
					t.Fatal(err)
				}
			}
			if !long {
				if err := enc.Encode(o); err != nil {
					t.Fatal(err)
				}
			}
		}
		m := fstest.MapFS{}
		put(m, "corpus.jsonl", b.Bytes())
		return m
	}
}

// tmxText is a memory as a tool writes it: other spellings of languages, inline
// codes, a document type.
func tmxText(g *grid, enc string) string {
	code := map[corpora.Lang]string{"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "ja": "JA-JP", "ko": "ko-KR", "en": "en-US"}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="` + enc + `"?>` + "\n" + `<!DOCTYPE tmx SYSTEM "tmx14.dtd">` + "\n")
	b.WriteString(`<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="en" datatype="plaintext"/><body>` + "\n")
	for i, r := range g.rows {
		fmt.Fprintf(&b, `<tu tuid="%s"><note>a note</note><prop type="x-document">%s</prop><prop type="domain">%s</prop>`+"\n", escaped(r.Key), escaped(r.Doc), escaped(r.Domain))
		for _, l := range g.langs {
			c := code[l]
			if c == "" {
				c = string(l)
			}
			fmt.Fprintf(&b, `  <tuv xml:lang="%s"><seg><bpt i="1">{\b </bpt><hi>%s</hi><ept i="1">}</ept><ph>&lt;br/&gt;</ph></seg></tuv>`+"\n", c, escaped(g.texts[l][i]))
		}
		b.WriteString("</tu>\n")
	}
	b.WriteString("</body></tmx>\n")
	return b.String()
}

func xliffOf(version string) func(testing.TB, *grid) fstest.MapFS {
	return func(_ testing.TB, g *grid) fstest.MapFS {
		m := fstest.MapFS{}
		for _, l := range g.langs[1:] {
			var b strings.Builder
			fmt.Fprintf(&b, `<?xml version="1.0"?><xliff version=%q xmlns="urn:oasis:names:tc:xliff:document:%[1]s"`, version)
			two := version[0] == '2'
			if two {
				fmt.Fprintf(&b, ` srcLang=%q trgLang=%q`, g.langs[0], l)
			}
			b.WriteString(">\n")
			doc, n := "", 0
			end := func() {
				if doc != "" && two {
					b.WriteString("</file>\n")
				} else if doc != "" {
					b.WriteString("</body></file>\n")
				}
			}
			for i, r := range g.rows {
				if r.Doc != doc {
					end()
					doc = r.Doc
					n++
					if two {
						fmt.Fprintf(&b, `<file id="f%d" original="%s"><notes><note category="domain">%s</note></notes>`, n, escaped(doc), escaped(r.Domain))
					} else {
						fmt.Fprintf(&b, `<file original="%s" source-language=%q target-language=%q datatype="plaintext" category="%s"><header><note>x</note></header><body>`, escaped(doc), g.langs[0], l, escaped(r.Domain))
					}
				}
				src, trg := escaped(g.texts[g.langs[0]][i]), escaped(g.texts[l][i])
				if two {
					fmt.Fprintf(&b, `<unit id=%q><segment state="final"><source><pc id="1">%s</pc></source><target><ph id="2"/>%s</target></segment></unit>`+"\n", id(r), src, trg)
				} else {
					fmt.Fprintf(&b, `<trans-unit id=%q><source><g id="1">%s</g></source><target state="final"><ph id="2">&lt;br&gt;</ph>%s</target><alt-trans><target>old</target></alt-trans></trans-unit>`+"\n", id(r), src, trg)
				}
			}
			end()
			b.WriteString("</xliff>\n")
			put(m, "app_"+string(l)+".xlf", []byte(b.String()))
		}
		return m
	}
}

func poString(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
	if parts := strings.SplitAfter(s, `\n`); len(parts) > 1 {
		return "\"\"\n\"" + strings.Join(parts, "\"\n\"") + `"`
	}
	return `"` + s + `"`
}

func poOf(_ testing.TB, g *grid) fstest.MapFS {
	m := fstest.MapFS{}
	for _, l := range g.langs[1:] {
		by := make(map[string]*strings.Builder)
		for i, r := range g.rows {
			b := by[r.Domain]
			if b == nil {
				b = new(strings.Builder)
				by[r.Domain] = b
				fmt.Fprintf(b, "# header\nmsgid \"\"\nmsgstr \"\"\n\"Language: %s\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n", strings.ReplaceAll(string(l), "-", "_"))
			}
			fmt.Fprintf(b, "\n#. for translators\n#: %s:%d\n#, c-format\nmsgctxt %s\nmsgid %s\nmsgstr %s\n", r.Doc, i+1, poString(r.Key), poString(g.texts[g.langs[0]][i]), poString(g.texts[l][i]))
		}
		for domain, b := range by {
			fmt.Fprintf(b, "\n#, fuzzy\nmsgid \"a fuzzy one\"\nmsgstr \"x\"\n\n#~ msgid \"an old one\"\n#~ msgstr \"y\"\n")
			put(m, string(l)+"/LC_MESSAGES/"+domain+".po", []byte(b.String()))
		}
	}
	return m
}

// linesOf writes a file for each language and domain; enc encodes some.
func linesOf(enc map[corpora.Lang]encoding.Encoding, crlf bool) func(testing.TB, *grid) fstest.MapFS {
	return func(t testing.TB, g *grid) fstest.MapFS {
		end := "\n"
		if crlf {
			end = "\r\n"
		}
		m := fstest.MapFS{}
		files := make(map[string]*strings.Builder)
		at := func(name string) *strings.Builder {
			if files[name] == nil {
				files[name] = new(strings.Builder)
			}
			return files[name]
		}
		one := !slices.ContainsFunc(g.rows, func(r corpora.Segment) bool { return r.Domain != "text" })
		for i, r := range g.rows {
			dir := r.Domain + "/"
			if one {
				dir = ""
			}
			at(dir + "DOCUMENT_IDS.tsv").WriteString(r.Doc + end)
			for _, l := range g.langs {
				at(dir + string(l) + ".txt").WriteString(g.texts[l][i] + end)
			}
		}
		for name, b := range files {
			data := []byte(b.String())
			lang := corpora.Lang(strings.TrimSuffix(path.Base(name), ".txt"))
			if e := enc[lang]; e != nil {
				var err error
				if data, err = e.NewEncoder().Bytes(data); err != nil {
					t.Fatal(err)
				}
			}
			put(m, name, data)
		}
		return m
	}
}

func plainOf(_ testing.TB, g *grid) fstest.MapFS {
	m := fstest.MapFS{}
	for _, l := range g.langs {
		by := make(map[string]*strings.Builder)
		doc := ""
		for i, r := range g.rows {
			b := by[r.Domain]
			if b == nil {
				b = new(strings.Builder)
				by[r.Domain] = b
			}
			if r.Doc != doc {
				doc = r.Doc
				fmt.Fprintf(b, "\n[%s]\n", strings.TrimPrefix(doc, r.Domain+"."))
			}
			fmt.Fprintf(b, "%s: %s\n", id(r), strings.ReplaceAll(g.texts[l][i], "\n", "\n\t"))
		}
		for domain, b := range by {
			put(m, domain+"/"+string(l)+".txt", []byte(b.String()))
		}
	}
	return m
}

// packed writes another form's files compressed.
func packed(ext string, write func(testing.TB, *grid) fstest.MapFS) func(testing.TB, *grid) fstest.MapFS {
	return func(t testing.TB, g *grid) fstest.MapFS {
		m := fstest.MapFS{}
		for name, f := range write(t, g) {
			var b bytes.Buffer
			if ext == ".gz" {
				w := gzip.NewWriter(&b)
				if _, err := w.Write(f.Data); err != nil {
					t.Fatal(err)
				}
				w.Close()
			} else {
				w, err := zstd.NewWriter(&b)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(f.Data); err != nil {
					t.Fatal(err)
				}
				w.Close()
			}
			put(m, name+ext, b.Bytes())
		}
		return m
	}
}

// forms are all that a corpus is rewritten in.
func forms() []form {
	xmlOf := func(enc string) func(testing.TB, *grid) fstest.MapFS {
		return func(t testing.TB, g *grid) fstest.MapFS {
			m := fstest.MapFS{}
			if enc == "UTF-16" {
				put(m, "memory.tmx", utf16(t, tmxText(g, enc)))
			} else {
				put(m, "memory.tmx", []byte(tmxText(g, enc)))
			}
			return m
		}
	}
	all := []form{
		{name: "tsv", write: tsvOf, holds: oneLine},
		{name: "tsv.zst", write: packed(".zst", tsvOf), paths: []string{"corpus.tsv.zst"}, holds: oneLine},
		{name: "csv", write: csvOf},
		{name: "jsonl", write: jsonlOf(false)},
		{name: "jsonl long", write: jsonlOf(true)},
		{name: "jsonl.gz", write: packed(".gz", jsonlOf(false))},
		{name: "tmx utf-8", write: xmlOf("UTF-8")},
		{name: "tmx utf-16", write: xmlOf("UTF-16")},
		{name: "tmx utf-16.zst", write: packed(".zst", xmlOf("UTF-16"))},
		{name: "xliff 1.2", write: xliffOf("1.2")},
		{name: "xliff 2.0", write: xliffOf("2.0")},
		{name: "po", write: poOf},
		{name: "po.zst", write: packed(".zst", poOf)},
		{name: "lines", write: linesOf(nil, false), holds: oneLine},
		{name: "lines crlf", write: linesOf(nil, true), holds: oneLine},
		{name: "lines.zst", write: packed(".zst", linesOf(nil, false)), holds: oneLine},
		{name: "plain", write: plainOf},
	}
	for _, x := range []struct {
		lang corpora.Lang
		name string
		enc  encoding.Encoding
	}{
		{"ja", "shift_jis", japanese.ShiftJIS}, {"ja", "euc-jp", japanese.EUCJP}, {"ja", "iso-2022-jp", japanese.ISO2022JP},
		{"ko", "euc-kr", korean.EUCKR}, {"zh-Hans", "gbk", simplifiedchinese.GBK}, {"zh-Hans", "gb18030", simplifiedchinese.GB18030},
		{"zh-Hant", "big5", traditionalchinese.Big5}, {"ja", "utf-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
		{"ja", "utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	} {
		all = append(all, form{
			name:  string(x.lang) + "=" + x.name,
			write: linesOf(map[corpora.Lang]encoding.Encoding{x.lang: x.enc}, false),
			o:     files.Options{Encodings: map[corpora.Lang]string{x.lang: x.name}},
			holds: func(row map[corpora.Lang]string) bool {
				b, err := x.enc.NewEncoder().Bytes([]byte(row[x.lang]))
				if err != nil || !oneLine(row) {
					return false
				}
				// A character that comes back as another one is not held.
				back, err := x.enc.NewDecoder().Bytes(b)
				return err == nil && string(back) == row[x.lang] && !bytes.Contains([]byte(row[x.lang]), []byte("\ufffd"))
			},
		})
	}
	return all
}

// sameInEveryForm rewrites a corpus in every form and wants the identical one.
func sameInEveryForm(t *testing.T, c *corpora.Corpus, plain bool) {
	whole := gridOf(t, c)
	for _, f := range forms() {
		t.Run(f.name, func(t *testing.T) {
			if f.name == "plain" && !plain {
				t.Skip("the keys of this corpus are not those of the plain format")
			}
			g := whole.only(f.holds)
			if 2*len(g.rows) < len(whole.rows) {
				t.Fatalf("only %d of %d segments can be written so", len(g.rows), len(whole.rows))
			}
			if n := len(whole.rows) - len(g.rows); n > 0 {
				t.Logf("%d of %d segments cannot be written so", n, len(whole.rows))
			}
			want := g.corpus(t, "c")
			fsys := f.write(t, g)
			paths := f.paths
			if paths == nil {
				paths = []string{"."}
			}
			f.o.Name = "c"
			got, notes, err := files.Load(fsys, paths, f.o)
			if err != nil {
				t.Fatalf("%v (files %v)", err, slices.Sorted(maps.Keys(fsys)))
			}
			if got.Digest() != want.Digest() {
				for _, l := range want.Langs() {
					if diff := cmp.Diff(segments(t, want, l), segments(t, got, l)); diff != "" {
						t.Fatalf("%s (-want +got):\n%.2000s", l, diff)
					}
				}
				t.Fatalf("digest %s, want %s; languages %v, want %v", got.Digest(), want.Digest(), got.Langs(), want.Langs())
			}
			if f.name != "po" && f.name != "po.zst" && len(notes) > 0 {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

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

// The built-in corpus is the same in every form.
func TestBuiltinInEveryForm(t *testing.T) {
	c, err := corpora.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Select([]corpora.Lang{"en", "zh-Hans", "zh-Hant", "ja", "ko"}, nil); err != nil {
		t.Fatal(err)
	}
	sameInEveryForm(t, c, true)
}

// disk is the files of the machine.
type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

const ntrex = "../../../shared/corpora/ntrex128"

// So is NTREX-128, of which 18 languages lie beside the project where it is
// developed.
func TestNTREXInEveryForm(t *testing.T) {
	if _, err := os.Stat(ntrex); err != nil {
		t.Skipf("no NTREX-128 at %s: the same test ran on the built-in corpus", ntrex)
	}
	c, notes, err := files.Load(disk{}, []string{ntrex}, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != 1997 || c.Docs() != 123 || len(c.Langs()) != 18 || c.Name != "ntrex128" || len(notes) > 0 {
		t.Fatalf("%s: %d segments, %d documents, %d languages, notes %q; want 1997, 123, 18", c.Name, c.Len(), c.Docs(), len(c.Langs()), notes)
	}
	sameInEveryForm(t, c, false)
}
