package tokenizers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/format"
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
	names, err := filepath.Glob("../testdata/vectors/*.jsonl.gz")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range names {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz")
		if name == "texts" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := name
			if a, ok := aliases[name]; ok {
				path = a
			}
			dir, ok := find(path)
			if !ok {
				t.Skipf("no files of %s in %v", path, folders())
			}
			def, err := format.Open(os.DirFS(dir), path, name)
			if err != nil {
				t.Fatal(err)
			}
			tok, err := tokenizers.New(def)
			if err != nil {
				t.Fatal(err)
			}
			check(t, tok, name)
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
