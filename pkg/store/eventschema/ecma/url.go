package ecma

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidURL reports whether JavaScript's new URL(text.trim()) would succeed: the rules of
// the URL Standard for a URL with no base. The mapping of international host names is
// only approximated: letters, marks, digits and symbols pass.
func ValidURL(text string) bool {
	text = strings.TrimFunc(text, spaces().has)
	text = strings.TrimFunc(text, func(c rune) bool { return c <= ' ' })
	text = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(text)
	scheme, rest, found := strings.Cut(text, ":")
	if !found || !isScheme(scheme) {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "ws", "wss", "ftp":
		return validAuthority(upTo(strings.TrimLeft(rest, `/\`), `/\?#`), true)
	case "file":
		return validFile(rest)
	}
	if rest, found = strings.CutPrefix(rest, "//"); found {
		return validAuthority(upTo(rest, "/?#"), false)
	}
	return true
}

func isScheme(text string) bool {
	for i, c := range []byte(text) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		other := c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	return text != ""
}

// upTo returns the text before the first of the characters.
func upTo(text, chars string) string {
	if end := strings.IndexAny(text, chars); end >= 0 {
		return text[:end]
	}
	return text
}

// validFile judges what follows "file:". A host may be there and then has no port.
func validFile(rest string) bool {
	if len(rest) < 2 || !strings.Contains(`/\`, rest[:1]) || !strings.Contains(`/\`, rest[1:2]) {
		return true
	}
	host := upTo(rest[2:], `/\?#`)
	if len(host) == 2 && isScheme(host[:1]) && (host[1] == ':' || host[1] == '|') {
		return true // the drive of a Windows path
	}
	return host == "" || validHost(host, true)
}

// validAuthority judges user, host and port. Special schemes, those of the web, need a
// host that names a computer.
func validAuthority(text string, special bool) bool {
	at := strings.LastIndexByte(text, '@')
	host, port := text[at+1:], ""
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		if host, port = host[:colon], host[colon+1:]; host == "" {
			return false
		}
	}
	if host == "" {
		return !special && at < 0
	}
	return validPort(port) && validHost(host, special)
}

func validPort(port string) bool {
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	port = strings.TrimLeft(port, "0")
	n, err := strconv.Atoi("0" + port)
	return err == nil && n <= 65535
}

func validHost(host string, special bool) bool {
	if inner, found := strings.CutPrefix(host, "["); found {
		inner, found = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return found && err == nil && addr.Is6() && addr.Zone() == ""
	}
	if !special {
		return !strings.ContainsAny(host, "\x00\t\n\r #/:<>?@[\\]^|")
	}
	if decoded, err := url.PathUnescape(host); err == nil {
		host = decoded
	} // otherwise the % that stays is refused
	host = strings.Map(asDot, host)
	return validDomain(host) && (!endsInNumber(host) || validIPv4(host))
}

// asDot maps the full stops of other scripts to the one that parts a host name, and drops
// what host names ignore.
func asDot(c rune) rune {
	switch c {
	case '\u3002', '\uff0e', '\uff61':
		return '.'
	case '\u00ad', '\u200b', '\u2060', '\ufeff':
		return -1
	}
	return c
}

func validDomain(host string) bool {
	for _, c := range host {
		switch {
		case c < utf8.RuneSelf && (c <= ' ' || c == 0x7f || strings.ContainsRune(`#/:<>?@[\]^|%`, c)):
			return false
		case c >= utf8.RuneSelf && (c == utf8.RuneError || !unicode.IsGraphic(c) || unicode.IsSpace(c)):
			return false
		}
	}
	return host != ""
}

// endsInNumber reports whether a host has to be an IPv4 address.
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := ipv4Number(last)
	return ok && last != ""
}

func validIPv4(host string) bool {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return false
	}
	for i, part := range parts {
		limit := uint64(1) << 8
		if i == len(parts)-1 {
			limit = 1 << (8 * (5 - len(parts)))
		}
		if n, ok := ipv4Number(part); !ok || part == "" || n >= limit {
			return false
		}
	}
	return true
}

// ipv4Number reads a decimal number, one in octal after a 0, or in hexadecimal after 0x.
func ipv4Number(text string) (uint64, bool) {
	base := 10
	lower := strings.ToLower(text)
	if rest, found := strings.CutPrefix(lower, "0x"); found {
		lower, base = "0"+rest, 16
	} else if len(lower) > 1 && lower[0] == '0' {
		base = 8
	}
	n, err := strconv.ParseUint(lower, base, 64)
	return n, err == nil
}
