package stat

import (
	"maps"
	"math"
	"slices"
)

// Mean returns the arithmetic mean of x, NaN if x is empty.
func Mean(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

// Quantile returns the p-quantile of x, in any order; p = 0.5 is the median.
//
// It is definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in
// statistical packages", The American Statistician 50 (1996) 361, as in R,
// NumPy and spreadsheets: with x₀ ≤ … ≤ xₙ₋₁ and h = (n−1)p it is
// x⌊h⌋ + (h−⌊h⌋)(x⌊h⌋₊₁ − x⌊h⌋). The result is NaN if x is empty, if it holds
// a NaN, or if p is outside [0, 1].
func Quantile(x []float64, p float64) float64 { return Quantiles(x, p)[0] }

// Quantiles returns the quantiles of x for each p. It sorts once, a copy.
func Quantiles(x []float64, p ...float64) []float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted) // NaN first
	q := make([]float64, len(p))
	for i, p := range p {
		q[i] = quantile(sorted, p)
	}
	return q
}

func quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	if n == 0 || math.IsNaN(sorted[0]) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	h := float64(n-1) * p
	i := int(h)
	if float64(i) == h || i+1 == n {
		return sorted[i]
	}
	lo, hi := sorted[i], sorted[i+1]
	if lo == hi { // two infinities have no difference
		return lo
	}
	// The conversion forbids a fused multiply-add: see MeanOfRatios.
	return lo + float64((h-float64(i))*(hi-lo))
}

// Gini returns the Gini coefficient of x, as of the tokens each language needs
// for the same content: 0 where all are equal, (n−1)/n where one has all.
//
// It is Σᵢ Σⱼ |xᵢ − xⱼ| / (2n²μ) (the form without the correction n/(n−1)),
// computed as Σᵢ (2i−n−1) xᵢ / (n Σx) over ascending x with i from 1. It
// depends on the set of languages: two coefficients compare only over the same
// set. The result is NaN if x is empty, sums to zero, or holds a number that
// is negative, infinite or NaN.
func Gini(x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	n := len(sorted)
	if n == 0 || !(sorted[0] >= 0) || math.IsInf(sorted[n-1], 0) {
		return math.NaN()
	}
	var weighted, sum float64
	for i, v := range sorted {
		weighted += float64(float64(2*i+1-n) * v)
		sum += v
	}
	return weighted / (float64(n) * sum)
}

// A Spectrum tells how often the types of a sample occur: Spectrum[f] types
// occur f times each. It is all that an entropy needs to know of the tokens of
// a text.
type Spectrum map[uint64]uint64

// Types returns the number of different types.
func (s Spectrum) Types() (n uint64) {
	for _, k := range s {
		n += k
	}
	return n
}

// Total returns the number of occurrences.
func (s Spectrum) Total() (n uint64) {
	for f, k := range s {
		n += f * k
	}
	return n
}

// Entropy returns the Rényi entropy of order alpha in bits,
//
//	H_α = log₂(Σ p^α) / (1−α),
//
// p being the share of each type; for α = 1 it is its limit, Shannon's entropy
// −Σ p log₂ p (A. Rényi, "On measures of entropy and information", Proc. 4th
// Berkeley Symposium 1961). The result is NaN if there are no types or alpha is
// negative.
func (s Spectrum) Entropy(alpha float64) float64 {
	n := float64(s.Total())
	if !(n > 0) || !(alpha >= 0) {
		return math.NaN()
	}
	// In the order of f, since a map has none and a sum of floats has.
	var h float64
	for _, f := range slices.Sorted(maps.Keys(s)) {
		p, k := float64(f)/n, float64(s[f])
		if alpha == 1 {
			h -= float64(k * p * math.Log2(p))
		} else {
			h += float64(k * math.Pow(p, alpha))
		}
	}
	if alpha != 1 {
		h = math.Log2(h) / (1 - alpha)
	}
	return max(h, 0) // one type has none: rounding may leave −0
}
