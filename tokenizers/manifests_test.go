package tokenizers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/format"
)

// all returns every manifest of the program, the closed ones too.
func all(t testing.TB) []*tokenizers.Spec {
	c := catalogue(t)
	return append(c.Specs(), c.Closed()...)
}

// What ReadSpec lets pass in a stranger's manifest, ours do not: each fact says
// how it is known, and what is read from a copy says which.
func TestManifestsSayHowTheyKnow(t *testing.T) {
	for _, s := range all(t) {
		if s.Licence.Checked == "" {
			t.Errorf("%s: licence.checked missing", s.Name)
		}
		if s.Licence.Redistribute && strings.HasPrefix(s.Licence.SPDX, "LicenseRef-") {
			t.Errorf("%s: %s is marked as redistributable", s.Name, s.Licence.SPDX)
		}
		for _, m := range s.Models {
			if m.Checked == "" {
				t.Errorf("%s: model %s: checked missing", s.Name, m.Name)
			}
			switch m.Provenance {
			case tokenizers.API:
				if s.Remote == nil {
					t.Errorf("%s: model %s is counted by an endpoint, but there is no [remote]", s.Name, m.Name)
				}
			case tokenizers.VendorProxy:
				if m.Checked != tokenizers.Verified {
					t.Errorf("%s: model %s: vendor_proxy rests on the vendor's source, but checked is %q", s.Name, m.Name, m.Checked)
				}
			}
			if s.Closed() && m.Provenance != tokenizers.API {
				t.Errorf("%s: model %s of a closed vocabulary is %s", s.Name, m.Name, m.Provenance)
			}
			if m.Provenance == tokenizers.Estimate && m.Sold() {
				t.Errorf("%s: model %s is an estimate: never a default", s.Name, m.Name)
			}
		}
		for _, f := range s.Files {
			if f.SHA256 != "" && f.Hashed == "" && len(f.Sources) > 1 && !strings.HasPrefix(f.Sources[0], "https://openaipublic.") {
				t.Errorf("%s: file %s has several sources: of which is the digest?", s.Name, f.Name)
			}
			if f.SHA256 == "" && !strings.Contains(s.Notes, "Not read") {
				t.Errorf("%s: no one has read %s, but the notes do not say so", s.Name, f.Name)
			}
		}
		if r := s.Remote; r != nil && r.Estimate != "" {
			if e, err := catalogue(t).Lookup(r.Estimate); err != nil || e.Closed() {
				t.Errorf("%s: estimate by %s: %v", s.Name, r.Estimate, err)
			}
		}
	}
}

// Where a manifest and package format both know how a text is split, they say
// the same: there is one truth.
func TestManifestsSplitAsPublished(t *testing.T) {
	for _, s := range all(t) {
		if s.Splitter != "" {
			if _, ok := format.Splitters(s.Splitter); !ok {
				t.Errorf("%s: splitter %q is unknown", s.Name, s.Splitter)
			}
		}
		if len(s.Split) > 0 {
			known, ok := format.Splitters(s.Name)
			var patterns []string
			for _, k := range known {
				patterns = append(patterns, k.Pattern)
			}
			if diff := cmp.Diff(patterns, s.Split); ok && diff != "" {
				t.Errorf("%s (-package format +manifest):\n%s", s.Name, diff)
			}
		}
		if (s.Format == "tiktoken" || s.Format == "merges") && len(s.Split) == 0 && s.Splitter == "" {
			t.Errorf("%s: nothing says how text is split", s.Name)
		}
	}
}

// Each vocabulary with reference vectors has a manifest, but for the copies in
// GGUF, which are for tests only.
func TestManifestsForAllVectors(t *testing.T) {
	names, err := filepath.Glob("../testdata/vectors/*.jsonl.gz")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	c := catalogue(t)
	for _, file := range names {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz")
		if name == "texts" || strings.HasSuffix(name, "_gguf") {
			continue
		}
		s, err := c.Lookup(name)
		if err != nil || s.Name != name {
			t.Errorf("no manifest for %s: %v", name, err)
			continue
		}
		h, _, err := vectors.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if h.Reference != s.Reference.Name && "npm "+s.Reference.Name != h.Reference {
			t.Errorf("%s: the vectors are those of %s, the manifest names %s", name, h.Reference, s.Reference)
		}
		if !strings.HasPrefix(h.Version, s.Reference.Version) {
			t.Errorf("%s: the vectors are those of version %s, the manifest names %s", name, h.Version, s.Reference.Version)
		}
	}
}

// The names by which people ask for the models of the inference-cost question,
// and for those of the other makers.
func TestManifestsFindTheModels(t *testing.T) {
	c := catalogue(t)
	for name, want := range map[string]string{
		"gpt-4o": "o200k_base exact", "gpt-4o-mini": "o200k_base exact", "gpt-4.1": "o200k_base exact", "gpt-5": "o200k_base exact", "gpt-oss-120b": "gptoss exact",
		"claude-3-5-sonnet-20241022": "claude api", "claude-3-haiku-20240307": "claude api", "claude-opus-4-1": "claude api", "claude-2.1": "claude2 exact",
		"llama-3-70b-instruct": "llama3 exact", "llama-3.1-405b-instruct": "llama3 exact", "llama-3.3-70b-instruct": "llama3 exact", "llama-4-maverick-17b-128e-instruct": "llama4 exact", "meta-llama/Meta-Llama-3-70B-Instruct": "llama3 exact",
		"gemini-1.0-pro": "gemma2 vendor_proxy", "gemini-1.5-flash": "gemma2 vendor_proxy", "gemini-1.5-flash-002": "gemma2 vendor_proxy", "gemini-1.5-pro": "gemma2 vendor_proxy",
		"gemini-2.0-flash": "gemma3 vendor_proxy", "gemini-2.5-pro": "gemma3 vendor_proxy", "gemini-3-pro-preview": "gemma3 vendor_proxy", "gemini-3.1-pro-preview": "gemma4 vendor_proxy", "gemini-3.5-flash": "gemma4 vendor_proxy",
		"qwen3-235b-a22b": "qwen3 exact", "qwen2.5-72b-instruct": "qwen3 exact", "qwen-72b-chat": "qwen3 exact", "qwen-plus": "qwen3 vendor_proxy", "qwen3.5-397b-a17b": "qwen3.5 exact", "qwen3.6-plus": "qwen3.5 estimate",
		"deepseek-v3": "deepseek_v3 exact", "deepseek-r1": "deepseek_v3 exact", "deepseek-v3.2": "deepseek_v3 exact", "deepseek-v4-pro": "deepseek_v4 exact",
		"glm-4-9b-chat": "glm4 exact", "glm-4.5": "glm4 exact", "glm-4.6": "glm4 exact", "kimi-k2": "kimi_k2 exact", "kimi-k2.5": "kimi_k2 exact",
		"hunyuan-a13b": "hunyuan exact", "hunyuan-turbos-latest": "hunyuan_api api", "ernie-4.5-300b-a47b": "ernie4.5 exact", "ernie-4.0-8k": "ernie api",
		"solar-pro2": "solar_pro2 exact", "solar-mini": "solar_mini exact", "HCX-005": "hyperclovax api", "hyperclovax-seed-text-instruct-0.5b": "hyperclovax_seed exact",
		"exaone-3.5-32b-instruct": "exaone3 exact", "exaone-4.0-32b": "exaone4 exact", "kanana-1.5-8b-instruct-2505": "kanana exact", "a.x-4.0": "ax4 exact",
		"MiniMax-M2": "minimax_m1 exact", "MiniMax-M1": "minimax_m1 exact", "mistral-large-2411": "mistral_v7 exact", "open-mistral-nemo": "mistral_tekken_240718 exact", "open-mixtral-8x7b": "mistral_v1 exact",
		"llm-jp-3-13b": "llm_jp_v3 exact", "plamo-2-8b": "plamo2 exact", "sarashina2-70b": "sarashina2 exact", "swallow-70b": "swallow_v1 exact", "llama-3.1-swallow-70b": "llama3 exact", "japanese-gpt-neox-3.6b": "rinna_gpt2 exact",
		"yi-34b-chat": "yi exact", "internlm2-20b": "internlm2 exact", "command-r-plus-08-2024": "command_r_plus exact", "command-a-03-2025": "command_r_plus exact", "c4ai-aya-expanse-32b": "command_r_plus exact",
		"grok-1": "grok1 exact", "grok-4-0709": "grok api", "phi-4": "phi_4 exact", "phi-3-mini-4k-instruct": "phi_3 exact", "sea-lion-v4": "gemma3 exact", "doubao-seed-1-6-250615": "doubao api",
	} {
		s, m, err := c.LookupModel(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := s.Name + " " + string(m.Provenance); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A vocabulary that was never published is not opened, and the error says what
// to do.
func TestClosedVocabulary(t *testing.T) {
	s, err := catalogue(t).Lookup("claude-3-haiku-20240307")
	if err != nil {
		t.Fatal(err)
	}
	_, err = tokenizers.Native{}.Open(os.DirFS("."), s)
	want := "tokenizers: claude was never published: only its vendor counts its tokens, at https://api.anthropic.com/v1/messages/count_tokens, which needs ANTHROPIC_API_KEY"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// copies is a file system in which the files of vocabularies lie by their
// digests, wherever they were found.
type copies map[string]string

// findCopies looks for the files of manifests in the folders of vectors_test.go.
func findCopies(t testing.TB, specs []*tokenizers.Spec) copies {
	sizes := make(map[int64]bool)
	for _, s := range specs {
		for _, f := range s.Files {
			sizes[f.Size] = f.SHA256 != ""
		}
	}
	found := make(copies)
	for _, list := range folders() {
		for _, dir := range filepath.SplitList(list) {
			err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return nil // a folder that is missing is no error here
				}
				info, err := os.Stat(p) // files may be links
				if err != nil || !sizes[info.Size()] {
					return nil
				}
				data, err := os.ReadFile(p)
				if err != nil {
					return err
				}
				sum := sha256.Sum256(data)
				found[hex.EncodeToString(sum[:])] = p
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return found
}

// folder is the folder of one vocabulary, laid out as its manifest says.
type folder map[string]string

func (f folder) Open(name string) (fs.File, error) {
	p, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(p)
}

// TestManifestsOpen opens each vocabulary whose files are at hand by its
// manifest alone, and holds it to the vectors.
func TestManifestsOpen(t *testing.T) {
	specs := catalogue(t).Specs()
	found := findCopies(t, specs)
	if len(found) == 0 {
		t.Skipf("no files of any vocabulary in %v", folders())
	}
	for _, s := range specs {
		t.Run(s.Name, func(t *testing.T) {
			dir := make(folder)
			for _, f := range s.Files {
				p, ok := found[f.SHA256]
				if !ok {
					t.Skipf("%s is not at hand", f.Name)
				}
				dir[f.Name] = p
			}
			enc, err := tokenizers.Native{}.Open(dir, s)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := enc.Count("Hello, 世界"); err != nil || n == 0 {
				t.Errorf("%d tokens, %v", n, err)
			}
			if !vectors.Has(s.Name) {
				t.Log("no vectors")
				return
			}
			check(t, enc.(*tokenizers.Tokenizer), s.Name)
		})
	}
}

// TestMirror opens what the mirror has by name, as the program does.
func TestMirror(t *testing.T) {
	mirror := os.Getenv("BABELMETER_MIRROR")
	if mirror == "" {
		mirror = "../../shared/mirror"
	}
	entries, err := os.ReadDir(mirror)
	if err != nil {
		t.Skipf("no mirror: %v", err)
	}
	c := catalogue(t)
	n := 0
	for _, e := range entries {
		s, err := c.Lookup(e.Name())
		if !e.IsDir() || err != nil || s.Name != e.Name() {
			continue // gguf, for tests only
		}
		n++
		if _, err := (tokenizers.Native{}).Open(os.DirFS(filepath.Join(mirror, e.Name())), s); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	if n == 0 {
		t.Error("no folder of the mirror has the name of a vocabulary")
	}
}
