// Package valid tells well-formed UTF-8 from other bytes, as package
// unicode/utf8 does, only faster where there is assembly for it.
package valid
