package bench_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
)

// TestJoinedEqualsPetrov holds the joined definition to the counts that Petrov
// et al. published for all languages of FLORES-200, dev and devtest. The texts
// (CC BY-SA 4.0) and the table are not passed on: BABELMETER_FLORES names a
// folder with both, a checkout of AleksandarPetrov/tokenization-fairness at
// 365c3f85, which has them as flores200_dataset/{dev,devtest} and
// assets/tokenization_lengths.csv.
func TestJoinedEqualsPetrov(t *testing.T) {
	dir := os.Getenv("BABELMETER_FLORES")
	if dir == "" {
		t.Skip("BABELMETER_FLORES is not set: no texts and no published counts to compare with")
	}
	table := func(name string) [][]string {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := csv.NewReader(f)
		r.TrimLeadingSpace = true
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	codes := make(map[string]string)
	for _, row := range table("compute/flores_language_map.csv")[1:] {
		codes[strings.TrimSpace(row[0])] = row[1]
	}
	published := table("assets/tokenization_lengths.csv")
	// Columns of the table by vocabulary. GPT-2's is r50k_base. Qwen's first
	// vocabulary is that of its later models but for control tokens.
	columns := map[string][]string{
		"r50k_base": {"GPT-2", "r50k_base"}, "p50k_base": {"p50k_base", "p50k_edit"}, "cl100k_base": {"cl100k_base"}, "qwen3": {"Qwen"},
	}
	encoders := make(map[string]tokenizers.Encoder)
	for name := range columns {
		def, err := builtin.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if encoders[name], err = tokenizers.New(def); err != nil {
			t.Fatal(err)
		}
	}
	compared := 0
	for _, row := range published[1:] {
		code := codes[row[0]]
		var segs []corpora.Segment
		var files []int
		for _, split := range []string{"dev", "devtest"} {
			data, err := os.ReadFile(filepath.Join(dir, "flores200_dataset", split, code+"."+split))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
			files = append(files, len(lines))
			for i, l := range lines {
				segs = append(segs, corpora.Segment{Key: split + strconv.Itoa(i), Text: l})
			}
		}
		c, err := corpora.New("flores", []corpora.Lang{"und"}, map[corpora.Lang][]corpora.Segment{"und": segs})
		if err != nil {
			t.Fatal(err)
		}
		c.Files = files
		joined, err := c.Joined("und")
		if err != nil {
			t.Fatal(err)
		}
		for name, enc := range encoders {
			n, err := enc.Count(joined)
			if err != nil {
				t.Fatal(err)
			}
			for _, col := range columns[name] {
				for j, title := range published[0] {
					if title != col {
						continue
					}
					compared++
					if strconv.Itoa(n) != row[j] {
						t.Errorf("%s (%s) under %s: %d tokens, published as %s: %s", row[0], code, name, n, col, row[j])
					}
				}
			}
		}
	}
	if compared == 0 {
		t.Error("nothing compared")
	}
	t.Logf("%d counts compared", compared)
}
