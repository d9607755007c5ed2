package normalize

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// mirror returns the folder of published vocabularies, or skips the test.
func mirror(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BABELMETER_MIRROR")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for root != filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "mirror")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no mirror of published vocabularies: %v", err)
	}
	return dir
}

// rinna returns the charsmap of rinna's model, SentencePiece's nmt_nfkc.
func rinna(t testing.TB, wantSHA string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(mirror(t), "rinna_gpt2", "spiece.model"))
	if err != nil {
		t.Skip(err)
	}
	blob := protoField(t, protoField(t, b, 3), 2) // ModelProto.normalizer_spec, precompiled_charsmap
	if sum := sha256.Sum256(blob); wantSHA != "" && hex.EncodeToString(sum[:]) != wantSHA {
		t.Fatalf("the charsmap's sha256 is %x, the test data is for %s", sum, wantSHA)
	}
	return blob
}

// protoField returns the last field of that number in a protobuf message.
func protoField(t testing.TB, b []byte, number uint64) (value []byte) {
	t.Helper()
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatal("not a protobuf message")
		}
		b = b[n:]
		switch key & 7 {
		case 0:
			_, n := binary.Uvarint(b)
			b = b[n:]
		case 2:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				t.Fatal("not a protobuf message")
			}
			if key>>3 == number {
				value = b[n : n+int(size)]
			}
			b = b[n+int(size):]
		case 5:
			b = b[4:]
		default:
			t.Fatalf("field of type %d", key&7)
		}
	}
	if value == nil {
		t.Fatalf("no field %d", number)
	}
	return value
}

func rinnaNormalizer(blob []byte) vocab.Normalizer {
	return vocab.Normalizer{Op: vocab.SentencePiece, Charsmap: blob, DummyPrefix: true, RemoveExtraSpaces: true, EscapeSpaces: true}
}

func TestRinnaSingles(t *testing.T) {
	data, err := os.ReadFile("testdata/rinna_singles.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		SHA           string `json:"charsmap_sha256"`
		Precompiled   []string
		SentencePiece []string
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	blob := rinna(t, want.SHA)
	compareBlocks(t, chain(t, nil, vocab.Normalizer{Op: vocab.Precompiled, Charsmap: blob}), want.Precompiled)
	compareBlocks(t, chain(t, nil, rinnaNormalizer(blob)), want.SentencePiece)
}

func TestRinnaCases(t *testing.T) {
	var header struct {
		SHA string `json:"charsmap_sha256"`
	}
	all := readCases(t, "rinna.jsonl.gz", &header)
	blob := rinna(t, header.SHA)
	for _, c := range all {
		c.Normalizers[0].Charsmap = blob
		if n := c.run(t); n < len(c.In)/2 {
			t.Errorf("%s: only %d of %d texts changed", c.Normalizers[0].Op, n, len(c.In))
		}
	}
}
