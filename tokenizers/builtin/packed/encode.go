package packed

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"

	"github.com/klauspost/compress/zstd"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Encode packs a definition. The same definition gives the same bytes, as long
// as the version of the zstd package is the same.
func Encode(def *vocab.Definition) ([]byte, error) {
	m := &def.Model
	n := m.Tokens.Len()
	switch {
	case n > maxTokens || len(m.Tokens.Bytes) > maxArena || len(m.Merges) > maxMerges:
		return nil, fmt.Errorf("packed: %s: %d tokens of %d bytes and %d merges are over the limits", def.Name, n, len(m.Tokens.Bytes), len(m.Merges))
	case m.Types != nil && len(m.Types) != n, m.Scores != nil && len(m.Scores) != n, m.Scores64 != nil && len(m.Scores64) != n:
		return nil, fmt.Errorf("packed: %s: %d types, %d and %d scores for %d tokens", def.Name, len(m.Types), len(m.Scores), len(m.Scores64), n)
	case n > 0 && int(m.Tokens.Ends[n-1]) != len(m.Tokens.Bytes):
		return nil, fmt.Errorf("packed: %s: the last token ends at %d of %d bytes", def.Name, m.Tokens.Ends[n-1], len(m.Tokens.Bytes))
	}
	for i, g := range m.Merges {
		if int(g.Left) >= n || int(g.Right) >= n || int(g.Into) >= n {
			return nil, fmt.Errorf("packed: %s: merge %d is of tokens %d, %d and %d, there are %d", def.Name, i, g.Left, g.Right, g.Into, n)
		}
	}
	h := header{tokens: n, types: m.Types != nil, scores64: m.Scores64 != nil}
	var sec [sections][]byte
	for _, t := range m.Types {
		sec[secTypes] = append(sec[secTypes], byte(t))
	}
	h.scores, sec[secScores] = appendScores(m)

	// Roots and joined tokens, and the places of both.
	parents := findParents(m)
	var roots, pairs []vocab.ID
	run, root := 0, true
	for id := range vocab.ID(n) {
		if size := len(m.Tokens.At(id)); size > maxToken {
			return nil, fmt.Errorf("packed: %s: token %d has %d bytes", def.Name, id, size)
		}
		if isRoot := parents[id].Into == vocab.NoID; isRoot != root {
			sec[secRuns] = binary.AppendUvarint(sec[secRuns], uint64(run))
			run, root = 0, isRoot
		}
		run++
		if root {
			roots = append(roots, id)
			sec[secLengths] = binary.AppendUvarint(sec[secLengths], uint64(len(m.Tokens.At(id))))
			sec[secRoots] = append(sec[secRoots], m.Tokens.At(id)...)
		} else {
			pairs = append(pairs, id)
		}
	}
	if n > 0 {
		sec[secRuns] = binary.AppendUvarint(sec[secRuns], uint64(run))
	}
	place := make([]uint32, n)
	for i, id := range roots {
		place[id] = uint32(i)
	}
	for i, id := range pairs {
		place[id] = uint32(len(roots) + i)
	}
	var left, right placeWriter
	for _, id := range pairs {
		left.add(place[parents[id].Left])
		right.add(place[parents[id].Right])
	}

	if m.Merges != nil {
		h.merges = mergesPairs
		if len(m.Merges) != len(pairs) {
			h.merges = mergesList
		}
		for i, g := range m.Merges {
			if h.merges == mergesPairs && g != (vocab.Merge{Left: parents[pairs[i]].Left, Right: parents[pairs[i]].Right, Into: pairs[i]}) {
				h.merges = mergesList
			}
		}
	}
	if h.merges == mergesList {
		out := binary.AppendUvarint(nil, uint64(len(m.Merges)))
		last := 0
		for _, g := range m.Merges {
			v := zigzag(int(g.Into)-last) << 1
			last = int(g.Into)
			if g != parents[g.Into] {
				v |= 1
				left.add(place[g.Left])
				right.add(place[g.Right])
			}
			out = binary.AppendUvarint(out, uint64(v))
		}
		sec[secMerges] = out
	}
	sec[secLeft], sec[secLeftBits] = left.finish()
	sec[secRight], sec[secRightBits] = right.finish()

	w := metaWriter{}
	meta(&w, def, &h)
	sec[secMeta] = w.data

	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<23), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	out := []byte(magic)
	for i, s := range sec {
		if len(s) > maxSection {
			return nil, fmt.Errorf("packed: %s: section %d has %d bytes", def.Name, i, len(s))
		}
		packed, method := z.EncodeAll(s, nil), byte(compressed)
		if len(packed) >= len(s) {
			packed, method = s, raw
		}
		out = append(out, method)
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = binary.AppendUvarint(out, uint64(len(packed)))
		out = append(out, packed...)
	}
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

// findParents gives each token two others that it is joined of and that stand
// before it, or Into = NoID. Its first merge comes first; without one, it is the
// two that cost the fewest bits.
func findParents(m *vocab.Model) []joined {
	n := m.Tokens.Len()
	parents := make([]joined, n)
	for id := range parents {
		parents[id].Into = vocab.NoID
	}
	// spells reports whether a merge spells its token; with WordPiece's mark
	// within it would not.
	spells := func(g vocab.Merge) bool {
		return len(m.Tokens.At(g.Left)) > 0 && len(m.Tokens.At(g.Right)) > 0 &&
			string(m.Tokens.At(g.Left))+string(m.Tokens.At(g.Right)) == string(m.Tokens.At(g.Into))
	}
	for _, g := range m.Merges {
		if parents[g.Into].Into == vocab.NoID && spells(g) {
			parents[g.Into] = g
		}
	}
	if len(m.Merges) == 0 {
		index := m.Tokens.Index()
		for id := range vocab.ID(n) {
			t, best := m.Tokens.At(id), math.Inf(1)
			for i := 1; i < len(t); i++ {
				l, ok := index[string(t[:i])]
				r, ok2 := index[string(t[i:])]
				if !ok || !ok2 {
					continue
				}
				if cost := math.Log2(float64(l)+8) + math.Log2(float64(r)+8); cost < best {
					best = cost
					parents[id] = joined{Left: l, Right: r, Into: id}
				}
			}
		}
	}
	// A part must be a root or have a lower id. From the highest id down, so that
	// what becomes a root is known before those that it is part of.
	for i := range parents {
		id := vocab.ID(n - 1 - i)
		late := func(part vocab.ID) bool { return part >= id && parents[part].Into != vocab.NoID }
		if p := parents[id]; p.Into != vocab.NoID && (late(p.Left) || late(p.Right)) {
			parents[id].Into = vocab.NoID
		}
	}
	return parents
}

// appendScores writes the scores.
func appendScores(m *vocab.Model) (kind uint8, out []byte) {
	n := m.Tokens.Len()
	if m.Scores != nil {
		kind = scoresWhole
		for _, s := range m.Scores {
			if float64(s) != math.Trunc(float64(s)) || math.Abs(float64(s)) > 1<<24 || s == 0 && math.Signbit(float64(s)) {
				kind = scores32
			}
		}
	}
	switch kind {
	case scoresWhole:
		last := 0
		for _, s := range m.Scores {
			out = binary.AppendUvarint(out, uint64(zigzag(int(s)-last)))
			last = int(s)
		}
	case scores32:
		for k := range 4 {
			for _, s := range m.Scores {
				out = append(out, byte(math.Float32bits(s)>>(8*k)))
			}
		}
	}
	if m.Scores64 != nil {
		at := len(out)
		out = append(out, make([]byte, 8*n)...)
		for i, s := range m.Scores64 {
			for k := range 8 {
				out[at+k*n+i] = byte(math.Float64bits(s) >> (8 * k))
			}
		}
	}
	return kind, out
}

// placeWriter writes places of tokens.
type placeWriter struct {
	classes, bits []byte
	buf           uint64
	n             int
}

func (w *placeWriter) add(x uint32) {
	class, open := classOf(x)
	w.classes = append(w.classes, class)
	w.buf |= uint64(x&(1<<open-1)) << w.n
	for w.n += open; w.n >= 8; w.n -= 8 {
		w.bits = append(w.bits, byte(w.buf))
		w.buf >>= 8
	}
}

func (w *placeWriter) finish() (classes, bits []byte) {
	if w.n > 0 {
		w.bits = append(w.bits, byte(w.buf))
	}
	return w.classes, w.bits
}

func zigzag(v int) int { return v<<1 ^ v>>(bits.UintSize-1) }
