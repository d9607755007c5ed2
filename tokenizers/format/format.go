// Package format turns a published vocabulary file into a [vocab.Definition].
//
// There is one reader for each kind of file, and each answers one question:
// what does the vendor's own implementation do with this file? Not what the
// file seems to say. A tokenizer.json is read as Hugging Face's Rust library
// reads it, down to the rounding of its scores; a rank file as tiktoken does;
// a .model as SentencePiece does; a tekken.json as mistral-common does. GGUF
// is a copy of one of these, and is read back into what it was made from.
//
// The readers are strict: what they do not understand they refuse, with the
// place in the file, because an option that is passed over in silence is a
// wrong count later. What is passed over on purpose is listed in the code of
// each reader, in one place.
//
// All readers take any bytes: the worst that a broken or hostile file can do
// is an error. Memory is bounded by the limits below, never by a number that
// the file declares.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Limits. Each is several times what the largest published vocabulary needs
// (in November 2026: 33 MB of JSON, 262,144 tokens, 514,906 merges).
const (
	// maxFile is the largest file, in bytes, that is read. A GGUF file may be
	// larger: of it only the metadata counts.
	maxFile = 256 << 20
	// maxTokens is the largest number of token ids.
	maxTokens = 1 << 22
	// maxToken is the longest token, in bytes.
	maxToken = 1 << 16
	// maxMerges is the longest merge list.
	maxMerges = 1 << 23
	// maxSteps is the largest number of normalisers, of splitters or of
	// decoders in one definition.
	maxSteps = 64
)

// readAll reads r to its end, but no more than maxFile bytes.
func readAll(r io.Reader) ([]byte, error) {
	size := int64(1 << 16)
	switch r := r.(type) {
	case interface{ Len() int }: // bytes.Reader, strings.Reader, bytes.Buffer
		size = int64(r.Len())
	case interface{ Stat() (fs.FileInfo, error) }: // fs.File
		if fi, err := r.Stat(); err == nil && fi.Mode().IsRegular() {
			size = fi.Size()
		}
	}
	if size > maxFile {
		return nil, fmt.Errorf("file of %d bytes is over the limit of %d", size, maxFile)
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(size, 0)+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(r, maxFile+1)); err != nil {
		return nil, err
	}
	if buf.Len() > maxFile {
		return nil, fmt.Errorf("file is over the limit of %d bytes", maxFile)
	}
	return buf.Bytes(), nil
}

// fail gives every error of a reader its beginning: the package, the kind of
// file, the name of the vocabulary.
func fail(kind, name string, err error) error {
	return fmt.Errorf("format: %s %s: %w", kind, name, err)
}

// A table collects tokens in the order of the file, whatever their ids, finds
// them by string, and puts them into id order at the end.
type table struct {
	list  vocab.Tokens // in the order of the file
	ids   []vocab.ID
	holes bool         // ids are not 0, 1, 2, ...
	drop  map[int]bool // entries whose string a later one took over

	// Hash index into list, with open addressing: less time and memory than a
	// map of strings, and reading a merge list is little else than looking up
	// tokens.
	seed  maphash.Seed
	slots []slot
	used  int
}

// A slot of the index: part of the hash, which spares most looks at the token
// itself, and 1 + position; 0 is free.
type slot struct{ hash, entry uint32 }

// newTable makes a table for about n tokens.
func newTable(n int) *table {
	size := 1 << 8
	for size < 2*n && size < 4*maxTokens {
		size *= 2
	}
	return &table{seed: maphash.MakeSeed(), slots: make([]slot, size)}
}

// slot returns where a token stands in the index, or belongs, and its hash.
func (t *table) slot(token []byte) (*slot, uint32) {
	i := maphash.Bytes(t.seed, token)
	hash, mask := uint32(i>>32), uint64(len(t.slots)-1)
	for ; ; i++ {
		s := &t.slots[i&mask]
		if s.entry == 0 || s.hash == hash && bytes.Equal(t.list.At(s.entry-1), token) {
			return s, hash
		}
	}
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	for _, o := range old {
		if o.entry != 0 {
			s, _ := t.slot(t.list.At(o.entry - 1))
			*s = o
		}
	}
}

// find returns the id of a token.
func (t *table) find(token []byte) (vocab.ID, bool) {
	if len(token) == 0 {
		return vocab.NoID, false
	}
	s, _ := t.slot(token)
	if s.entry == 0 {
		return vocab.NoID, false
	}
	return t.ids[s.entry-1], true
}

var errTwice = errors.New("token stands twice")

// add appends a token that must be new. A token of length zero is a hole.
func (t *table) add(id uint64, token []byte) error {
	if len(token) > 0 {
		if other, ok := t.find(token); ok {
			return fmt.Errorf("%w: %s with id %d and with id %d", errTwice, clip(token), other, id)
		}
	}
	return t.set(id, token)
}

// set appends a token that takes its string from an earlier one, if there is
// one with it.
func (t *table) set(id uint64, token []byte) error {
	switch {
	case id >= maxTokens:
		return fmt.Errorf("token id %d is over the limit of %d", id, maxTokens-1)
	case len(token) > maxToken:
		return fmt.Errorf("token %d has %d bytes, the limit is %d", id, len(token), maxToken)
	case len(t.ids) >= maxTokens:
		return fmt.Errorf("more than %d tokens", maxTokens)
	}
	if id != uint64(len(t.ids)) {
		t.holes = true
	}
	at := len(t.ids)
	t.list.Bytes = append(t.list.Bytes, token...)
	t.list.Ends = append(t.list.Ends, uint32(len(t.list.Bytes)))
	t.ids = append(t.ids, vocab.ID(id))
	if len(token) == 0 {
		return nil
	}
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	s, hash := t.slot(token)
	if s.entry == 0 {
		t.used++
	} else {
		if t.drop == nil {
			t.drop = make(map[int]bool)
		}
		t.drop[int(s.entry-1)] = true
	}
	*s = slot{hash, uint32(at) + 1}
	return nil
}

// tokens returns the tokens in id order. No two may have one id.
func (t *table) tokens() (vocab.Tokens, error) {
	if !t.holes && t.drop == nil {
		return t.list, nil
	}
	var top vocab.ID
	for _, id := range t.ids {
		top = max(top, id)
	}
	entry := make([]uint32, top+1) // 1 + position, by id
	for i, id := range t.ids {
		if e := entry[id]; e != 0 {
			return vocab.Tokens{}, fmt.Errorf("id %d is given to two tokens, %s and %s", id, clip(t.list.At(e-1)), clip(t.list.At(vocab.ID(i))))
		}
		entry[id] = uint32(i) + 1
	}
	out := vocab.Tokens{Bytes: make([]byte, 0, len(t.list.Bytes)), Ends: make([]uint32, len(entry))}
	for id, e := range entry {
		if e != 0 && !t.drop[int(e-1)] {
			out.Bytes = append(out.Bytes, t.list.At(e-1)...)
		}
		out.Ends[id] = uint32(len(out.Bytes))
	}
	return out, nil
}

// missingByte returns the first byte that is no token, -1 if all are there,
// as byte-level BPE needs.
func (t *table) missingByte() int {
	for b := range 256 {
		if _, ok := t.find([]byte{byte(b)}); !ok {
			return b
		}
	}
	return -1
}

// byteTokens finds the tokens <0x00> to <0xFF> of a vocabulary with byte
// fallback. n is how many there are; the others are NoID.
func (t *table) byteTokens() (ids []vocab.ID, n int) {
	const hex = "0123456789ABCDEF"
	ids = make([]vocab.ID, 256)
	for b := range ids {
		id, ok := t.find([]byte{'<', '0', 'x', hex[b>>4], hex[b&15], '>'})
		if !ok {
			id = vocab.NoID
		} else {
			n++
		}
		ids[b] = id
	}
	return ids, n
}

// byteToken reads the piece <0x41>; SentencePiece writes upper-case digits and
// takes no others.
func byteToken(piece []byte) (byte, bool) {
	if len(piece) != 6 || piece[0] != '<' || piece[1] != '0' || piece[2] != 'x' || piece[5] != '>' {
		return 0, false
	}
	var b byte
	for _, c := range piece[3:5] {
		switch {
		case '0' <= c && c <= '9':
			b = b<<4 | (c - '0')
		case 'A' <= c && c <= 'F':
			b = b<<4 | (c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return b, true
}

// lines calls f for each line of data with its number, from 1, without its
// end (LF or CR LF). What follows the last LF is a line if it is not empty.
func lines(data []byte, f func(n int, line []byte) error) error {
	for n := 1; len(data) > 0; n++ {
		line := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		if err := f(n, line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}

// clip shortens a byte string for a message.
func clip(b []byte) string {
	const most = 60
	if len(b) > most {
		return fmt.Sprintf("%q...", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
