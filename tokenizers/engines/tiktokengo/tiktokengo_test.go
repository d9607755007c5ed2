package tiktokengo_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
)

var encodings = []string{"o200k_base", "cl100k_base", "p50k_base", "r50k_base"}

func spec(t testing.TB, name string) *tokenizers.Spec {
	t.Helper()
	c, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var opened sync.Map // engine/name → tokenizers.Encoder: opening takes longer than most tests

func open(t testing.TB, e tokenizers.Engine, name string) tokenizers.Encoder {
	t.Helper()
	if enc, ok := opened.Load(e.Name() + "/" + name); ok {
		return enc.(tokenizers.Encoder)
	}
	enc, err := e.Open(tiktokengo.Files(), spec(t, name))
	if err != nil {
		t.Fatal(err)
	}
	opened.Store(e.Name()+"/"+name, enc)
	return enc
}

func encode(t testing.TB, enc tokenizers.Encoder, text string) []tokenizers.ID {
	t.Helper()
	ids, err := enc.AppendEncode(nil, text)
	if err != nil {
		t.Fatalf("%+q: %v", text, err)
	}
	n, err := enc.Count(text)
	if err != nil || n != len(ids) {
		t.Errorf("%+q: Count is %d, %v; AppendEncode gives %d ids", text, n, err, len(ids))
	}
	return ids
}

// tooNew reports whether text has a character that this release of Go, whose
// tables the library's regular expressions use, does not know yet.
func tooNew(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cn, r) })
}

// The library gives the reference's ids on all vectors but those with
// characters that are newer than Go's Unicode tables. Each such vector is of
// one character; on how many of them the categories matter depends on the
// pattern: only that of o200k_base looks at case and at marks.
func TestVectors(t *testing.T) {
	known := map[string]int{"o200k_base": 26, "cl100k_base": 22, "p50k_base": 22, "r50k_base": 22} // with Unicode 15.0.0
	for _, name := range encodings {
		enc := open(t, tiktokengo.Engine{}, name)
		_, vecs, err := vectors.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		texts, differ := 0, 0
		for v, err := range vecs {
			if err != nil {
				t.Fatal(err)
			}
			if v.IDs == nil {
				continue
			}
			texts++
			if got := encode(t, enc, v.Text); !slices.Equal(got, v.IDs) {
				differ++
				if !tooNew(v.Text) {
					t.Errorf("%s: %+q:\n got %v\nwant %v", name, v.Text, got, v.IDs)
				}
			}
		}
		t.Logf("%s: %d of %d texts differ", name, differ, texts)
		if texts < 6000 {
			t.Errorf("%s: only %d vectors", name, texts)
		}
		if unicode.Version == "15.0.0" && differ != known[name] {
			t.Errorf("%s: %d texts differ, want %d", name, differ, known[name])
		}
	}
}

// 'ſ (U+017F) is 's for the reference, whose regular expressions fold it to s,
// and is not for the library. The ids are those of tiktoken 0.14.0.
func TestLongSIsNoContraction(t *testing.T) {
	const text = "中'ſ'strength\n"
	want := []tokenizers.ID{1404, 6, 70067, 6, 146921, 198}
	if got := encode(t, open(t, tokenizers.Native{}, "o200k_base"), text); !slices.Equal(got, want) {
		t.Errorf("native: got %v, want %v", got, want)
	}
	if got := encode(t, open(t, tiktokengo.Engine{}, "o200k_base"), text); !slices.Equal(got, []tokenizers.ID{1404, 6, 70067, 885, 371, 1436, 198}) {
		t.Errorf("tiktoken-go gives %v: if this is what tiktoken gives, the library was mended, and the known differences are out of date", got)
	}
}

// On random text without these two the library and the native engine agree;
// the characters are of every class that the patterns tell apart.
func TestAgreesWithNativeOnRandomText(t *testing.T) {
	alphabet := []string{"a", "B", "é", "ß", "ſ", "ǅ", "ʰ", "中", "の", "한", "ั", "\u0301", "1", "²", "٣", " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "'", "'s", "'LL", "’", "!", "/", "…", "$", "😀", "\u200d", "\x00", "\ufffd", "<|endoftext|>", "the ", "ing", "東京"}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range encodings {
		a, b := open(t, tiktokengo.Engine{}, name), open(t, tokenizers.Native{}, name)
		for range 800 {
			var s strings.Builder
			for range rng.IntN(16) {
				s.WriteString(alphabet[rng.IntN(len(alphabet))])
			}
			text := s.String()
			if got, want := encode(t, a, text), encode(t, b, text); !slices.Equal(got, want) && !strings.Contains(text, "'ſ") {
				t.Fatalf("%s: %+q:\ntiktoken-go %v\nnative      %v", name, text, got, want)
			}
		}
	}
}

// All text is ordinary, and ill-formed parts are U+FFFD. The ids are those of
// tiktoken 0.14.0.
func TestOrdinaryText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []tokenizers.ID
	}{
		{"o200k_base", "<|endoftext|>", []tokenizers.ID{27, 91, 419, 1440, 919, 91, 29}},
		{"cl100k_base", "<|endoftext|>", []tokenizers.ID{27, 91, 8862, 728, 428, 91, 29}},
		{"r50k_base", "<|endoftext|>", []tokenizers.ID{27, 91, 437, 1659, 5239, 91, 29}},
		{"o200k_base", "a\xffb", []tokenizers.ID{64, 3251, 65}},
		{"p50k_base", "a\xe6\x97b", []tokenizers.ID{64, 4210, 65}}, // two bytes of a character are one part
		{"cl100k_base", "", nil},
	} {
		if got := encode(t, open(t, tiktokengo.Engine{}, c.name), c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+q: got %v, want %v", c.name, c.text, got, c.want)
		}
	}
	// AppendEncode appends.
	ids, err := open(t, tiktokengo.Engine{}, "o200k_base").AppendEncode([]tokenizers.ID{7}, "a")
	if err != nil || !slices.Equal(ids, []tokenizers.ID{7, 64}) {
		t.Errorf("appended: %v, %v", ids, err)
	}
}

func TestDecode(t *testing.T) {
	for _, name := range encodings {
		enc := open(t, tiktokengo.Engine{}, name)
		const text = "Ordinary text, 日本語の文 and 한국어 😀\n<|endoftext|>"
		ids := encode(t, enc, text)
		got, err := enc.(tokenizers.Decoder).AppendDecode([]byte("> "), ids)
		if err != nil || string(got) != "> "+text {
			t.Errorf("%s: decoded %q, %v", name, got, err)
		}
		var joined []byte
		for _, id := range ids {
			b, err := enc.(tokenizers.Namer).TokenBytes(id)
			if err != nil {
				t.Fatal(err)
			}
			joined = append(joined, b...)
		}
		if string(joined) != text {
			t.Errorf("%s: the tokens' bytes are %q", name, joined)
		}
		for _, id := range []tokenizers.ID{1 << 30, 1<<32 - 1} {
			if b, err := enc.(tokenizers.Namer).TokenBytes(id); err == nil {
				t.Errorf("%s: %d is %q, want an error", name, id, b)
			}
			if _, err := enc.(tokenizers.Decoder).AppendDecode(nil, []tokenizers.ID{ids[0], id}); err == nil {
				t.Errorf("%s: %d is decoded without an error", name, id)
			}
		}
	}
}

func TestEncoderIsSafeForConcurrentUse(t *testing.T) {
	enc := open(t, tiktokengo.Engine{}, "cl100k_base")
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	texts = texts[:200]
	want := make([]int, len(texts))
	for i, s := range texts {
		want[i] = len(encode(t, enc, s))
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i, s := range texts {
				if n, err := enc.Count(s); n != want[i] || err != nil {
					t.Errorf("%+q: %d tokens, %v; want %d", s, n, err, want[i])
				}
			}
		})
		wg.Go(func() {
			if _, err := (tiktokengo.Engine{}).Open(tiktokengo.Files(), spec(t, "cl100k_base")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenRefusesOtherVocabularies(t *testing.T) {
	for _, name := range []string{"llama3", "gpt2", "p50k_edit", ""} {
		_, err := tiktokengo.Engine{}.Open(tiktokengo.Files(), &tokenizers.Spec{Name: name, Format: "tiktoken"})
		if err == nil || !strings.HasPrefix(err.Error(), "tiktoken-go: "+name) || !strings.Contains(err.Error(), "o200k_base, cl100k_base, p50k_base, r50k_base") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The library keeps what it opened, so that only the first Open of an encoding
// in a process reads files: these are in processes of their own.
func TestOpenChecksItsFiles(t *testing.T) {
	const env = "TIKTOKENGO_TEST_OPEN"
	const bad = "IQ== 0\nIQ==\n"
	s := spec(t, "r50k_base")
	cases := map[string]struct {
		fsys fs.FS
		spec tokenizers.Spec
		want string
	}{
		"missing": {fstest.MapFS{}, *s, "file does not exist"},
		"other":   {fstest.MapFS{s.Files[0].Name: {Data: []byte("IQ== 0\n")}}, *s, "the file is not the published one"},
		"name":    {tiktokengo.Files(), tokenizers.Spec{Name: s.Name, Files: []tokenizers.File{{Name: "x"}}}, "the library asks for r50k_base.tiktoken, but r50k_base has x"},
		"line": {fstest.MapFS{s.Files[0].Name: {Data: []byte(bad)}}, tokenizers.Spec{Name: s.Name, Files: []tokenizers.File{{
			Name: s.Files[0].Name, Size: int64(len(bad)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(bad)))}}}, "r50k_base.tiktoken:2: expected a base64 token and a rank"},
	}
	if name := os.Getenv(env); name != "" {
		c := cases[name]
		_, err := tiktokengo.Engine{}.Open(c.fsys, &c.spec)
		if err == nil || !strings.HasPrefix(err.Error(), "tiktoken-go: ") || !strings.Contains(err.Error(), c.want) {
			t.Fatalf("got %v, want %s", err, c.want)
		}
		// Having failed, it opens the right files.
		if _, err := (tiktokengo.Engine{}).Open(tiktokengo.Files(), s); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name := range cases {
		cmd := exec.Command(os.Args[0], "-test.run=^TestOpenChecksItsFiles$", "-test.v")
		cmd.Env = append(os.Environ(), env+"="+name)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestOpenChecksItsFiles") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestNames(t *testing.T) {
	var e tiktokengo.Engine
	if e.Name() != "tiktoken-go" {
		t.Errorf("name %q", e.Name())
	}
	// The version in records is that of go.mod.
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "github.com/pkoukk/tiktoken-go "+e.Version()+"\n") {
		t.Errorf("version %s is not that of go.mod", e.Version())
	}
}
