package packed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// fill gives each field below v a value of its own that is not zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n%255 + 1))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	default:
		panic(v.Type().String())
	}
}

// full is a definition in which no field is zero.
func full(t testing.TB) *vocab.Definition {
	def, n := new(vocab.Definition), 0
	fill(reflect.ValueOf(def).Elem(), &n)
	m := &def.Model
	m.Tokens = vocab.Tokens{}
	for _, s := range []string{"a", "bab", "", "ab", "b", "abb", "ba", "##c", "c", "b##c", "bc", "ab"} {
		m.Tokens.Append(s)
	}
	m.Types, m.Scores, m.Scores64 = nil, nil, nil
	for i := range m.Tokens.Len() {
		m.Types = append(m.Types, vocab.Type(i%6+1))
		m.Scores = append(m.Scores, float32(i)+0.25)
		m.Scores64 = append(m.Scores64, math.Pi*float64(i))
	}
	m.Merges = []vocab.Merge{
		{Left: 0, Right: 4, Into: 3}, {Left: 4, Right: 0, Into: 6}, {Left: 6, Right: 4, Into: 1}, {Left: 3, Right: 4, Into: 5},
		{Left: 4, Right: 3, Into: 1}, {Left: 0, Right: 4, Into: 11}, {Left: 4, Right: 7, Into: 10},
	}
	return def
}

func roundTrip(t *testing.T, def *vocab.Definition) []byte {
	t.Helper()
	data, err := Encode(def)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(def, got); diff != "" {
		t.Fatalf("definition changed (-packed +read):\n%s", diff)
	}
	return data
}

// TestEveryField fails when a field is added to the definition that is not
// packed.
func TestEveryField(t *testing.T) {
	def := full(t)
	var check func(path string, v reflect.Value)
	check = func(path string, v reflect.Value) {
		if v.IsZero() {
			t.Errorf("%s is zero: the test says nothing about it", path)
		}
		if v.Kind() == reflect.Struct {
			for i := range v.NumField() {
				check(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
		if v.Kind() == reflect.Slice && v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct {
			check(path+"[0]", v.Index(v.Len()-1))
		}
	}
	check("def", reflect.ValueOf(def).Elem())
	roundTrip(t, def)
}

func TestRoundTrip(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*vocab.Definition)
	}{
		{"zero", func(d *vocab.Definition) { *d = vocab.Definition{} }},
		{"no merges", func(d *vocab.Definition) { d.Model.Merges = nil }},
		{"empty merges", func(d *vocab.Definition) { d.Model.Merges = []vocab.Merge{} }},
		{"no types", func(d *vocab.Definition) { d.Model.Types = nil }},
		{"no unknown", func(d *vocab.Definition) { d.Model.Unknown = vocab.NoID }},
		{"no byte", func(d *vocab.Definition) { d.Model.ByteTokens = []vocab.ID{5, vocab.NoID} }},
		{"empty charsmap", func(d *vocab.Definition) { d.Normalizers[0].Charsmap = []byte{} }},
		{"empty lists", func(d *vocab.Definition) {
			d.Added, d.Normalizers, d.Splitters = []vocab.AddedToken{}, []vocab.Normalizer{}, []vocab.Splitter{}
		}},
		{"whole scores", func(d *vocab.Definition) {
			d.Model.Scores64 = nil
			for i := range d.Model.Scores {
				d.Model.Scores[i] = float32(1000 - 37*i)
			}
		}},
		{"odd scores", func(d *vocab.Definition) {
			s := d.Model.Scores
			s[0], s[1], s[2], s[3], s[4] = float32(math.Inf(-1)), 1e30, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 1<<24
		}},
		{"merges by id", func(d *vocab.Definition) {
			d.Model.Tokens = vocab.Tokens{}
			for _, s := range []string{"a", "b", "ab", "abab", "ababb"} {
				d.Model.Tokens.Append(s)
			}
			d.Model.Types, d.Model.Scores, d.Model.Scores64 = nil, nil, nil
			d.Model.Merges = []vocab.Merge{{Left: 0, Right: 1, Into: 2}, {Left: 2, Right: 2, Into: 3}, {Left: 3, Right: 1, Into: 4}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := full(t)
			c.edit(def)
			roundTrip(t, def)
		})
	}
}

// TestRandom packs random vocabularies over few letters, where tokens have many
// splits, the parts of a token may come later and merges are out of order.
func TestRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		def := &vocab.Definition{Name: "random"}
		m := &def.Model
		n := 1 + rng.IntN(3000)
		for range n {
			b := make([]byte, rng.IntN(1+rng.IntN(12)))
			for i := range b {
				b[i] = "ab\x80"[rng.IntN(3)]
			}
			m.Tokens.Append(string(b))
		}
		for range rng.IntN(3 * n) {
			m.Merges = append(m.Merges, vocab.Merge{Left: vocab.ID(rng.IntN(n)), Right: vocab.ID(rng.IntN(n)), Into: vocab.ID(rng.IntN(n))})
		}
		index := m.Tokens.Index()
		for range rng.IntN(3 * n) {
			l, r := vocab.ID(rng.IntN(n)), vocab.ID(rng.IntN(n))
			if into, ok := index[string(m.Tokens.At(l))+string(m.Tokens.At(r))]; ok {
				m.Merges = append(m.Merges, vocab.Merge{Left: l, Right: r, Into: into})
			}
		}
		roundTrip(t, def)
	}
}

// TestPlaces holds the classes to every place.
func TestPlaces(t *testing.T) {
	if c, _ := classOf(maxTokens - 1); c != maxClass {
		t.Errorf("class of the last place is %d, maxClass is %d", c, maxClass)
	}
	for x := range uint32(maxTokens) {
		class, open := classOf(x)
		base, open2 := ofClass(class)
		if uint(open) != open2 || base|x&(1<<open-1) != x {
			t.Fatalf("place %d has class %d with %d open bits, which begins at %d and has %d", x, class, open, base, open2)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, edit := range map[string]func(*vocab.Model){
		"types":    func(m *vocab.Model) { m.Types = m.Types[1:] },
		"scores":   func(m *vocab.Model) { m.Scores = m.Scores[1:] },
		"scores64": func(m *vocab.Model) { m.Scores64 = m.Scores64[1:] },
		"merge":    func(m *vocab.Model) { m.Merges[2].Right = 12 },
		"token": func(m *vocab.Model) {
			m.Tokens.Append(string(make([]byte, maxToken+1)))
			m.Types, m.Scores, m.Scores64 = nil, nil, nil
		},
		"arena": func(m *vocab.Model) { m.Tokens.Bytes = append(m.Tokens.Bytes, 'x') },
	} {
		def := full(t)
		edit(&def.Model)
		if _, err := Encode(def); err == nil {
			t.Errorf("%s: packed", name)
		}
	}
}

// TestCorrupt changes every byte of a file, and cuts it at every length: with
// its checksum left alone that is found out; with the right checksum it gives a
// definition or an error.
func TestCorrupt(t *testing.T) {
	data, err := Encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, x := range []byte{1, 0x80, 0xFF} {
			bad := append([]byte{}, data...)
			bad[i] ^= x
			if _, err := Decode(bad); !errors.Is(err, errCorrupt) {
				t.Fatalf("byte %d xor %#x: error %v", i, x, err)
			}
			Decode(seal(bad[:len(bad)-4]))
		}
		if _, err := Decode(data[:i]); !errors.Is(err, errCorrupt) {
			t.Fatalf("first %d bytes: error %v", i, err)
		}
		if i < len(data)-4 {
			if _, err := Decode(seal(data[:i])); !errors.Is(err, errCorrupt) {
				t.Fatalf("first %d bytes with their checksum: error %v", i, err)
			}
		}
	}
	if _, err := Decode(seal(append(data[:len(data)-4:len(data)-4], 0))); err == nil {
		t.Error("a byte more is read")
	}
}

func seal(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(body[:len(body):len(body)], crc32.Checksum(body, castagnoli))
}

// FuzzDecode feeds files with the right checksum. What is read must pack again
// to the same definition, and memory must stay within bounds.
func FuzzDecode(f *testing.F) {
	data, err := Encode(full(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[len(magic) : len(data)-4])
	plain := full(f)
	plain.Model.Merges = nil
	data, _ = Encode(plain)
	f.Add(data[len(magic) : len(data)-4])
	f.Fuzz(func(t *testing.T, data []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		def, err := decode(data)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<29 {
			t.Fatalf("%d bytes of memory for %d bytes", used, len(data))
		}
		if err != nil {
			return
		}
		again, err := Encode(def)
		if err != nil {
			t.Fatalf("read but not packed: %v", err)
		}
		got, err := Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(def, got, cmp.Comparer(func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }),
			cmp.Comparer(func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })); diff != "" {
			t.Fatal(diff)
		}
	})
}
