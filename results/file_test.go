package results_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/babelmeter/babelmeter/results"
)

// sample is a whole run: two languages of one domain, one vocabulary that
// counted and one that failed.
func sample() []results.Item {
	run := &results.Run{
		Schema: results.Schema, Tool: "babelmeter", Version: "v0.1.0", Command: []string{"babelmeter", "measure", "--lang", "ja"},
		Started: time.Date(2026, 8, 21, 12, 30, 0, 0, time.UTC),
		Host:    results.Host{Go: "go1.26.0", OS: "linux", Arch: "amd64", CPUs: 2, Unicode: "17.0.0"},
		Seed:    1<<64 - 1, // more than a float64 holds
		Base:    "en",
		Corpora: []results.Corpus{{Name: "c", Version: "1", License: "CC0-1.0", Digest: "sha256:00", Domains: []string{"d"}, Langs: []string{"en", "ja"}, Segments: 2, Docs: 1}},
		Vocabs: []results.Vocab{
			{Name: "v", Engine: "native", Version: "1", Digest: "sha256:11", License: "MIT", Reference: "r 1", Unicode: "16.0.0",
				Verified: results.Verified{Texts: 3, Agree: 3},
				Models:   []results.Model{{Name: "m", Provenance: "exact", Evidence: "e"}}},
			{Name: "w", Engine: "native", Version: "1", Digest: "sha256:22", Reference: "r 1", Verified: results.Verified{Texts: 3, Agree: 2, First: `text 1 "<&>\u2028"`}},
		},
	}
	texts := func(lang string, b, c []uint32) *results.Texts {
		return &results.Texts{Corpus: "c", Domain: "d", Lang: lang, Keys: []string{"d.p.1", "d.p.2"}, Docs: []string{"d.p", "d.p"},
			Bytes: b, Chars: c, Graphemes: c, Words: []uint32{1, 0}}
	}
	rec := func(vocab, lang string, tokens []uint32, err string) results.Item {
		return results.Item{Record: &results.Record{Corpus: "c", Domain: "d", Lang: lang, Vocab: vocab, Engine: "native", Tokens: tokens, Err: err}}
	}
	return []results.Item{
		{Run: run},
		{Texts: texts("en", []uint32{5, 4}, []uint32{5, 4})}, {Texts: texts("ja", []uint32{9, 6}, []uint32{3, 2})},
		rec("v", "en", []uint32{1, 0}, ""), rec("v", "ja", []uint32{1<<32 - 1, 2}, ""),
		rec("w", "en", nil, "differs <b>&\n\u2028 日本"), rec("w", "ja", nil, "differs"),
	}
}

func write(t testing.TB, items ...results.Item) string {
	t.Helper()
	var b bytes.Buffer
	w := results.NewWriter(&b)
	for _, it := range items {
		if err := w.Write(it); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func read(r io.Reader) (items []results.Item, err error) {
	for it, err := range results.Read(r, "f.jsonl") {
		if err != nil {
			return items, err
		}
		items = append(items, it)
	}
	return items, nil
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	file := write(t, want...)
	if n := strings.Count(file, "\n"); n != len(want) {
		t.Errorf("%d lines for %d items", n, len(want))
	}
	got, err := read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	if strings.Contains(file, `\u003c`) {
		t.Error("< is escaped as for HTML")
	}

	// Line feeds of other systems, blank lines and a missing last one do not
	// matter.
	for name, variant := range map[string]io.Reader{
		"CR LF":            strings.NewReader(strings.ReplaceAll(file, "\n", "\r\n")),
		"blank lines":      strings.NewReader("\n" + strings.ReplaceAll(file, "\n", "\n \n")),
		"no last LF":       strings.NewReader(strings.TrimSuffix(file, "\n")),
		"one byte a time":  iotest.OneByteReader(strings.NewReader(file)),
		"data with io.EOF": iotest.DataErrReader(strings.NewReader(file)),
	} {
		got, err := read(variant)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	set, err := results.ReadSet(strings.NewReader(file), "f.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	collected, err := results.Collect(seq(want...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(collected, set); diff != "" {
		t.Errorf("ReadSet and Collect of the same items (-Collect +ReadSet):\n%s", diff)
	}
	if len(set.Texts) != 2 || len(set.Records) != 4 || set.Run.Seed != 1<<64-1 || set.Records[1].Tokens[0] != 1<<32-1 {
		t.Errorf("set: %+v", set)
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	for range results.Read(strings.NewReader(write(t, sample()...)), "f.jsonl") {
		break // must not panic
	}
}

func seq(items ...results.Item) iter.Seq2[results.Item, error] {
	return func(yield func(results.Item, error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}
}

// line is one good line of each kind.
const (
	splitLine  = `{"record":{"corpus":"c","domain":"d","lang":"en","vocab":"v","engine":"e","tokens":[3,4],"unknown":[0,0]}}`
	runLine    = `{"run":{"schema":1,"tool":"babelmeter","version":"","command":null,"started":"2026-08-21T00:00:00Z","host":{"go":"","os":"","arch":"","cpus":0,"unicode":""},"seed":1,"base":"en","corpora":null,"vocabularies":null}}`
	textsLine  = `{"texts":{"corpus":"c","domain":"d","lang":"en","keys":["k","l"],"docs":["p","p"],"bytes":[1,2],"chars":[1,2],"graphemes":[1,2],"words":[1,2]}}`
	recordLine = `{"record":{"corpus":"c","domain":"d","lang":"en","vocab":"v","engine":"e","tokens":[1,2]}}`
)

// Each of these files is refused by Read, with the line that is wrong.
func TestReadErrors(t *testing.T) {
	if _, err := read(strings.NewReader(runLine + "\n" + textsLine + "\n" + recordLine + "\n")); err != nil {
		t.Fatalf("the good file: %v", err)
	}
	replace := func(line, old, new string) string {
		t.Helper()
		if !strings.Contains(line, old) {
			t.Fatalf("no %q in %s", old, line)
		}
		return strings.Replace(line, old, new, 1)
	}
	const truncated = "f.jsonl:2: the line ends in the middle of a value: the file is truncated; measure again or delete the line"
	for _, c := range []struct{ name, second, want string }{
		{"cut in an array", recordLine[:len(recordLine)-5], truncated},
		{"cut in a string", recordLine[:30], truncated},
		{"cut before the last brace", recordLine[:len(recordLine)-1], truncated},
		{"cut after the first brace", "{", truncated},
		{"unknown field of a record", replace(recordLine, `"tokens"`, `"tokenz"`), `f.jsonl:2: json: unknown field "tokenz"`},
		{"unknown field of an item", `{"note":{}}`, `f.jsonl:2: json: unknown field "note"`},
		{"unknown field of the host", replace(runLine, `"cpus":0`, `"cpus":0,"gpus":1`), `f.jsonl:2: json: unknown field "gpus"`},
		{"newer schema", replace(runLine, `"schema":1,"tool":"babelmeter","version":""`, `"schema":3,"tool":"babelmeter","version":"v2.0.0"`),
			`f.jsonl:2: schema 3 is not one that this program reads (1 to 2): use the version that wrote the file ("v2.0.0") or a newer one`},
		{"newer schema with fields of its own", replace(runLine, `"schema":1,`, `"schema":7,"weather":"fine",`),
			`f.jsonl:2: schema 7 is not one that this program reads (1 to 2): use the version that wrote the file ("") or a newer one`},
		{"no schema", replace(runLine, `"schema":1,`, ``), `f.jsonl:2: schema 0 is not one that this program reads (1 to 2): use the version that wrote the file ("") or a newer one`},
		{"split of another length", replace(recordLine, `"tokens":[`, `"split":[1,2,3,4,5,6,7,8,9],"tokens":[`), "f.jsonl:2: record v/c/d/en: 2 tokens but 9 split"},
		{"more unknown than tokens", strings.Replace(splitLine, "[0,0]", "[0,9]", 1), "f.jsonl:2: record v/c/d/en: segment 2 has 4 tokens, 9 of them unknown"},
		{"whole without its corpus", `{"whole":{"lang":"en","vocab":"v","engine":"e","joined":3}}`, "f.jsonl:2: whole: corpus, lang, vocab or engine missing"},
		{"whole with neither", `{"whole":{"corpus":"c","lang":"en","vocab":"v","engine":"e"}}`, "f.jsonl:2: whole v/c/en: expected either joined or err"},
		{"whole with more words than there are", `{"whole":{"corpus":"c","lang":"en","vocab":"v","engine":"e","joined":3,"words":1,"single_token_words":2}}`, "f.jsonl:2: whole v/c/en: 2 of 1 words are one token"},
		{"spectrum that does not ascend", `{"whole":{"corpus":"c","lang":"en","vocab":"v","engine":"e","joined":3,"spectrum":[[2,1],[2,1]]}}`, "f.jsonl:2: whole v/c/en: spectrum: expected ascending occurrences, each of one token or more, found [2,1]"},
		{"spectrum of no token", `{"whole":{"corpus":"c","lang":"en","vocab":"v","engine":"e","joined":3,"spectrum":[[1,0]]}}`, "f.jsonl:2: whole v/c/en: spectrum: expected ascending occurrences, each of one token or more, found [1,0]"},
		{"no base", replace(runLine, `"en"`, `""`), "f.jsonl:2: run: base language missing"},
		{"two values on a line", recordLine + recordLine, "f.jsonl:2: more than one JSON value on the line"},
		{"rubbish behind a value", recordLine + "x", "f.jsonl:2: more than one JSON value on the line"},
		{"two kinds in one item", `{"texts":` + textsLine[9:len(textsLine)-1] + `,` + recordLine[1:], "f.jsonl:2: expected one of run, texts, record, whole on a line, found 2"},
		{"neither", "{}", "f.jsonl:2: expected one of run, texts, record, whole on a line, found 0"},
		{"null", "null", "f.jsonl:2: expected one of run, texts, record, whole on a line, found 0"},
		{"null record", `{"record":null}`, "f.jsonl:2: expected one of run, texts, record, whole on a line, found 0"},
		{"not JSON", "tokens,lang", "f.jsonl:2: invalid character 'o' in literal true (expecting 'r')"},
		{"an array", "[]", "f.jsonl:2: json: cannot unmarshal array into Go value of type results.Item"},
		{"negative count", replace(recordLine, "[1,2]", "[1,-2]"), "f.jsonl:2: json: cannot unmarshal number -2 into Go struct field Record.record.tokens of type uint32"},
		{"fraction of a token", replace(recordLine, "[1,2]", "[1,2.5]"), "f.jsonl:2: json: cannot unmarshal number 2.5 into Go struct field Record.record.tokens of type uint32"},
		{"count too large", replace(recordLine, "[1,2]", "[1,4294967296]"), "f.jsonl:2: json: cannot unmarshal number 4294967296 into Go struct field Record.record.tokens of type uint32"},
		{"neither tokens nor err", replace(recordLine, `,"tokens":[1,2]`, ``), "f.jsonl:2: record v/c/d/en: expected either tokens or err"},
		{"no tokens", replace(recordLine, `[1,2]`, `[]`), "f.jsonl:2: record v/c/d/en: expected either tokens or err"},
		{"both tokens and err", replace(recordLine, `[1,2]`, `[1,2],"err":"x"`), "f.jsonl:2: record v/c/d/en: expected either tokens or err"},
		{"record without corpus", replace(recordLine, `"c"`, `""`), "f.jsonl:2: record: corpus, lang, vocab or engine missing"},
		{"record without lang", replace(recordLine, `"en"`, `""`), "f.jsonl:2: record: corpus, lang, vocab or engine missing"},
		{"record without vocab", replace(recordLine, `"v"`, `""`), "f.jsonl:2: record: corpus, lang, vocab or engine missing"},
		{"record without engine", replace(recordLine, `"e"`, `""`), "f.jsonl:2: record: corpus, lang, vocab or engine missing"},
		{"texts without lang", replace(textsLine, `"en"`, `""`), "f.jsonl:2: texts: corpus or lang missing"},
		{"texts without corpus", replace(textsLine, `"c"`, `""`), "f.jsonl:2: texts: corpus or lang missing"},
		{"texts without segments", `{"texts":{"corpus":"c","domain":"d","lang":"en","keys":[],"docs":[],"bytes":[],"chars":[],"graphemes":[],"words":[]}}`, "f.jsonl:2: texts c/d/en: no segments"},
		{"a document less", replace(textsLine, `["p","p"]`, `["p"]`), "f.jsonl:2: texts c/d/en: 2 keys but 1 docs"},
		{"bytes missing", replace(textsLine, `"bytes":[1,2],`, ``), "f.jsonl:2: texts c/d/en: 2 keys but 0 bytes"},
		{"a char more", replace(textsLine, `"chars":[1,2]`, `"chars":[1,2,3]`), "f.jsonl:2: texts c/d/en: 2 keys but 3 chars"},
		{"graphemes missing", replace(textsLine, `"graphemes":[1,2],`, ``), "f.jsonl:2: texts c/d/en: 2 keys but 0 graphemes"},
		{"a word less", replace(textsLine, `"words":[1,2]`, `"words":[1]`), "f.jsonl:2: texts c/d/en: 2 keys but 1 words"},
	} {
		items, err := read(strings.NewReader(runLine + "\n" + c.second + "\n" + recordLine + "\n"))
		if err == nil || err.Error() != c.want || len(items) != 1 {
			t.Errorf("%s: got %d items and error\n%v\nwant 1 item and\n%s", c.name, len(items), err, c.want)
		}
	}
}

// A file that was cut anywhere is read up to the cut: whole lines are kept,
// and a part of one is refused.
func TestReadTruncatedAnywhere(t *testing.T) {
	file := write(t, sample()...)
	for cut := range len(file) + 1 {
		head := file[:cut]
		whole := strings.Count(head, "\n")
		rest := head[strings.LastIndexByte(head, '\n')+1:]
		items, err := read(strings.NewReader(head))
		complete := cut < len(file) && file[cut] == '\n' // all but the line feed
		switch {
		case rest == "" && (err != nil || len(items) != whole):
			t.Fatalf("cut at %d, after a line: %d items, %v; want %d", cut, len(items), err, whole)
		case complete && (err != nil || len(items) != whole+1):
			t.Fatalf("cut at %d, before a line feed: %d items, %v; want %d", cut, len(items), err, whole+1)
		case rest != "" && !complete:
			if want := fmt.Sprintf("f.jsonl:%d: the line ends in the middle of a value", whole+1); err == nil || !strings.HasPrefix(err.Error(), want) || len(items) != whole {
				t.Fatalf("cut at %d: %d items, %v; want %d and %s", cut, len(items), err, whole, want)
			}
		}
	}
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestReadBoundsLines(t *testing.T) {
	items, err := read(io.MultiReader(strings.NewReader(runLine+"\n"), endless('[')))
	if err == nil || err.Error() != "f.jsonl:2: line longer than 67108864 bytes: not a file of babelmeter records" || len(items) != 1 {
		t.Errorf("got %d items, %v", len(items), err)
	}
}

func TestReadReaderError(t *testing.T) {
	broken := errors.New("the cable is out")
	items, err := read(io.MultiReader(strings.NewReader(runLine+"\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f.jsonl:2: ") || len(items) != 1 {
		t.Errorf("got %d items, %v", len(items), err)
	}
}

// Each of these files is good line by line but not as a whole.
func TestReadSetErrors(t *testing.T) {
	other := func(line, old, new string) string { return strings.Replace(line, old, new, 1) }
	ja := other(textsLine, `"en"`, `"ja"`)
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"empty", nil, "f.jsonl: no records in it; `babelmeter measure > FILE` makes such a file"},
		{"blank", []string{"", " "}, "f.jsonl: no records in it; `babelmeter measure > FILE` makes such a file"},
		{"two runs", []string{runLine, textsLine, "", runLine}, "f.jsonl:4: a second run in one file; report each file alone"},
		{"no run", []string{textsLine}, "f.jsonl:1: expected the run first; is the beginning of the file missing?"},
		{"the run second", []string{"", textsLine, runLine}, "f.jsonl:2: expected the run first; is the beginning of the file missing?"},
		{"texts twice", []string{runLine, textsLine, ja, textsLine}, "f.jsonl:4: texts c/d/en twice"},
		{"record twice", []string{runLine, textsLine, recordLine, other(recordLine, "[1,2]", "[3,4]")}, "f.jsonl:4: record v/e/c/d/en twice"},
		{"record twice, once failed", []string{runLine, textsLine, recordLine, other(recordLine, `"tokens":[1,2]`, `"err":"x"`)}, "f.jsonl:4: record v/e/c/d/en twice"},
		{"record before its texts", []string{runLine, recordLine, textsLine}, "f.jsonl:2: record of c/d/en, but its texts do not stand before it"},
		{"record of another language", []string{runLine, ja, recordLine}, "f.jsonl:3: record of c/d/en, but its texts do not stand before it"},
		{"a count less", []string{runLine, textsLine, other(recordLine, "[1,2]", "[1]")}, "f.jsonl:3: 1 counts for 2 segments of c/d/en"},
		{"a count more", []string{runLine, textsLine, other(recordLine, "[1,2]", "[1,2,3]")}, "f.jsonl:3: 3 counts for 2 segments of c/d/en"},
		{"another key", []string{runLine, textsLine, other(ja, `"l"`, `"m"`)}, `f.jsonl:3: texts c/d: segment 2 is "l" of "p" in en but "m" of "p" in ja`},
		{"keys in another order", []string{runLine, textsLine, other(ja, `["k","l"]`, `["l","k"]`)}, `f.jsonl:3: texts c/d: segment 1 is "k" of "p" in en but "l" of "p" in ja`},
		{"another document", []string{runLine, textsLine, other(ja, `["p","p"]`, `["p","q"]`)}, `f.jsonl:3: texts c/d: segment 2 is "l" of "p" in en but "l" of "q" in ja`},
		{"a segment less in one language", []string{runLine, textsLine, strings.NewReplacer(`"en"`, `"ja"`, `["k","l"]`, `["k"]`, `["p","p"]`, `["p"]`, "[1,2]", "[1]").Replace(textsLine)},
			"f.jsonl:3: texts c/d: 2 segments in en but 1 in ja"},
		{"a bad line", []string{runLine, "{"}, "f.jsonl:2: the line ends in the middle of a value: the file is truncated; measure again or delete the line"},
	} {
		set, err := results.ReadSet(strings.NewReader(strings.Join(c.lines, "\n")), "f.jsonl")
		if err == nil || err.Error() != c.want || set != nil {
			t.Errorf("%s: got error\n%v\nwant\n%s", c.name, err, c.want)
		}
	}
	// The same engine twice is an error; another one, or another language, is
	// another record.
	if _, err := results.ReadSet(strings.NewReader(strings.Join([]string{runLine, textsLine, ja, recordLine,
		other(recordLine, `"e"`, `"f"`), other(recordLine, `"v"`, `"w"`), other(recordLine, `"en"`, `"ja"`)}, "\n")), "f.jsonl"); err != nil {
		t.Errorf("four records of four things: %v", err)
	}
}

func TestCollectErrors(t *testing.T) {
	items := sample()
	failed := errors.New("interrupted")
	for _, c := range []struct {
		name  string
		items iter.Seq2[results.Item, error]
		want  string
	}{
		{"nothing", seq(), "results: no records in it; `babelmeter measure > FILE` makes such a file"},
		{"texts twice", seq(items[0], items[1], items[1]), "results: item 3: texts c/d/en twice"},
		{"unchecked item", seq(items[0], results.Item{Texts: &results.Texts{Corpus: "c", Lang: "en", Keys: []string{"k"}}}), "results: item 2: texts c//en: 1 keys but 0 docs"},
		{"error", func(yield func(results.Item, error) bool) { _ = yield(items[0], nil) && yield(results.Item{}, failed) }, "interrupted"},
	} {
		if _, err := results.Collect(c.items); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

// counter counts calls of Write, and fails from the given one on.
type counter struct {
	bytes.Buffer
	calls, failAt int
}

func (c *counter) Write(p []byte) (int, error) {
	if c.calls++; c.failAt > 0 && c.calls >= c.failAt {
		return 0, io.ErrShortWrite
	}
	return c.Buffer.Write(p)
}

// An interrupted run keeps whole lines only if each is one write.
func TestWriterWritesEachItemAtOnce(t *testing.T) {
	var c counter
	w := results.NewWriter(&c)
	for i, it := range sample() {
		if err := w.Write(it); err != nil {
			t.Fatal(err)
		}
		if c.calls != i+1 || !strings.HasSuffix(c.String(), "}\n") {
			t.Errorf("after %d items: %d writes, ending in %.20q", i+1, c.calls, c.String()[c.Len()-20:])
		}
	}
	w = results.NewWriter(&counter{failAt: 1})
	if err := w.Write(sample()[0]); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error of the underlying writer: got %v", err)
	}
}

// What Check refuses is not written, not even in part.
func TestWriterRefusesWhatCheckRefuses(t *testing.T) {
	good := sample()
	with := func(i int, change func(it *results.Item)) results.Item {
		it := sample()[i]
		change(&it)
		return it
	}
	for name, it := range map[string]results.Item{
		"nothing":              {},
		"two kinds":            {Run: good[0].Run, Record: good[3].Record},
		"a schema to come":     with(0, func(it *results.Item) { it.Run.Schema++ }),
		"no schema":            with(0, func(it *results.Item) { it.Run.Schema = 0 }),
		"no base":              with(0, func(it *results.Item) { it.Run.Base = "" }),
		"a word less":          with(1, func(it *results.Item) { it.Texts.Words = it.Texts.Words[:1] }),
		"texts of nothing":     {Texts: &results.Texts{Corpus: "c", Lang: "en"}},
		"record without vocab": with(3, func(it *results.Item) { it.Record.Vocab = "" }),
		"neither":              with(3, func(it *results.Item) { it.Record.Tokens = nil }),
		"no counts":            with(3, func(it *results.Item) { it.Record.Tokens = []uint32{} }),
		"both":                 with(3, func(it *results.Item) { it.Record.Err = "x" }),
	} {
		var c counter
		err := results.NewWriter(&c).Write(it)
		if err == nil || !strings.HasPrefix(err.Error(), "results: ") || c.calls != 0 {
			t.Errorf("%s: error %v and %d writes, want an error and none", name, err, c.calls)
		}
		if want := it.Check(); want == nil || err != nil && !strings.HasSuffix(err.Error(), want.Error()) {
			t.Errorf("%s: Write says %v, Check %v", name, err, want)
		}
	}
}

func TestVerifiedOK(t *testing.T) {
	for _, c := range []struct {
		texts, agree int
		want         bool
	}{{0, 0, false}, {3, 3, true}, {3, 2, false}, {1, 0, false}} {
		if got := (results.Verified{Texts: c.texts, Agree: c.agree}).OK(); got != c.want {
			t.Errorf("%d of %d: OK is %v, want %v", c.agree, c.texts, got, c.want)
		}
	}
}

// What Read accepts can be written, and read again it is the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		write(f, sample()...), runLine, textsLine, recordLine, runLine + "\n" + textsLine + "\n" + recordLine,
		recordLine[:40], recordLine + recordLine, "{}", "null", "\n\n", `{"record":{"corpus":"c","lang":"en","vocab":"v","engine":"e","err":"\ud800"}}`,
		strings.Replace(runLine, `"schema":1`, `"schema":3,"x":1`, 1), `{"texts":{"keys":[""]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		items, err := read(bytes.NewReader(data))
		if err != nil && !strings.HasPrefix(err.Error(), "f.jsonl:") {
			t.Fatalf("error without a line: %v", err)
		}
		file := write(t, items...)
		again, err := read(strings.NewReader(file))
		if err != nil {
			t.Fatalf("written again: %v\n%s", err, file)
		}
		if diff := cmp.Diff(items, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("written again (-first +second):\n%s", diff)
		}
		if _, err := results.ReadSet(bytes.NewReader(data), "f.jsonl"); err != nil && !strings.HasPrefix(err.Error(), "f.jsonl:") {
			t.Fatalf("ReadSet: error without the file: %v", err)
		}
	})
}
