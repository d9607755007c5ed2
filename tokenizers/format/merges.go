package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A mergeList turns pairs of strings into pairs of ids.
type mergeList struct {
	table  *table
	prefix string // ContinuingPrefix, which the right side loses in the result
	merges []vocab.Merge

	buf, last []byte // result of this merge, of the one before
}

func newMergeList(t *table, prefix string, n int) *mergeList {
	return &mergeList{table: t, prefix: prefix, merges: make([]vocab.Merge, 0, min(n, maxMerges))}
}

func (l *mergeList) add(left, right []byte) error {
	if len(l.merges) >= maxMerges {
		return fmt.Errorf("more than %d merges", maxMerges)
	}
	a, ok := l.table.find(left)
	if !ok {
		return fmt.Errorf("token %s is not in the vocabulary", clip(left))
	}
	b, ok := l.table.find(right)
	if !ok {
		return fmt.Errorf("token %s is not in the vocabulary", clip(right))
	}
	// The library cuts as many bytes as the prefix has, whatever they are.
	if len(right) < len(l.prefix) {
		return fmt.Errorf("token %s is shorter than the prefix %q", clip(right), l.prefix)
	}
	l.buf, l.last = append(append(l.last[:0], left...), right[len(l.prefix):]...), l.buf
	// Lists that were made from ranks or scores have all the ways to one token
	// behind each other.
	var into vocab.ID
	if len(l.merges) > 0 && bytes.Equal(l.buf, l.last) {
		into = l.merges[len(l.merges)-1].Into
	} else if into, ok = l.table.find(l.buf); !ok {
		return fmt.Errorf("token %s, made of %s and %s, is not in the vocabulary", clip(l.buf), clip(left), clip(right))
	}
	l.merges = append(l.merges, vocab.Merge{Left: a, Right: b, Into: into})
	return nil
}

// lastWins returns the list without those merges whose pair comes again later.
func (l *mergeList) lastWins() []vocab.Merge {
	// A hash set of pairs, filled from the end. No published file has a pair
	// twice, so the pass must be cheap and may be plain.
	log := 4
	for 1<<log < 2*len(l.merges) {
		log++
	}
	slots := make([]uint32, 1<<log) // 1 + index of a merge that stays
	keep := len(l.merges)
	for i := len(l.merges) - 1; i >= 0; i-- {
		m := l.merges[i]
		// Multiplicative hashing: the high bits are the good ones.
		h := (uint64(m.Left)<<32 | uint64(m.Right)) * 0x9E3779B97F4A7C15 >> (64 - log)
		for ; ; h++ {
			s := &slots[h&uint64(len(slots)-1)]
			if *s == 0 {
				keep--
				l.merges[keep] = m
				*s = uint32(keep) + 1
				break
			}
			if o := l.merges[*s-1]; o.Left == m.Left && o.Right == m.Right {
				break
			}
		}
	}
	return l.merges[keep:]
}

// ReadMerges reads the two files of GPT-2: vocab.json (also encoder.json), a
// map of tokens and ids, and merges.txt (also vocab.bpe), a pair in each line,
// best first. Tokens are in GPT-2's byte alphabet. A line may have a number
// behind the pair, as Cohere's vocab.bpe has; it is passed over, and so are
// lines that begin with "#version".
//
// vocabJSON may be nil. Then the ids are those of GPT-2's training: the 256
// bytes in the order of its alphabet, and one for each merge whose result is
// new. Counts are exact, since in byte-level BPE they depend on the merges
// alone; the ids are provisional, for the vendor may have numbered otherwise or
// put tokens between that no merge makes.
//
// The files say nothing about how a text is split or normalised. If name is
// one that [Splitters] knows, that is filled in, otherwise the caller must set
// def.Splitters.
func ReadMerges(vocabJSON, merges io.Reader, name string) (*vocab.Definition, error) {
	def, err := readMerges(vocabJSON, merges, name)
	if err != nil {
		return nil, fail("merges", name, err)
	}
	return def, nil
}

func readMerges(vocabJSON, merges io.Reader, name string) (*vocab.Definition, error) {
	data, err := readAll(merges)
	if err != nil {
		return nil, err
	}
	def := &vocab.Definition{
		Name:   name,
		Format: "merges",
		Model:  vocab.Model{Kind: vocab.BPE, MergeBy: vocab.ByList, Unknown: vocab.NoID},
	}
	if recipe, ok := lookup(name); ok {
		recipe.apply(def)
		def.Model.IgnoreMerges = recipe.ignoreMerges
	}
	var t *table
	if vocabJSON != nil {
		if t, err = readVocabJSON(vocabJSON, def); err != nil {
			return nil, fmt.Errorf("vocab.json: %w", err)
		}
	} else {
		t = newTable(len(data) / 10)
		for i, b := range bytealphabet.Order() {
			if err := t.add(uint64(i), []byte{b}); err != nil {
				return nil, err
			}
		}
	}
	// each calls f for each pair: both tokens, joined, and where the second one
	// begins.
	each := func(f func(pair []byte, at int) error) error {
		var buf []byte
		return lines(data, func(_ int, line []byte) error {
			if len(line) == 0 || bytes.HasPrefix(line, []byte("#version")) {
				return nil
			}
			left, right, ok := bytes.Cut(line, []byte(" "))
			right, count, _ := bytes.Cut(right, []byte(" "))
			if !ok || len(left) == 0 || len(right) == 0 || len(bytes.Trim(count, "0123456789")) > 0 {
				return fmt.Errorf("%s is not two tokens and a space", clip(line))
			}
			var ok1, ok2 bool
			buf, ok1 = bytealphabet.AppendBytes(buf[:0], left)
			at := len(buf)
			buf, ok2 = bytealphabet.AppendBytes(buf, right)
			if !ok1 || !ok2 {
				return fmt.Errorf("%s is not spelled in GPT-2's byte alphabet", clip(line))
			}
			return f(buf, at)
		})
	}
	if vocabJSON == nil {
		// A merge may begin from a token that only a later one makes (27 times
		// in Qwen 3.5), so all tokens come first.
		err := each(func(pair []byte, _ int) error {
			if _, ok := t.find(pair); ok {
				return nil
			}
			return t.add(uint64(len(t.ids)), pair)
		})
		if err != nil {
			return nil, err
		}
	}
	l := newMergeList(t, "", len(data)/10)
	err = each(func(pair []byte, at int) error { return l.add(pair[:at], pair[at:]) })
	if err != nil {
		return nil, err
	}
	if len(l.merges) == 0 {
		return nil, errors.New("no merges")
	}
	def.Model.Merges = l.lastWins()
	def.Model.Tokens, err = t.tokens()
	return def, err
}

// readVocabJSON reads a map of tokens and ids. Tokens outside the byte alphabet
// cannot come out of a text: they are control tokens.
func readVocabJSON(r io.Reader, def *vocab.Definition) (*table, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	s, err := newScanner(data)
	if err != nil {
		return nil, err
	}
	t := newTable(len(data) / 16)
	var key, b []byte
	err = s.object(func(k []byte) error {
		key = append(key[:0], k...)
		id, err := s.uint()
		if err != nil {
			return err
		}
		var ok bool
		if b, ok = bytealphabet.AppendBytes(b[:0], key); !ok {
			b = b[:0]
			if id < maxTokens && len(key) <= maxToken {
				def.Added = append(def.Added, vocab.AddedToken{ID: vocab.ID(id), Text: string(key), Special: true})
			}
		}
		if err := t.add(id, b); err != nil {
			return s.errorf("%w", err)
		}
		return nil
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return nil, err
	}
	if b := t.missingByte(); b >= 0 {
		return nil, fmt.Errorf("no token for the single byte %#02x", b)
	}
	return t, nil
}
