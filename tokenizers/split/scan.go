package split

import (
	"slices"
	"unsafe"
)

// The automaton of AppendEnds, run by byte shuffles.
//
// A step of an automaton is a table look-up that waits for the one before it:
// some seven cycles a character, however little else there is to do. With at
// most 16 states, though, all that a character does fits into a register: a
// row of 16 bytes, by state the next state. Which row it is does not depend on
// the state, so that rows are found ahead, and what waits is one shuffle
// instruction (PSHUFB), of one cycle.
//
// The patterns of tokenizers have 11 to 18 states that differ. Those that
// common text needs get the 16 places; for a transition into another one, or
// one that must go back, the assembly stops before the character, and
// AppendEnds takes it from there.
//
// A row's byte holds the next state in its lower four bits, which are all that
// the shuffle looks at, and above them what the caller wants to know.
const (
	scanEnd   = 1 << 4 // a piece ends before this character
	scanLeave = 1 << 5 // not for the assembly
	scanMost  = 16     // states

	scanBlock = 64 // bytes that the assembly looks at in one go
	// It may read so many bytes behind the beginning of a block, and fill so
	// many ends.
	scanReads = scanBlock + 3
	scanEnds  = scanBlock + 8
)

// scanTables is what the assembly reads; scripts/asm knows its offsets.
type scanTables struct {
	ascii [128][scanMost]uint8 // rows by byte
	atoms [256][scanMost]uint8 // rows by atom
	leads [256]uint32          // by first byte: which bits of four bytes, the first one uppermost, are the code point
	pages [0x1400]uint16       // Regexp.pages, with room for what F4 BF BF BF would be
	kinds *[256]uint8          // Regexp.atoms

	number []int8        // by place of a state in Regexp.cut: its number in the rows, or -1
	place  [scanMost]int // by number: its place
}

// scanSample is text as tokenizers see it. The states that it visits most are
// those that the assembly knows.
const scanSample = "It's the 3rd of May, isn't it? We'd say: \"Don't!\" HTTPServer v1.25, e-mail me@example.org (see §4).\n\n" +
	"func main() {\n\tfmt.Println(\"x\", 10_000)\n}\n  - one\n  - two; Größe, naïve. 第三章では、東京の人口は約1400万人です。カタカナ語も。\n" +
	"今天是2024年5月1日,我们去“北京”吧。서울의 인구는 약 940만 명이다. Привет, мир! สวัสดีชาวโลก नमस्ते दुनिया $5.00 \U0001F600\n"

// makeScan makes the tables, where there is assembly to read them.
func (re *Regexp) makeScan() {
	if !scanAvailable {
		return
	}
	// States that behave alike are one.
	n := len(re.cut) / re.width
	same := make([]int, n) // by state: its class
	for classes := 1; ; {
		index := make(map[string]int)
		next := make([]int, n)
		var k []byte
		for s := 1; s < n; s++ {
			k = append(k[:0], byte(same[s]), byte(same[s]>>8))
			for _, e := range re.cut[s*re.width:][:re.width] {
				c := same[int(e>>entryShift)/re.width]
				flag := byte(e & entryMatch)
				if e == entryBack {
					flag = 2
				}
				k = append(k, byte(c), byte(c>>8), flag)
			}
			c, ok := index[string(k)]
			if !ok {
				c = len(index)
				index[string(k)] = c
			}
			next[s] = c
		}
		same = next
		if len(index) == classes {
			break
		}
		classes = len(index)
	}
	visits := make([]int, n) // by class
	first := make([]int, n)  // by class: the first state of it
	for s := n - 1; s > 0; s-- {
		first[same[s]] = s
	}
	state := re.width * start
	for _, r := range scanSample {
		e := re.cut[state+re.atom(r)]
		if e == entryBack {
			e = re.cut[re.width*start+re.atom(r)]
		}
		if e>>entryShift == dead {
			e = entry(re.width*start) << entryShift
		}
		state = int(e >> entryShift)
		visits[same[state/re.width]]++
	}
	visits[same[start]] += 1 << 20 // it is where a text begins
	classes := make([]int, slices.Max(same)+1)
	for i := range classes {
		classes[i] = i
	}
	slices.SortStableFunc(classes, func(a, b int) int { return visits[b] - visits[a] })

	t := &scanTables{number: make([]int8, len(re.cut)), kinds: &re.atoms[0]}
	numbers := make([]int8, n) // by class
	for i := range numbers {
		numbers[i] = -1
	}
	for i, c := range classes[:min(len(classes), scanMost)] {
		numbers[c] = int8(i)
		t.place[i] = first[c] * re.width
	}
	for s := range n {
		t.number[s*re.width] = -1
		if s != dead {
			t.number[s*re.width] = numbers[same[s]]
		}
	}
	for atom := range re.width {
		for i := range t.atoms[atom] {
			t.atoms[atom][i] = scanLeave
			if i >= len(classes) {
				continue
			}
			e := re.cut[t.place[i]+atom]
			to := t.number[int(e>>entryShift)]
			if e == entryBack || to < 0 {
				continue
			}
			t.atoms[atom][i] = uint8(to)
			if e&entryMatch != 0 {
				t.atoms[atom][i] |= scanEnd
			}
		}
	}
	for c := range t.ascii {
		t.ascii[c] = t.atoms[re.ascii[c]]
	}
	for c := range t.leads {
		switch {
		case c < 0x80:
			t.leads[c] = 0x7F000000
		case c >= 0xC0 && c < 0xE0:
			t.leads[c] = 0x1F3F0000
		case c >= 0xE0 && c < 0xF0:
			t.leads[c] = 0x0F3F3F00
		case c >= 0xF0 && c < 0xF5:
			t.leads[c] = 0x073F3F3F
		}
	}
	copy(t.pages[:], re.pages[:])
	re.scan = t
}

// runScan runs the assembly over text from pos on, in the state at a place
// of re.cut. It appends ends to buf, of which n are there, and returns where it
// stopped, at the beginning of a character, with the state and the number of
// ends. The text is valid UTF-8; re.scan knows the state.
func (re *Regexp) runScan(text string, pos, state int, buf []int32, n int) (int, int, int) {
	t := re.scan
	to, number, n := scan((*byte)(unsafe.Pointer(t)), unsafe.StringData(text), pos, len(text)-scanReads, uint64(t.number[state]), unsafe.SliceData(buf), n, len(buf)-scanEnds)
	// The last character of a block may reach into the next one.
	for to < len(text) && text[to]&0xC0 == 0x80 {
		to++
	}
	return to, t.place[number], n
}
