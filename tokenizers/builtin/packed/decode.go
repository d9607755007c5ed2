package packed

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/klauspost/compress/zstd"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Decode reads a packed definition. It keeps nothing of data. Whatever is in
// data it gives a definition or an error, within bounds of memory.
func Decode(data []byte) (*vocab.Definition, error) {
	if len(data) < len(magic)+4 || string(data[:len(magic)-1]) != magic[:len(magic)-1] {
		return nil, corrupt("not a packed vocabulary")
	}
	if data[len(magic)-1] != magic[len(magic)-1] {
		return nil, corrupt("version %d, expected %d", data[len(magic)-1], magic[len(magic)-1])
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if got := crc32.Checksum(body, castagnoli); got != sum {
		return nil, corrupt("checksum is %08x, expected %08x", got, sum)
	}
	return decode(body[len(magic):])
}

// decode is Decode behind the checksum.
func decode(data []byte) (*vocab.Definition, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSection),
		zstd.WithDecoderMaxWindow(maxSection), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var sec [sections][]byte
	r := reader{data: data}
	room := maxSection
	for i := range sec {
		method, size, n := r.byte(), r.uint(room), r.uint(maxSection)
		packed := r.take(n)
		if r.err != nil {
			return nil, corrupt("section %d of %d is cut short or too large", i, sections)
		}
		room -= size
		switch {
		case method == raw && size == n:
			sec[i] = packed
		case method == compressed:
			out, err := z.DecodeAll(packed, make([]byte, 0, size))
			if err != nil {
				return nil, corrupt("section %d: %v", i, err)
			}
			if len(out) != size {
				return nil, corrupt("section %d has %d bytes, expected %d", i, len(out), size)
			}
			sec[i] = out
		default:
			return nil, corrupt("section %d: method %d with %d bytes for %d", i, method, n, size)
		}
	}
	if len(r.data) > 0 {
		return nil, corrupt("%d bytes behind the last section", len(r.data))
	}
	def, head, err := readMeta(sec[secMeta])
	if err != nil {
		return nil, err
	}
	m := &def.Model
	left := places{classes: sec[secLeft], bits: sec[secLeftBits]}
	right := places{classes: sec[secRight], bits: sec[secRightBits]}
	// The types and scores come first: they are cheap to check.
	if head.types {
		if len(sec[secTypes]) != head.tokens {
			return nil, corrupt("%d types for %d tokens", len(sec[secTypes]), head.tokens)
		}
		m.Types = make([]vocab.Type, head.tokens)
		for i, t := range sec[secTypes] {
			m.Types[i] = vocab.Type(t)
		}
	}
	if err := readScores(m, head, sec[secScores]); err != nil {
		return nil, err
	}
	pairs, order, err := readTokens(&m.Tokens, head, &sec, &left, &right)
	if err != nil {
		return nil, err
	}
	switch head.merges {
	case mergesPairs:
		m.Merges = pairs
	case mergesList:
		if m.Merges, err = readMerges(head, sec[secMerges], pairs, order, &left, &right); err != nil {
			return nil, err
		}
	}
	if !left.done() || !right.done() {
		return nil, corrupt("parts of tokens are left over")
	}
	return def, nil
}

// readTokens spells the tokens. It returns the parents of the joined ones and
// the ids by place.
func readTokens(t *vocab.Tokens, h header, sec *[sections][]byte, left, right *places) (pairs []joined, order []vocab.ID, err error) {
	n := h.tokens
	if n == 0 {
		return nil, nil, nil
	}
	// Whose turn it is, roots first. order takes the roots by id, pairs the ids
	// of the joined tokens.
	runs := reader{data: sec[secRuns]}
	lengths := reader{data: sec[secLengths]}
	if len(lengths.data) > n*binary.MaxVarintLen32 {
		return nil, nil, corrupt("%d bytes of lengths for %d tokens", len(lengths.data), n)
	}
	roots := 0
	for id, root := 0, true; id < n; root = !root {
		k := runs.uint(n - id)
		if runs.err != nil || k == 0 && id > 0 {
			return nil, nil, corrupt("runs of roots and joined tokens end at token %d of %d", id, n)
		}
		if root {
			roots += k
		}
		id += k
	}
	lefts, rights := make([]uint32, n-roots), make([]uint32, n-roots)
	if !left.read(lefts) || !right.read(rights) {
		return nil, nil, corrupt("too few parts for %d joined tokens", n-roots)
	}
	order = make([]vocab.ID, n)
	ends := make([]uint32, n) // lengths at first
	pairs = make([]joined, n-roots)
	runs = reader{data: sec[secRuns]}
	nextRoot, nextPair := 0, 0
	for id, root := 0, true; id < n; root = !root {
		for k := runs.uint(n - id); k > 0; k-- {
			if root {
				order[nextRoot] = vocab.ID(id)
				nextRoot++
				ends[id] = uint32(lengths.uint(maxToken))
			} else {
				pairs[nextPair].Into = vocab.ID(id)
				order[roots+nextPair] = vocab.ID(id)
				nextPair++
			}
			id++
		}
	}
	if len(runs.data) > 0 || lengths.err != nil || len(lengths.data) > 0 {
		return nil, nil, corrupt("lengths of %d roots", roots)
	}
	for i := range pairs {
		p, l, r := &pairs[i], lefts[i], rights[i]
		if l >= uint32(roots+i) || r >= uint32(roots+i) {
			return nil, nil, corrupt("token %d: parts %d and %d of %d that stand before it", p.Into, l, r, roots+i)
		}
		p.Left, p.Right = order[l], order[r]
		size := ends[p.Left] + ends[p.Right]
		if size > maxToken {
			return nil, nil, corrupt("token %d has %d bytes", p.Into, size)
		}
		ends[p.Into] = size
	}
	var end uint32 // n * maxToken would not fit, but the check stands inside
	for i, size := range ends {
		if end += size; end > maxArena {
			return nil, nil, corrupt("tokens have more than %d bytes", maxArena)
		}
		ends[i] = end
	}
	t.Bytes, t.Ends = make([]byte, end), ends
	text := sec[secRoots]
	for _, id := range order[:roots] {
		b := t.At(id)
		if len(b) > len(text) {
			return nil, nil, corrupt("token %d: %d of %d bytes", id, len(text), len(b))
		}
		copy(b, text)
		text = text[len(b):]
	}
	if len(text) > 0 {
		return nil, nil, corrupt("%d bytes behind the last root", len(text))
	}
	for i := range pairs {
		p := &pairs[i]
		b := t.At(p.Into)
		copy(b[copy(b, t.At(p.Left)):], t.At(p.Right))
	}
	return pairs, order, nil
}

// readMerges reads a list of merges that is not just the parents of tokens.
// Each entry says how far its token is from that of the entry before, and
// whether its parts are the token's parents or are given.
func readMerges(h header, data []byte, pairs []joined, order []vocab.ID, left, right *places) ([]vocab.Merge, error) {
	r := reader{data: data}
	n := r.uint(maxMerges)
	if r.err != nil || n > len(r.data) {
		return nil, corrupt("%d merges in %d bytes", n, len(r.data))
	}
	// Which pair makes a token; pairs are sorted by it.
	parents := make([]uint32, h.tokens) // index + 1
	for i := range pairs {
		parents[pairs[i].Into] = uint32(i + 1)
	}
	lefts, rights := make([]uint32, left.left()), make([]uint32, left.left())
	if !left.read(lefts) || !right.read(rights) {
		return nil, corrupt("parts of merges are malformed")
	}
	merges := make([]vocab.Merge, n)
	into, next := 0, 0
	for i := range merges {
		v := r.uint(1 << 24)
		into += unzigzag(v >> 1)
		if r.err != nil || into < 0 || into >= h.tokens {
			return nil, corrupt("merge %d makes token %d of %d", i, into, h.tokens)
		}
		if v&1 == 0 {
			p := parents[into]
			if p == 0 {
				return nil, corrupt("merge %d: token %d has no parents", i, into)
			}
			merges[i] = pairs[p-1]
			continue
		}
		if next == len(lefts) {
			return nil, corrupt("merge %d has no parts", i)
		}
		a, b := lefts[next], rights[next]
		next++
		if int(a) >= h.tokens || int(b) >= h.tokens {
			return nil, corrupt("merge %d of parts %d and %d, there are %d tokens", i, a, b, h.tokens)
		}
		merges[i] = vocab.Merge{Left: order[a], Right: order[b], Into: vocab.ID(into)}
	}
	if next < len(lefts) {
		return nil, corrupt("%d parts behind the last merge", len(lefts)-next)
	}
	if len(r.data) > 0 {
		return nil, corrupt("%d bytes behind the last merge", len(r.data))
	}
	return merges, nil
}

// readScores reads the scores: float32 as steps between whole numbers or bit by
// bit in planes of bytes, float64 in planes.
func readScores(m *vocab.Model, h header, data []byte) error {
	n := h.tokens
	switch h.scores {
	case scoresNone:
	case scoresWhole:
		r := reader{data: data}
		if len(data) < n {
			return corrupt("%d bytes of scores for %d tokens", len(data), n)
		}
		m.Scores = make([]float32, n)
		last := 0
		for i := range m.Scores {
			last += unzigzag(r.uint(1 << 26))
			if r.err != nil || last < -1<<24 || last > 1<<24 {
				return corrupt("score of token %d", i)
			}
			m.Scores[i] = float32(last)
		}
		data = r.data
	case scores32:
		if len(data) < 4*n {
			return corrupt("%d bytes of scores for %d tokens", len(data), n)
		}
		m.Scores = make([]float32, n)
		for i := range m.Scores {
			m.Scores[i] = math.Float32frombits(uint32(data[i]) | uint32(data[n+i])<<8 | uint32(data[2*n+i])<<16 | uint32(data[3*n+i])<<24)
		}
		data = data[4*n:]
	}
	if h.scores64 {
		if len(data) < 8*n {
			return corrupt("%d bytes of scores for %d tokens", len(data), n)
		}
		m.Scores64 = make([]float64, n)
		for i := range m.Scores64 {
			var v uint64
			for k := range 8 {
				v |= uint64(data[k*n+i]) << (8 * k)
			}
			m.Scores64[i] = math.Float64frombits(v)
		}
		data = data[8*n:]
	}
	if len(data) > 0 {
		return corrupt("%d bytes behind the last score", len(data))
	}
	return nil
}

// places reads places of tokens from their classes and open bits.
type places struct {
	classes, bits []byte
	class, bit    int // how much of them is read
}

// left returns how many places there are still.
func (p *places) left() int { return len(p.classes) - p.class }

// done reports whether all is read: to the last class and the last byte of bits.
func (p *places) done() bool { return p.left() == 0 && (p.bit+7)/8 == len(p.bits) }

// read fills dst. It reports whether there was enough.
func (p *places) read(dst []uint32) bool {
	if len(dst) > p.left() {
		return false
	}
	data, bit := p.bits, p.bit
	for i, c := range p.classes[p.class : p.class+len(dst)] {
		if c > maxClass {
			return false
		}
		base, open := ofClass(c)
		var word uint32 // from the byte that bit is in; open + 7 bits fit
		if at := bit >> 3; at+4 <= len(data) {
			word = binary.LittleEndian.Uint32(data[at:])
		} else {
			if bit+int(open) > 8*len(data) {
				return false
			}
			for k := len(data) - 1; k >= at; k-- {
				word = word<<8 | uint32(data[k])
			}
		}
		dst[i] = base | word>>(bit&7)&(1<<open-1)
		bit += int(open)
	}
	p.class += len(dst)
	p.bit = bit
	return true
}

// reader reads numbers and bytes. After an error it gives zeros.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail() {
	r.data = nil
	if r.err == nil {
		r.err = errCorrupt
	}
}

func (r *reader) uint64() uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return v
}

// uint reads a number of at most limit.
func (r *reader) uint(limit int) int {
	if len(r.data) > 0 && r.data[0] < 0x80 && int(r.data[0]) <= limit {
		v := int(r.data[0])
		r.data = r.data[1:]
		return v
	}
	v := r.uint64()
	if v > uint64(limit) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		r.fail()
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

// take returns the next n bytes, which share memory with the data.
func (r *reader) take(n int) []byte {
	if n > len(r.data) {
		r.fail()
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func unzigzag(v int) int { return v>>1 ^ -(v & 1) }
