package sugarme

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// The program survives what would end it, and the next call finds everything
// as it was.
func TestGuard(t *testing.T) {
	cause := errors.New("an error")
	var none []int
	for _, c := range []struct {
		name string
		f    func() error
		want string // "" for none
	}{
		{"fine", func() error { return nil }, ""},
		{"an error", func() error { return cause }, "an error"},
		{"Fatal", func() error { log.Fatal("no file ", 7); return nil }, "the library would have ended the program: no file 7"},
		{"Fatalf", func() error { log.Fatalf("no %q\n", "x"); return nil }, `the library would have ended the program: no "x"`},
		{"Fatalln", func() error { log.Fatalln("no", "file"); return nil }, "the library would have ended the program: no file"},
		{"Fatal of an error", func() error { log.Fatal(cause); return nil }, "the library would have ended the program: an error"},
		{"Fatal of nothing", func() error { log.Fatal(); return nil }, "the library would have ended the program: "},
		{"Fatal of the standard logger", func() error { log.Default().Fatalf("gone"); return nil }, "the library would have ended the program: gone"},
		{"Fatal in depth", func() error {
			var down func(n int)
			down = func(n int) {
				if n == 0 {
					log.Fatal("deep")
				}
				down(n - 1)
			}
			down(100)
			return nil
		}, "the library would have ended the program: deep"},
		{"Panic", func() error { log.Panic("ouch"); return nil }, "the library panicked: ouch"},
		{"Panicf", func() error { log.Panicf("%d", 1); return nil }, "the library panicked: 1"},
		{"panic", func() error { panic("ouch") }, "the library panicked: ouch"},
		{"panic with an error", func() error { panic(cause) }, "the library panicked: an error"},
		{"panic of the runtime", func() error { return []error{}[len(none)] }, "the library panicked: runtime error: index out of range [0] with length 0"},
		{"a message", func() error { log.Print("by the way"); return nil }, ""},
		{"a message before an error", func() error { log.Println("by the way"); return cause }, "an error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var messages bytes.Buffer
			flags := log.Flags()
			defer log.SetOutput(log.Writer())
			defer log.SetFlags(flags)
			log.SetFlags(0)
			log.SetOutput(&messages)
			err := guard(c.f)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want || (err == nil) != (c.want == "") {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if log.Writer() != io.Writer(&messages) {
				t.Error("the log writer was not put back")
			}
			if messages.Len() > 0 {
				t.Errorf("the library's message was printed: %q", &messages)
			}
			if log.Print("ours"); messages.String() != "ours\n" {
				t.Errorf("our own message became %q", &messages)
			}
		})
	}
}

// Calls run one at a time, also after one that panicked.
func TestGuardRunsOneAtATime(t *testing.T) {
	running := 0
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := guard(func() error {
				running++ // the race detector looks at this
				defer func() { running-- }()
				if running != 1 {
					t.Errorf("%d at once", running)
				}
				if i%2 == 0 {
					panic("ouch")
				}
				return nil
			})
			if (err != nil) != (i%2 == 0) {
				t.Errorf("call %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// tiny is a tokenizer.json written for this test: BPE over bytes with the
// merges "a b" and "Ġ ab", and without an unknown token.
func tiny(t testing.TB) (fs.FS, *tokenizers.Spec) {
	t.Helper()
	data, err := os.ReadFile("testdata/tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	return files(data)
}

func files(data []byte) (fs.FS, *tokenizers.Spec) {
	return fstest.MapFS{"tokenizer.json": {Data: data}}, &tokenizers.Spec{Name: "tiny", Format: "huggingface", Files: []tokenizers.File{{
		Name: "tokenizer.json", Size: int64(len(data)), SHA256: fmt.Sprintf("%x", sha256.Sum256(data))}}}
}

// The ids are those of Hugging Face's tokenizers 0.23.3 on the same file.
func TestEncode(t *testing.T) {
	fsys, spec := tiny(t)
	enc, err := Engine{}.Open(fsys, spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want []tokenizers.ID
	}{
		{"ab ab", []tokenizers.ID{2, 4}}, {"abba", []tokenizers.ID{2, 1, 0}}, {"aab b", []tokenizers.ID{0, 2, 3, 1}},
		{"日", []tokenizers.ID{5, 6, 7}}, {"  ab", []tokenizers.ID{3, 4}}, {"", nil},
	} {
		ids, err := enc.AppendEncode([]tokenizers.ID{99}, c.text)
		if err != nil || !slices.Equal(ids, append([]tokenizers.ID{99}, c.want...)) {
			t.Errorf("%q: got %v, %v; want 99 and %v", c.text, ids, err, c.want)
		}
		if n, err := enc.Count(c.text); err != nil || n != len(c.want) {
			t.Errorf("%q: %d tokens, %v; want %d", c.text, n, err, len(c.want))
		}
	}
	// A character that is not in the vocabulary makes the library panic: here
	// an error, and the encoder goes on.
	if ids, err := enc.AppendEncode(nil, "abc"); err == nil || !strings.HasPrefix(err.Error(), "sugarme: the library panicked: ") {
		t.Errorf("a character that is unknown: %v, %v", ids, err)
	}
	if n, err := enc.Count("abc"); err == nil {
		t.Errorf("a character that is unknown: %d tokens", n)
	}
	if n, err := enc.Count("ab"); n != 1 || err != nil {
		t.Errorf("after a panic: %d tokens, %v; want 1", n, err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if n, err := enc.Count("ab ab"); n != 2 || err != nil {
				t.Errorf("at once: %d tokens, %v; want 2", n, err)
			}
		})
	}
	wg.Wait()
}

func TestOpenErrors(t *testing.T) {
	good, err := os.ReadFile("testdata/tiny/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	open := func(data string) error {
		fsys, spec := files([]byte(data))
		_, err := Engine{}.Open(fsys, spec)
		return err
	}
	replace := func(old, new string) string {
		t.Helper()
		if !strings.Contains(string(good), old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	for name, data := range map[string]string{
		"no JSON":                "tokenizer",
		"cut":                    string(good[:len(good)/2]),
		"empty":                  "",
		"null":                   "null",
		"no model":               "{}",
		"model of another type":  replace(`"BPE"`, `"Magic"`),
		"merges of another type": replace(`["a b", "Ġ ab"]`, `7`),
		"unknown pre-tokenizer":  replace(`"type": "ByteLevel"`, `"type": "Magic"`),
	} {
		if err := open(data); err == nil || !strings.HasPrefix(err.Error(), "sugarme: tiny: ") {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
	if err := open(string(good)); err != nil {
		t.Errorf("the good file after the bad ones: %v", err)
	}

	fsys, spec := files(good)
	spec.Files[0].SHA256 = strings.Repeat("0", 64)
	if _, err := (Engine{}).Open(fsys, spec); err == nil || !strings.Contains(err.Error(), "not the published one") {
		t.Errorf("a file with another digest: %v", err)
	}
	if _, err := (Engine{}).Open(fstest.MapFS{}, spec); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	spec.Format = "sentencepiece"
	if _, err := (Engine{}).Open(fsys, spec); err == nil || err.Error() != "sugarme: tiny is published as sentencepiece; the library reads tokenizer.json only" {
		t.Errorf("another format: %v", err)
	}
}

func TestNames(t *testing.T) {
	var e Engine
	if e.Name() != "sugarme" {
		t.Errorf("name %q", e.Name())
	}
	// The version in records is that of go.mod.
	mod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "github.com/sugarme/tokenizer "+e.Version()+"\n") {
		t.Errorf("version %s is not that of go.mod", e.Version())
	}
}
