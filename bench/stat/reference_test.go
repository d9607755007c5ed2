package stat_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/babelmeter/babelmeter/bench/stat"
)

// TestReference holds intervals, entropies and the Gini coefficient to what
// scripts/stat/reference.py makes of the same counts with numpy and other
// random numbers.
func TestReference(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Document, Domain      []int
		Base, Language, Other []uint32
		Level                 float64
		Intervals             map[string]struct {
			Center float64
			Ends   [2]float64
		}
		Entropy map[string]float64
		Gini    float64
	}
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	b := newBootstrap(t, ref.Document, ref.Domain, 40_000, 1)
	for _, c := range []struct {
		name string
		got  stat.Interval
	}{
		{"sum", b.RatioOfSums(ref.Language, ref.Base, ref.Level)},
		{"mean", b.MeanOfRatios(ref.Language, ref.Base, ref.Level)},
		{"median", b.MedianOfRatios(ref.Language, ref.Base, ref.Level)},
		{"macro", b.MacroRatio(ref.Language, ref.Base, ref.Level)},
		{"pair", b.RatioOfSums(ref.Language, ref.Other, ref.Level)},
	} {
		want, ok := ref.Intervals[c.name]
		if !ok || math.Abs(c.got.Center-want.Center) > 1e-12 {
			t.Errorf("%s: centre %v, want %v", c.name, c.got.Center, want.Center)
		}
		// The end of an interval of B resamples has a standard error of about
		// 2.7 standard deviations ÷ √B (order statistics of a normal sample at
		// the 97.5th percentile): a twentieth of the half-width is beyond
		// three of them. The median moves in steps.
		tolerance := (want.Ends[1] - want.Ends[0]) / 2 / 20
		if c.name == "median" {
			tolerance *= 2
		}
		for i, got := range []float64{c.got.Lo, c.got.Hi} {
			if math.Abs(got-want.Ends[i]) > tolerance {
				t.Errorf("%s: end %v, want %v ± %v", c.name, got, want.Ends[i], tolerance)
			}
		}
	}
	spectrum := make(stat.Spectrum)
	var values []float64
	for _, n := range ref.Language {
		spectrum[uint64(n)]++
		values = append(values, float64(n))
	}
	if len(ref.Entropy) != 6 {
		t.Errorf("%d entropies, want 6", len(ref.Entropy))
	}
	for order, want := range ref.Entropy {
		alpha, err := strconv.ParseFloat(order, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := spectrum.Entropy(alpha); math.Abs(got-want) > 1e-12 {
			t.Errorf("entropy of order %s: %v, want %v", order, got, want)
		}
	}
	if got := stat.Gini(values); math.Abs(got-ref.Gini) > 1e-12 {
		t.Errorf("Gini: %v, want %v", got, ref.Gini)
	}
}

func TestEntropyByHand(t *testing.T) {
	// One token twice, two once: p = 1/2, 1/4, 1/4.
	s := stat.Spectrum{2: 1, 1: 2}
	for _, c := range []struct{ alpha, want float64 }{
		{0, math.Log2(3)},         // the number of types
		{1, 1.5},                  // ½·1 + ¼·2 + ¼·2
		{2, -math.Log2(6.0 / 16)}, // Σp² = 4/16 + 1/16 + 1/16
	} {
		if got := s.Entropy(c.alpha); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("order %v: %v, want %v", c.alpha, got, c.want)
		}
	}
	if s.Types() != 3 || s.Total() != 4 {
		t.Errorf("%d types, %d tokens, want 3 and 4", s.Types(), s.Total())
	}
	// Equal shares have the same entropy in every order; one type has none.
	for _, alpha := range []float64{0, 0.5, 1, 2.5, 7} {
		if got := (stat.Spectrum{5: 8}).Entropy(alpha); math.Abs(got-3) > 1e-12 {
			t.Errorf("8 equal types, order %v: %v, want 3", alpha, got)
		}
		if got := (stat.Spectrum{5: 1}).Entropy(alpha); got != 0 {
			t.Errorf("one type, order %v: %v, want 0", alpha, got)
		}
	}
	if !math.IsNaN((stat.Spectrum{}).Entropy(1)) || !math.IsNaN(s.Entropy(-1)) {
		t.Error("no types or a negative order: want NaN")
	}
	// It falls as the order rises.
	last := math.Inf(1)
	for alpha := 0.0; alpha < 5; alpha += 0.25 {
		h := s.Entropy(alpha)
		if h > last+1e-12 {
			t.Errorf("order %v: %v after %v", alpha, h, last)
		}
		last = h
	}
}

func TestMedianOfRatiosByHand(t *testing.T) {
	b := newBootstrap(t, alone(4), nil, 200, 1)
	// 1/2, 3/2, 2, 4: the middle two are 1.5 and 2.
	iv := b.MedianOfRatios([]uint32{1, 3, 4, 8}, []uint32{2, 2, 2, 2}, 0.95)
	if iv.Center != 1.75 || iv.Lo < 0.5 || iv.Hi > 4 || !(iv.Lo < iv.Hi) {
		t.Errorf("got %+v, want 1.75 in [0.5, 4]", iv)
	}
	// A segment without tokens in the base is left out: 1/2, 2, 4.
	iv = b.MedianOfRatios([]uint32{1, 3, 4, 8}, []uint32{2, 0, 2, 2}, 0.95)
	if iv.Center != 2 || len(iv.Warnings) == 0 || iv.Warnings[len(iv.Warnings)-1] != "1 segment without tokens in the base left out" {
		t.Errorf("got %+v, want 2 and a warning", iv)
	}
	if iv = b.MedianOfRatios([]uint32{1, 1, 1, 1}, make([]uint32, 4), 0.95); !math.IsNaN(iv.Center) {
		t.Errorf("got %+v, want none", iv)
	}
}

// A domain by itself is drawn as it is in the whole.
func TestStratum(t *testing.T) {
	clusters := []int{1, 1, 2, 3, 3, 4}
	strata := []int{8, 8, 8, 5, 5, 5}
	num, den := []uint32{3, 4, 5, 9, 8, 20}, []uint32{2, 2, 2, 3, 3, 3}
	b := newBootstrap(t, clusters, strata, 500, 3)
	for s, part := range [][2]int{{0, 3}, {3, 6}} {
		sub := b.Stratum(s)
		if sub.Segments() != 3 || sub.Clusters() != 2 || sub.Strata() != 1 || sub.Resamples() != 500 {
			t.Fatalf("domain %d: %d segments, %d documents", s, sub.Segments(), sub.Clusters())
		}
		got := sub.RatioOfSums(num[part[0]:part[1]], den[part[0]:part[1]], 0.9)
		want := b.Of(0.9, func(w []float64) float64 {
			var n, d float64
			for i := part[0]; i < part[1]; i++ {
				n += w[i] * float64(num[i])
				d += w[i] * float64(den[i])
			}
			return n / d
		})
		if got.Center != want.Center || got.Lo != want.Lo || got.Hi != want.Hi {
			t.Errorf("domain %d: got %+v, want %+v", s, got, want)
		}
		if len(got.Warnings) < 2 { // few segments, few documents
			t.Errorf("domain %d: warnings %q", s, got.Warnings)
		}
	}
}

func TestRanks(t *testing.T) {
	b := newBootstrap(t, alone(200), nil, 1000, 1)
	counts := make([][]uint32, 5)
	for i := range 200 {
		n := uint32(20 + i%30)
		wobble := uint32(i * 7 % 11)
		counts[0] = append(counts[0], 2*n)          // certainly more than the second
		counts[1] = append(counts[1], n)            //
		counts[2] = append(counts[2], n)            // equal to it in every segment
		counts[3] = append(counts[3], 2*n+wobble-5) // about the first
		counts[4] = append(counts[4], 5*n)          // certainly the most
	}
	got, err := b.Ranks(counts, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want := []stat.Rank{{3, 4}, {1, 2}, {1, 2}, {3, 4}, {5, 5}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("item %d: places %v, want %v (all %v)", i, got[i], want[i], got)
		}
	}
	if _, err := b.Ranks([][]uint32{counts[0], make([]uint32, 200)}, 0.95); err == nil {
		t.Error("counts of zero: no error")
	}
	if _, err := b.Ranks([][]uint32{{1}}, 0.95); err == nil {
		t.Error("counts of another length: no error")
	}
	if got, err := b.Ranks(counts[:1], 0.95); err != nil || got[0] != (stat.Rank{Lo: 1, Hi: 1}) {
		t.Errorf("one item: %v, %v", got, err)
	}
}

func TestNeeded(t *testing.T) {
	// ±10 % with 100 segments: ±5 % with 4 × as many.
	iv := stat.Interval{Center: 2, Lo: 1.8, Hi: 2.2}
	for share, want := range map[float64]int{0.1: 100, 0.05: 400, 0.01: 10000} {
		if got := iv.Needed(100, share); got < want || got > want+1 {
			t.Errorf("±%v: %d segments, want %d", share, got, want)
		}
	}
	nan := math.NaN()
	for _, iv := range []stat.Interval{{Center: 1, Lo: 1, Hi: 1}, {Center: nan, Lo: nan, Hi: nan}, {Center: 1, Lo: nan, Hi: nan}} {
		if got := iv.Needed(100, 0.01); got != 0 {
			t.Errorf("%+v: %d, want 0", iv, got)
		}
	}
}
