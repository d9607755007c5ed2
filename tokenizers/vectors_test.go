package tokenizers_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// folders where vocabularies may lie, for tests.
func folders() []string {
	dirs := []string{}
	if d := os.Getenv("BABELMETER_VOCABS"); d != "" {
		dirs = append(dirs, d)
	}
	if d := os.Getenv("BABELMETER_MIRROR"); d != "" {
		dirs = append(dirs, d)
	}
	return append(dirs, "../../shared/mirror")
}

func find(name string) (dir string, ok bool) {
	for _, d := range folders() {
		if _, err := os.Stat(filepath.Join(d, name)); err == nil {
			return d, true
		}
	}
	return "", false
}

// aliases are vocabularies that lie under another name.
var aliases = map[string]string{
	"llama3":    "llama3_hf",
	"gpt2_gguf": "gguf/ggml-vocab-gpt-2.gguf",
	"phi3_gguf": "gguf/ggml-vocab-phi-3.gguf",
	"bge_gguf":  "gguf/ggml-vocab-bert-bge.gguf",
}

// TestVectors holds the native engine to the reference on every vocabulary
// whose files are at hand.
func TestVectors(t *testing.T) {
	for _, name := range vectorNames(t) {
		t.Run(name, func(t *testing.T) { check(t, open(t, name), name) })
	}
}

// vectorNames are the vocabularies that there are vectors of.
func vectorNames(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../testdata/vectors/*.jsonl.gz")
	if err != nil || len(files) < 2 {
		t.Fatalf("no vectors: %v", err)
	}
	var names []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz"); name != "texts" {
			names = append(names, name)
		}
	}
	return names
}

// open opens a vocabulary whose files are at hand or that is built in, or skips
// the test.
func open(t testing.TB, name string) *tokenizers.Tokenizer {
	t.Helper()
	path := name
	if a, ok := aliases[name]; ok {
		path = a
	}
	var def *vocab.Definition
	var err error
	if dir, ok := find(path); ok {
		def, err = format.Open(os.DirFS(dir), path, name)
	} else if def, err = builtin.Open(name); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not built in, and no files of it in %v", path, folders())
	}
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenizers.New(def)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestNTREX compares counts line by line with the references on real text in
// 18 languages. BABELMETER_NTREX names the folder of counts that
// scripts/vectors/ntrex.py made: NAME.json.gz, {language: [count of each line]}.
func TestNTREX(t *testing.T) {
	counts := os.Getenv("BABELMETER_NTREX")
	if counts == "" {
		t.Skip("BABELMETER_NTREX is not set: no reference counts")
	}
	texts := "../../shared/corpora/ntrex128"
	if _, err := os.Stat(texts); err != nil {
		t.Skipf("no texts: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(counts, "*.json.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no counts in %s: %v", counts, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json.gz")
		t.Run(name, func(t *testing.T) {
			tok := open(t, name)
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			var want map[string][]int
			if err := json.NewDecoder(z).Decode(&want); err != nil {
				t.Fatal(err)
			}
			lines, wrong, total := 0, 0, 0
			for lang, counts := range want {
				data, err := os.ReadFile(filepath.Join(texts, lang+".txt"))
				if err != nil {
					t.Fatal(err)
				}
				text := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
				if len(text) != len(counts) {
					t.Fatalf("%s: %d lines, %d counts", lang, len(text), len(counts))
				}
				for i, line := range text {
					n, err := tok.Count(strings.TrimSuffix(line, "\r"))
					if err != nil {
						t.Fatal(err)
					}
					lines++
					total += n
					if n != counts[i] {
						if wrong++; wrong <= 3 {
							t.Errorf("%s:%d: %d tokens, expected %d", lang, i+1, n, counts[i])
						}
					}
				}
			}
			t.Logf("%s: %d languages, %d lines, %d tokens, %d lines differ", name, len(want), lines, total, wrong)
		})
	}
}

func check(t *testing.T, tok *tokenizers.Tokenizer, name string) {
	t.Helper()
	h, vecs, err := vectors.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	n, wrong := 0, 0
	var ids []tokenizers.ID
	for v, err := range vecs {
		if err != nil {
			t.Fatal(err)
		}
		if v.IDs == nil {
			continue
		}
		n++
		ids, _ = tok.AppendEncode(ids[:0], v.Text)
		count, _ := tok.Count(v.Text)
		same := len(ids) == len(v.IDs) && count == len(ids)
		for i := 0; same && !h.CountsOnly && i < len(ids); i++ {
			same = ids[i] == v.IDs[i]
		}
		if !same {
			wrong++
			if wrong <= 3 {
				t.Errorf("%+q:\n got %v\nwant %v", v.Text, ids, v.IDs)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d texts differ from %s %s", wrong, n, h.Reference, h.Version)
	}
}

// refused are the synthetic tokenizers that ask for what is not supported, with
// the word by which the error names it.
var refused = map[string]string{
	"hf_norm_replace_regexp": "this kind of group is not supported",
	"hf_split_dollar":        "^ is not supported",
	"hf_split_dotall":        "POSIX classes are not supported",
}

// TestSynthetic holds the native engine to the reference on small tokenizers
// of ours, which between them have every feature that a file can have.
func TestSynthetic(t *testing.T) {
	dir := "../testdata/vectors/synthetic"
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d synthetic tokenizers: %v", len(files), err)
	}
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz")
		t.Run(name, func(t *testing.T) {
			def, err := openSynthetic(dir, name)
			var tok *tokenizers.Tokenizer
			if err == nil {
				tok, err = tokenizers.New(def)
			}
			if want, ok := refused[name]; ok {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("error %v, want one that says %q", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			dec := json.NewDecoder(z)
			n, wrong := 0, 0
			for {
				var v struct {
					I   *int            `json:"i"`
					IDs []tokenizers.ID `json:"ids"`
				}
				if err := dec.Decode(&v); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if v.I == nil || v.IDs == nil {
					continue // the header, or a text that the reference refuses
				}
				n++
				ids, _ := tok.AppendEncode(nil, texts[*v.I])
				count, _ := tok.Count(texts[*v.I])
				if !slices.Equal(ids, v.IDs) || count != len(v.IDs) {
					if wrong++; wrong <= 2 {
						t.Errorf("%+q:\n got %v\nwant %v", texts[*v.I], ids, v.IDs)
					}
				}
			}
			if n == 0 || wrong > 0 {
				t.Errorf("%d of %d texts differ", wrong, n)
			}
		})
	}
}

// openSynthetic reads NAME.json, NAME.json.gz, NAME.model or NAME.model.gz.
func openSynthetic(dir, name string) (*vocab.Definition, error) {
	for _, ext := range []string{".json", ".model", ".json.gz", ".model.gz"} {
		data, err := os.ReadFile(filepath.Join(dir, name+ext))
		if err != nil {
			continue
		}
		if strings.HasSuffix(ext, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			if data, err = io.ReadAll(z); err != nil {
				return nil, err
			}
		}
		if strings.HasPrefix(ext, ".json") {
			return format.ReadHuggingFace(bytes.NewReader(data), name)
		}
		return format.ReadSentencePiece(bytes.NewReader(data), name)
	}
	return nil, fs.ErrNotExist
}
