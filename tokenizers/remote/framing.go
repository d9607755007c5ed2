package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Framing is what a vendor counts beside the text, as the probes show it.
type Framing struct {
	Tokens int // subtracted from every count
	Lo, Hi int // the least and the most of all probes; the same if the framing is constant
	Probes int // texts that were asked for
	// Note says what the probes leave open, empty if nothing.
	Note string
}

// Constant reports whether all probes agree.
func (f Framing) Constant() bool { return f.Lo == f.Hi }

// unit is a text that is repeated.
type unit struct {
	text, part string
	lineFeed   bool // parted by a line feed, which costs tokens of its own
}

// units are short texts in several scripts, ending with a letter, a digit, a
// full stop. See the package comment.
var units = []unit{
	{"the", "\n", true}, {"of", "\n", true}, {"1", "\n", true},
	{"的", "\n", true}, {"の", "\n", true}, {"다", "\n", true},
	{"the.", " ", false}, {"的。", "", false},
}

// copies are how often a unit stands in its probes.
const copies = 3

func (u unit) times(n int) string {
	return strings.TrimSuffix(strings.Repeat(u.text+u.part, n), u.part)
}

// Probes returns the texts that measure the framing, the empty one last: that
// a vendor refuses it is only believed after it took others.
func Probes() []string {
	var texts []string
	for _, u := range units {
		for n := 1; n <= copies; n++ {
			texts = append(texts, u.times(n))
		}
	}
	return append(texts, "")
}

// Open measures the framing and gives the counter of the model.
func (c *Client) Open(ctx context.Context) (*Counter, error) {
	counts := make([][copies]int, len(units))
	asked := 0
	k := &Counter{client: c}
	probe := func(text, name string) (answer, error) {
		a, err := c.ask(ctx, text, name)
		if err != nil {
			return a, fmt.Errorf("framing: %w", err)
		}
		asked++
		if k.since.IsZero() || a.at.Before(k.since) {
			k.since = a.at
		}
		return a, nil
	}
	for i, u := range units {
		for n := 1; n <= copies; n++ {
			a, err := probe(u.times(n), fmt.Sprintf("%d × %q", n, u.text))
			if err != nil {
				return nil, err
			}
			counts[i][n-1] = a.tokens
		}
	}
	empty, err := probe("", "empty")
	if err != nil {
		return nil, err
	}
	if empty.refused != "" {
		k.Framing, err = fit(counts, nil)
	} else {
		k.Framing, err = fit(counts, &empty.tokens)
	}
	k.Framing.Probes = asked
	if err != nil {
		return nil, fmt.Errorf("framing: %w", err)
	}
	return k, nil
}

// fit finds the framing in the counts of one, two and three copies of each
// unit, and in that of the empty text if there is one.
func fit(counts [][copies]int, empty *int) (Framing, error) {
	// What a line feed costs: a step of 2 is a word and a line feed, one of 1 a
	// word alone.
	least := 0
	linear := make([]bool, len(units))
	var crooked []string
	for i, u := range units {
		c := counts[i]
		step := c[1] - c[0]
		linear[i] = step > 0 && c[2]-c[1] == step
		if !linear[i] {
			crooked = append(crooked, fmt.Sprintf("%q", u.text))
		} else if u.lineFeed && (least == 0 || step < least) {
			least = step
		}
	}
	var notes []string
	lineFeed := 1
	switch {
	case least == 1:
		lineFeed = 0
	case least != 2:
		notes = append(notes, "what a line feed costs is assumed, 1 token")
	}
	seen := make(map[int]int) // framing → probes that give it
	for i, u := range units {
		if !linear[i] {
			continue
		}
		step := counts[i][1] - counts[i][0]
		if u.lineFeed {
			step -= lineFeed
		}
		seen[counts[i][0]-step]++
	}
	if len(seen) == 0 || len(crooked) > len(units)/2 {
		return Framing{}, fmt.Errorf("copies of a text do not cost the same (%s): what is around a text cannot be told from it", strings.Join(crooked, ", "))
	}
	if len(crooked) > 0 {
		notes = append(notes, fmt.Sprintf("copies of %s do not cost the same and tell nothing", strings.Join(crooked, ", ")))
	}
	f := Framing{}
	first := true
	for n, times := range seen {
		if first || times > seen[f.Tokens] || times == seen[f.Tokens] && n < f.Tokens {
			f.Tokens = n
		}
		if first {
			f.Lo, f.Hi = n, n
		}
		f.Lo, f.Hi, first = min(f.Lo, n), max(f.Hi, n), false
	}
	if empty != nil && seen[*empty] > 0 {
		f.Tokens = *empty // of several, the one that the empty text confirms
	} else if empty != nil {
		notes = append(notes, fmt.Sprintf("the empty text costs %d", *empty))
		f.Lo, f.Hi = min(f.Lo, *empty), max(f.Hi, *empty)
	}
	if f.Tokens < 0 {
		return f, errors.New("the counts of copies give less than nothing for what is around them")
	}
	f.Note = strings.Join(notes, "; ")
	return f, nil
}
