package stat

import (
	"fmt"
	"math"
	"slices"
)

// A Rank is the set of places that an item may have among others, as far as a
// sample can tell: from Lo to Hi, 1 being the smallest. Items whose sets
// overlap are tied.
type Rank struct{ Lo, Hi int }

// Ranks orders items by the sum of their counts over the same segments, such
// as the vocabularies by the tokens they need for a language, and says which
// places each may have. With the probability of level all of the sets are
// right at once, however many items are compared.
//
// For each pair the difference of the logarithms of the sums is taken in every
// resample (so that the comparison is paired) and divided by its standard
// deviation over the resamples; the level-quantile of the largest of these
// deviations over all pairs is the width of simultaneous intervals. An item
// has as many places before it as there are items that are smaller beyond
// their interval, and as many behind it as there are larger ones: M. Mogstad,
// J. P. Romano, A. M. Shaikh and D. Wilhelm, "Inference for Ranks with
// Applications to Mobility across Neighbourhoods and Academic Achievement
// across Countries", Review of Economic Studies 91 (2024) 476, with the
// studentised maximum of J. P. Romano and M. Wolf, Econometrica 73 (2005) 1237.
//
// Items with equal counts in every segment are tied and not compared. The
// error is one of the arguments; an item whose counts sum to zero is one.
func (b *Bootstrap) Ranks(counts [][]uint32, level float64) ([]Rank, error) {
	if msg := b.check(level, counts...); msg != "" {
		return nil, fmt.Errorf("stat: %s", msg)
	}
	k := len(counts)
	logs := make([][]float64, k) // by item: of the data, then of each resample
	for j, c := range counts {
		sums := make([]uint64, b.clusters)
		for i, cluster := range b.cluster {
			sums[cluster] += uint64(c[i])
		}
		logs[j] = make([]float64, 1, b.resamples+1)
		logs[j][0] = math.Log(float64(total(c)))
		if math.IsInf(logs[j][0], 0) {
			return nil, fmt.Errorf("stat: the counts of item %d are all zero: there is nothing to rank", j+1)
		}
		for r := range b.resamples {
			var t uint64
			for cluster, w := range b.weights[r*b.clusters:][:b.clusters] {
				t += uint64(w) * sums[cluster]
			}
			logs[j] = append(logs[j], math.Log(float64(t)))
		}
	}
	type pair struct {
		a, b    int
		diff, s float64
	}
	var pairs []pair
	largest := make([]float64, b.resamples)
	deviation := make([]float64, b.resamples)
	for x := range k {
		for y := range x {
			p := pair{a: x, b: y, diff: logs[x][0] - logs[y][0]}
			if slices.Equal(counts[x], counts[y]) {
				continue
			}
			var mean, square float64
			for r := range deviation {
				deviation[r] = logs[x][r+1] - logs[y][r+1] - p.diff
				mean += deviation[r]
			}
			mean /= float64(b.resamples)
			for _, d := range deviation {
				square += float64((d - mean) * (d - mean))
			}
			p.s = math.Sqrt(square / float64(b.resamples))
			pairs = append(pairs, p)
			// Rounding leaves a little where one is a multiple of the other
			// in every segment: such a pair differs for certain.
			if !(p.s > 1e-12) {
				continue
			}
			for r, d := range deviation {
				largest[r] = max(largest[r], math.Abs(d)/p.s)
			}
		}
	}
	width := 0.0
	if len(pairs) > 0 {
		slices.Sort(largest)
		width = largest[min(int(math.Ceil(level*float64(b.resamples+1))), b.resamples)-1]
	}
	ranks := make([]Rank, k)
	for j := range ranks {
		ranks[j] = Rank{1, k}
	}
	for _, p := range pairs {
		if !(math.Abs(p.diff) > width*p.s) || p.diff == 0 {
			continue
		}
		more, less := p.a, p.b
		if p.diff < 0 {
			more, less = less, more
		}
		ranks[more].Lo++
		ranks[less].Hi--
	}
	return ranks, nil
}
