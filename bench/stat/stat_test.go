package stat_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/bench/stat"
)

func alone(n int) []int {
	c := make([]int, n)
	for i := range c {
		c[i] = -1
	}
	return c
}

func newBootstrap(t testing.TB, clusters, strata []int, resamples int, seed uint64) *stat.Bootstrap {
	t.Helper()
	b, err := stat.NewBootstrap(clusters, strata, resamples, seed)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parallel makes counts of n segments in documents of size per; the language
// costs premium on average, and rho is the share of the document in the
// deviation.
func parallel(rng *rand.Rand, n, per int, premium, rho float64) (num, den []uint32, clusters []int) {
	doc := 0.0
	for i := range n {
		if i%per == 0 {
			doc = rng.NormFloat64()
		}
		e := 5 + rng.IntN(60)
		dev := math.Sqrt(rho)*doc + math.Sqrt(1-rho)*rng.NormFloat64()
		den = append(den, uint32(e))
		num = append(num, uint32(math.Round(float64(e)*max(0.1, premium*(1+0.25*dev)))))
		clusters = append(clusters, i/per)
	}
	return num, den, clusters
}

// With two segments there are three resamples, whose ratios are known.
func TestRatioOfSumsOfTwoSegments(t *testing.T) {
	b := newBootstrap(t, alone(2), nil, 400, 7)
	iv := b.RatioOfSums([]uint32{3, 10}, []uint32{2, 4}, 0.95)
	if iv.Center != 13.0/6 || iv.Lo != 1.5 || iv.Hi != 2.5 || iv.Level != 0.95 {
		t.Errorf("got %+v, want 13/6 in [1.5, 2.5]", iv)
	}
	iv = b.MeanOfRatios([]uint32{3, 10}, []uint32{2, 4}, 0.95)
	if iv.Center != 2 || iv.Lo != 1.5 || iv.Hi != 2.5 {
		t.Errorf("mean of ratios: got %+v, want 2 in [1.5, 2.5]", iv)
	}
	// In every resample A is 3 × B.
	iv = b.RatioOfRatios([]uint32{3, 30}, []uint32{2, 4}, []uint32{1, 10}, []uint32{2, 4}, 0.95)
	if math.Abs(iv.Center-3) > 1e-15 || math.Abs(iv.Lo-3) > 1e-14 || math.Abs(iv.Hi-3) > 1e-14 {
		t.Errorf("ratio of ratios: got %+v, want 3", iv)
	}
}

// The resamples are those of the weights that Of shows: every method must
// agree with the plain computation over them.
func TestMethodsAgreeWithOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	num, den, clusters := parallel(rng, 300, 4, 1.6, 0.3)
	other, _, _ := parallel(rng, 300, 4, 1.2, 0.3)
	strata := make([]int, 300)
	for i := range strata {
		strata[i] = 10 * (i / 100)
	}
	b := newBootstrap(t, clusters, strata, 500, 3)
	sum := func(w []float64, x []uint32) (s float64) {
		for i := range w {
			s += w[i] * float64(x[i])
		}
		return s
	}
	for _, test := range []struct {
		name string
		got  stat.Interval
		f    func(w []float64) float64
	}{
		{"RatioOfSums", b.RatioOfSums(num, den, 0.9), func(w []float64) float64 { return sum(w, num) / sum(w, den) }},
		{"RatioOfRatios", b.RatioOfRatios(num, den, other, den, 0.9), func(w []float64) float64 { return sum(w, num) / sum(w, other) }},
		{"MacroRatio", b.MacroRatio(num, den, 0.9), func(w []float64) float64 {
			var s float64
			for d := 0; d < 300; d += 100 {
				s += sum(w[d:d+100], num[d:d+100]) / sum(w[d:d+100], den[d:d+100])
			}
			return s / 3
		}},
		{"MeanOfRatios", b.MeanOfRatios(num, den, 0.9), func(w []float64) float64 {
			var s, n float64
			for i := range w {
				s += w[i] * float64(num[i]) / float64(den[i])
				n += w[i]
			}
			return s / n
		}},
	} {
		want := b.Of(0.9, test.f)
		if d := max(math.Abs(test.got.Center-want.Center), math.Abs(test.got.Lo-want.Lo), math.Abs(test.got.Hi-want.Hi)); !(d < 1e-12) {
			t.Errorf("%s: got %+v, want %+v", test.name, test.got, want)
		}
		if len(test.got.Warnings) != 0 || !(test.got.Lo < test.got.Center && test.got.Center < test.got.Hi) {
			t.Errorf("%s: got %+v, want an interval around the centre without warnings", test.name, test.got)
		}
	}
}

func TestWeightsKeepDocumentsAndDomains(t *testing.T) {
	clusters := []int{5, 5, -1, 9, 9, 9, -1, 2}
	strata := []int{1, 1, 1, 0, 0, 0, 0, 0}
	b := newBootstrap(t, clusters, strata, 2000, 1)
	if b.Segments() != 8 || b.Clusters() != 5 || b.Strata() != 2 || b.Resamples() != 2000 {
		t.Fatalf("got %d segments, %d clusters, %d strata, %d resamples", b.Segments(), b.Clusters(), b.Strata(), b.Resamples())
	}
	calls, seen := 0, map[string]bool{}
	b.Of(0.95, func(w []float64) float64 {
		calls++
		if w[0] != w[1] || w[3] != w[4] || w[4] != w[5] {
			t.Fatalf("weights %v split a document", w)
		}
		if w[0]+w[2] != 2 || w[3]+w[6]+w[7] != 3 {
			t.Fatalf("weights %v: want 2 documents of the first domain, 3 of the second", w)
		}
		seen[fmt.Sprint(w)] = true
		return 1
	})
	// 3 multisets of 2 of 2, times 10 of 3 of 3.
	if calls != 2001 || len(seen) != 30 {
		t.Errorf("%d calls with %d different resamples, want 2001 and 30", calls, len(seen))
	}
}

// Pinned: a change of these numbers changes every published interval.
func TestBootstrapIsDeterministic(t *testing.T) {
	num := []uint32{12, 33, 18, 25, 40, 7, 21, 30, 16, 28, 35, 11}
	den := []uint32{10, 20, 15, 16, 22, 6, 15, 19, 12, 17, 25, 7}
	b := newBootstrap(t, []int{0, 0, 0, 1, 1, 2, 3, 3, 4, -1, -1, -1}, []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, 1000, 42)
	var got strings.Builder
	for _, iv := range []stat.Interval{
		b.RatioOfSums(num, den, 0.95),
		b.RatioOfRatios(num, den, den, num, 0.95),
		b.MeanOfRatios(num, den, 0.95),
		b.MacroRatio(num, den, 0.95),
	} {
		fmt.Fprintf(&got, "%.17g %.17g %.17g\n", iv.Center, iv.Lo, iv.Hi)
	}
	const want = `1.5 1.3979057591623036 1.618421052631579
2.25 1.9541405114991366 2.6192867036011078
1.4606763817967379 1.3630952380952379 1.5894011292714854
1.5005322294500294 1.3381410256410255 1.6105952114567017
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	other := newBootstrap(t, alone(12), nil, 1000, 43).RatioOfSums(num, den, 0.95)
	again := newBootstrap(t, alone(12), nil, 1000, 44).RatioOfSums(num, den, 0.95)
	if other.Lo == again.Lo && other.Hi == again.Hi {
		t.Error("two seeds give the same interval")
	}
}

func TestCoverage(t *testing.T) {
	const trials = 400
	// The premium of the population is that of a very large sample.
	truth := func(per int, rho float64) float64 {
		num, den, _ := parallel(rand.New(rand.NewPCG(99, 99)), 400_000, per, 1.5, rho)
		var n, d float64
		for i := range num {
			n += float64(num[i])
			d += float64(den[i])
		}
		return n / d
	}
	coverage := func(n, per int, rho float64, byDocument bool) float64 {
		want, hit := truth(per, rho), 0
		for trial := range trials {
			num, den, clusters := parallel(rand.New(rand.NewPCG(5, uint64(trial))), n, per, 1.5, rho)
			if !byDocument {
				clusters = alone(n)
			}
			iv := newBootstrap(t, clusters, nil, 300, uint64(trial)).RatioOfSums(num, den, 0.95)
			if iv.Lo <= want && want <= iv.Hi {
				hit++
			}
		}
		return float64(hit) / trials
	}
	if got := coverage(150, 1, 0, false); got < 0.91 || got > 0.98 {
		t.Errorf("independent segments: coverage %v, want about 0.95", got)
	}
	if got := coverage(400, 8, 0.4, true); got < 0.90 || got > 0.98 {
		t.Errorf("documents, resampled by document: coverage %v, want about 0.95", got)
	}
	if got := coverage(400, 8, 0.4, false); got > 0.85 {
		t.Errorf("documents, resampled by segment: coverage %v, want it far too low", got)
	}
}

func TestPairedComparisonIsTighter(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	a, den, _ := parallel(rng, 500, 1, 1.8, 0)
	c := make([]uint32, len(a)) // another vocabulary: 10 % shorter, a little noise
	for i := range c {
		c[i] = max(1, uint32(float64(a[i])*0.9+rng.Float64()))
	}
	b := newBootstrap(t, alone(500), nil, 1000, 1)
	width := func(iv stat.Interval) float64 { return (iv.Hi - iv.Lo) / iv.Center }
	paired, single := b.RatioOfSums(a, c, 0.95), b.RatioOfSums(a, den, 0.95)
	if width(paired) > width(single)/5 {
		t.Errorf("paired width %v, single %v: want it far tighter", width(paired), width(single))
	}
}

func TestWarnings(t *testing.T) {
	few := alone(99)
	num, den := make([]uint32, 99), make([]uint32, 99)
	for i := range num {
		num[i], den[i] = uint32(10+i%7), uint32(8+i%5)
	}
	docs := make([]int, 99)
	for i := range docs {
		docs[i] = i / 4
	}
	check := func(name string, iv stat.Interval, want ...string) {
		t.Helper()
		if len(iv.Warnings) != len(want) {
			t.Errorf("%s: got warnings %q, want %q", name, iv.Warnings, want)
			return
		}
		for i := range want {
			if !strings.Contains(iv.Warnings[i], want[i]) {
				t.Errorf("%s: got warnings %q, want %q", name, iv.Warnings, want)
			}
		}
	}
	b := newBootstrap(t, few, nil, 1000, 1)
	check("99 segments", b.RatioOfSums(num, den, 0.95), "only 99 segments")
	check("documents", newBootstrap(t, docs, nil, 1000, 1).RatioOfSums(num, den, 0.95), "only 99 segments", "only 25 documents")
	check("same", b.RatioOfSums(num, num, 0.95))
	check("both same", b.RatioOfRatios(num, den, num, den, 0.95))
	check("single document", newBootstrap(t, make([]int, 99), nil, 1000, 1).RatioOfSums(num, den, 0.95),
		"only 99 segments", "only 1 document:", "1 domain of 1 with a single", "degenerate")
	check("too few resamples", newBootstrap(t, few, nil, 10, 1).RatioOfSums(num, den, 0.95), "only 99 segments", "10 resamples are too few")
	double := make([]uint32, 99)
	for i := range double {
		double[i] = 2 * num[i]
	}
	check("proportional", b.RatioOfSums(double, num, 0.95), "only 99 segments", "degenerate")

	zero := slices.Clone(den)
	zero[3] = 0
	check("no ratio", b.MeanOfRatios(num, zero, 0.95), "only 99 segments", "1 segment without tokens")
	one := make([]uint32, 99)
	one[0] = 5
	check("resamples lost", b.RatioOfSums(num, one, 0.95), "only 99 segments", "resamples of 1000 left out")

	for name, iv := range map[string]stat.Interval{
		"zero":   b.RatioOfSums(num, make([]uint32, 99), 0.95),
		"short":  b.RatioOfSums(num[:98], den, 0.95),
		"macro":  b.MacroRatio(num, den[:3], 0.95),
		"mean":   b.MeanOfRatios(nil, den, 0.95),
		"level":  b.RatioOfSums(num, den, 95),
		"level0": b.Of(math.NaN(), func([]float64) float64 { return 1 }),
		"both":   b.RatioOfSums(num[:1], num[:1], 0.95),
	} {
		if !math.IsNaN(iv.Center) || !math.IsNaN(iv.Lo) || !math.IsNaN(iv.Hi) || len(iv.Warnings) != 1 {
			t.Errorf("%s: got %+v, want NaN and the reason", name, iv)
		}
	}
}

// 65,536 segments of 2³²−1 tokens in one document, drawn up to 65,537 times,
// would be more than 64 bits hold.
func TestHugeCountsAreRefusedNotWrapped(t *testing.T) {
	docs := make([]int, 1<<17)
	x := make([]uint32, len(docs))
	for i := range x {
		x[i] = math.MaxUint32
		docs[i] = max(0, i-1<<16)
	}
	b := newBootstrap(t, docs, nil, 1, 1)
	iv := b.RatioOfSums(x, slices.Repeat([]uint32{1}, len(x)), 0.5)
	if !math.IsNaN(iv.Center) || len(iv.Warnings) != 1 || !strings.Contains(iv.Warnings[0], "too large") {
		t.Errorf("got %+v, want a refusal", iv)
	}
	for i := range x {
		x[i] = 1 << 20
	}
	if iv := b.RatioOfSums(x, slices.Repeat([]uint32{1}, len(x)), 0.5); iv.Center != 1<<20 {
		t.Errorf("got %+v, want %d", iv, 1<<20)
	}
}

func TestNewBootstrapErrors(t *testing.T) {
	for _, test := range []struct {
		clusters, strata []int
		resamples        int
		want             string
	}{
		{nil, nil, 10, "stat: no segments to resample"},
		{[]int{1, 2}, []int{1}, 10, "stat: 2 segments with a document but 1 with a domain"},
		{[]int{1, 1}, []int{1, 2}, 10, "stat: segment 1: document 1 is in domain 2 and in another one before"},
		{[]int{1}, nil, 0, "stat: 0 resamples: want at least 1"},
		{[]int{1, 2}, nil, 1 << 28, "stat: 268435456 resamples of 2 documents need too much memory: want at most 134217728 resamples"},
	} {
		_, err := stat.NewBootstrap(test.clusters, test.strata, test.resamples, 1)
		if err == nil || err.Error() != test.want {
			t.Errorf("got error %v, want %q", err, test.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	x := []float64{9, 1, 4, 2}
	for _, test := range []struct{ p, want float64 }{
		{0, 1}, {1, 9}, {0.5, 3}, {0.25, 1.75}, {0.1, 1.3}, {1.0 / 3, 2},
	} {
		if got := stat.Quantile(x, test.p); math.Abs(got-test.want) > 1e-15 {
			t.Errorf("Quantile(%v) = %v, want %v", test.p, got, test.want)
		}
	}
	if !slices.Equal(x, []float64{9, 1, 4, 2}) {
		t.Errorf("Quantile changed its argument: %v", x)
	}
	if got := stat.Quantiles(x, 0.5, 0, 1); !slices.Equal(got, []float64{3, 1, 9}) {
		t.Errorf("Quantiles = %v, want [3 1 9]", got)
	}
	if got := stat.Quantile([]float64{5}, 0.9); got != 5 {
		t.Errorf("Quantile of one = %v, want 5", got)
	}
	for _, got := range []float64{
		stat.Quantile(nil, 0.5), stat.Quantile(x, 1.1), stat.Quantile(x, math.NaN()),
		stat.Quantile([]float64{1, math.NaN()}, 0.5), stat.Mean(nil),
	} {
		if !math.IsNaN(got) {
			t.Errorf("got %v, want NaN", got)
		}
	}
}

func TestGini(t *testing.T) {
	for _, test := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{3, 3, 3}, 0},
		{[]float64{0, 0, 0, 1}, 0.75},
		{[]float64{3, 1}, 0.25},               // (2+2) / (2·4·2)
		{[]float64{4, 1, 3, 2}, 0.25},         // 20 / (2·16·2.5)
		{[]float64{1, 1.26, 1.7}, 35.0 / 297}, // 2·1.4 / (2·9·1.32)
	} {
		x := slices.Clone(test.x)
		if got := stat.Gini(x); math.Abs(got-test.want) > 1e-15 {
			t.Errorf("Gini(%v) = %v, want %v", test.x, got, test.want)
		}
		if !slices.Equal(x, test.x) {
			t.Errorf("Gini changed its argument")
		}
		var pairs, sum float64 // by the definition
		for _, a := range x {
			sum += a
			for _, b := range x {
				pairs += math.Abs(a - b)
			}
		}
		if n := float64(len(x)); math.Abs(pairs/(2*n*sum)-test.want) > 1e-12 {
			t.Errorf("the test's own value for %v is wrong", x)
		}
	}
	for _, x := range [][]float64{nil, {0, 0}, {-1, 2}, {1, math.NaN()}, {1, math.Inf(1)}} {
		if got := stat.Gini(x); !math.IsNaN(got) {
			t.Errorf("Gini(%v) = %v, want NaN", x, got)
		}
	}
}

func BenchmarkTenRatios(b *testing.B) {
	num, den, clusters := parallel(rand.New(rand.NewPCG(1, 1)), 500, 1, 1.5, 0)
	for b.Loop() {
		bs := newBootstrap(b, clusters, nil, 1000, 1)
		for range 10 {
			if iv := bs.RatioOfSums(num, den, 0.95); !(iv.Lo < iv.Hi) {
				b.Fatal(iv)
			}
		}
	}
}
