package eventschema

import (
	"strings"

	"github.com/tenantstore/store/pkg/store/eventschema/ecma"
)

// text finds a text that fits: a sample of the format, what the pattern spells, or any.
func (g *generator) text(s *schema) any {
	candidates := samples(s.Format)
	if s.Pattern != "" {
		candidates = append(candidates, ecma.Sample(s.Pattern))
		candidates = append(candidates, commonTexts()...)
	}
	var all strings.Builder
	for _, child := range s.AllOf {
		if child.Pattern != "" {
			all.WriteString(ecma.Sample(child.Pattern))
			candidates = append(candidates, ecma.Sample(child.Pattern), all.String())
		}
	}
	candidates = append(candidates, "text")
	for _, text := range candidates {
		if g.fits(s, text) {
			return text
		}
		if text = stretch(text, s); g.fits(s, text) {
			return text
		}
	}
	return "text"
}

// stretch gives a text the length that the bounds ask for.
func stretch(text string, s *schema) string {
	if s.MinLength != nil && len(text) < *s.MinLength && *s.MinLength < 1<<20 {
		text += strings.Repeat("x", *s.MinLength-len(text))
	}
	if s.MaxLength != nil && len(text) > *s.MaxLength {
		text = text[:*s.MaxLength]
	}
	return text
}

// samples returns texts of the formats that zod names.
func samples(format string) []string {
	text := map[string]string{
		"email":     "ada@example.com",
		"uuid":      "123e4567-e89b-42d3-a456-426614174000",
		"uri":       "https://example.com/path",
		"date-time": "2026-01-02T03:04:05Z",
		"date":      "2026-01-02",
		"time":      "03:04:05",
		"duration":  "P1DT2H",
		"ipv4":      "192.0.2.1",
		"ipv6":      "2001:db8::1",
		"cidrv4":    "192.0.2.0/24",
		"cidrv6":    "2001:db8::/32",
		"emoji":     "🙂",
		"hostname":  "example.com",
		"jwt":       "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
		"base64":    "aGVsbG8=",
		"base64url": "aGVsbG8",
		"nanoid":    "V1StGXR8_Z5jdHi6B-myT",
		"cuid":      "cjld2cjxh0000qzrmn831i7rn",
		"cuid2":     "tz4a98xxat96iws9zmbrgj3a",
		"ulid":      "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"xid":       "9m4e2mr0ui3e8a215n4g",
		"ksuid":     "0ujtsYcgvSTl8PAuAdqWYSMnLOv",
		"e164":      "+4930123456",
		"mac":       "00:1A:2B:3C:4D:5E",
		"lowercase": "text",
		"uppercase": "TEXT",
	}[format]
	if text == "" {
		return nil
	}
	return []string{text}
}

// commonTexts are tried where a pattern has no format and spells nothing that fits.
func commonTexts() []string {
	return []string{
		"2026-01-02T03:04:05", "03:04:05", "text", "TEXT", "Text1!text", "abc123", "1", "a", "A1",
	}
}
