package price

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// A Decimal is an exact decimal number: an integer times a power of ten. It
// is immutable, and its zero value is 0.
//
// Prices are never float64, which has no 0.1. The way out of exactness is
// [Decimal.Float64] and [Decimal.Text], for showing, and [Decimal.Rat], for
// quotients such as cost multipliers.
type Decimal struct {
	coef  *big.Int // nil is 0; never changed after it is set
	scale int      // digits after the point, ≥ 0; the last one is not 0
}

// maxDigits bounds what ParseDecimal reads.
const maxDigits = 40

// ParseDecimal reads a number such as "2.50", "-3" or "0.0028": digits with at
// most one point between them, without exponent, sign + or separators.
func ParseDecimal(s string) (Decimal, error) {
	bad := func(why string) (Decimal, error) {
		if len(s) > 2*maxDigits {
			s = s[:2*maxDigits] + "…"
		}
		return Decimal{}, fmt.Errorf("price: %q is not a decimal number: %s", s, why)
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	switch {
	case whole == "" || point && fraction == "":
		return bad("want digits before and after the point, as in 2.50")
	case len(whole)+len(fraction) > maxDigits:
		return bad(fmt.Sprintf("want at most %d digits", maxDigits))
	}
	all := whole + fraction
	for i := range len(all) {
		if all[i] < '0' || all[i] > '9' {
			return bad("want digits and one point, as in 2.50")
		}
	}
	coef, ok := new(big.Int).SetString(all, 10)
	if !ok {
		return bad("want digits and one point, as in 2.50")
	}
	if negative {
		coef.Neg(coef)
	}
	return decimal(coef, len(fraction)), nil
}

// NewDecimal returns n.
func NewDecimal(n int64) Decimal { return decimal(big.NewInt(n), 0) }

var ten = big.NewInt(10)

// decimal makes coef / 10^scale canonical. It takes over coef.
func decimal(coef *big.Int, scale int) Decimal {
	if coef.Sign() == 0 {
		return Decimal{}
	}
	for q, r := new(big.Int), new(big.Int); scale > 0; scale-- {
		if q.QuoRem(coef, ten, r); r.Sign() != 0 {
			break
		}
		coef, q = q, coef
	}
	return Decimal{coef, scale}
}

func (d Decimal) big() *big.Int {
	if d.coef == nil {
		return new(big.Int)
	}
	return d.coef
}

func pow10(n int) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil) }

// align returns the coefficients of d and e at their common scale.
func align(d, e Decimal) (x, y *big.Int, scale int) {
	x, y, scale = d.big(), e.big(), max(d.scale, e.scale)
	if d.scale < scale {
		x = new(big.Int).Mul(x, pow10(scale-d.scale))
	}
	if e.scale < scale {
		y = new(big.Int).Mul(y, pow10(scale-e.scale))
	}
	return x, y, scale
}

// Add returns d + e.
func (d Decimal) Add(e Decimal) Decimal {
	x, y, scale := align(d, e)
	return decimal(new(big.Int).Add(x, y), scale)
}

// Sub returns d − e.
func (d Decimal) Sub(e Decimal) Decimal {
	x, y, scale := align(d, e)
	return decimal(new(big.Int).Sub(x, y), scale)
}

// Mul returns d × e.
func (d Decimal) Mul(e Decimal) Decimal {
	return decimal(new(big.Int).Mul(d.big(), e.big()), d.scale+e.scale)
}

// Shift returns d × 10ⁿ.
func (d Decimal) Shift(n int) Decimal {
	if n <= d.scale {
		return decimal(new(big.Int).Set(d.big()), d.scale-n)
	}
	return decimal(new(big.Int).Mul(d.big(), pow10(n-d.scale)), 0)
}

// Cmp returns -1, 0 or +1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	x, y, _ := align(d, e)
	return x.Cmp(y)
}

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int { return d.big().Sign() }

// String returns all digits and no trailing zeros: "2.5" for 2.50. It is read
// back exactly by [ParseDecimal] up to its number of digits.
func (d Decimal) String() string {
	s := new(big.Int).Abs(d.big()).String()
	if d.scale > 0 {
		if len(s) <= d.scale {
			s = strings.Repeat("0", d.scale-len(s)+1) + s
		}
		s = s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
	}
	if d.Sign() < 0 {
		s = "-" + s
	}
	return s
}

// Text returns d with exactly that many digits after the point, rounded to
// the nearest and half to even: 2.5 is "2.50" with two places and "2" with
// none. It is for showing.
func (d Decimal) Text(places int) string {
	places = max(places, 0)
	x := d.big()
	if d.scale > places {
		unit := pow10(d.scale - places)
		q, r := new(big.Int).QuoRem(x, unit, new(big.Int))
		r.Abs(r).Lsh(r, 1)
		if c := r.Cmp(unit); c > 0 || c == 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(int64(x.Sign())))
		}
		x = q
	} else if d.scale < places {
		x = new(big.Int).Mul(x, pow10(places-d.scale))
	}
	return Decimal{x, places}.String()
}

// Float64 returns the nearest float64. It is for showing, charts and
// multiplication by factors that are estimates themselves.
func (d Decimal) Float64() float64 {
	f, _ := d.Rat().Float64()
	return f
}

// Rat returns d as a new rational number.
func (d Decimal) Rat() *big.Rat { return new(big.Rat).SetFrac(d.big(), pow10(d.scale)) }

// MarshalText writes d as [Decimal.String] does.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads d as [ParseDecimal] does.
func (d *Decimal) UnmarshalText(text []byte) error {
	if d == nil {
		return errors.New("price: UnmarshalText on a nil Decimal")
	}
	v, err := ParseDecimal(string(text))
	if err == nil {
		*d = v
	}
	return err
}
