package embedded

import "strconv"

// Limits of Redis that miniredis does not have.
const (
	maxString    = 512 << 20 // bytes (proto-max-bulk-len)
	maxBit       = 1 << 32
	maxDatabases = 16
	maxRandom    = 1 << 20 // members with repetition; Redis has no limit worth the name
)

// tooMuch returns why a command is refused that would make miniredis take up memory
// without bound, or "".
func tooMuch(name string, args []string) string {
	switch name {
	case "SETRANGE":
		if n, ok := argument(args, 1); ok && len(args) == 3 && n > maxString-int64(len(args[2])) {
			return "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
		}
	case "SETBIT":
		if n, ok := argument(args, 1); ok && n >= maxBit {
			return "ERR bit offset is not an integer or out of range"
		}
	case "SELECT":
		if n, ok := argument(args, 0); ok && n >= maxDatabases {
			return "ERR DB index is out of range"
		}
	case "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER":
		if n, ok := argument(args, 1); ok && n < -maxRandom {
			return "ERR value is out of range"
		}
	}
	return ""
}

// argument returns an argument that is a number.
func argument(args []string, i int) (int64, bool) {
	if i >= len(args) {
		return 0, false
	}
	n, err := strconv.ParseInt(args[i], 10, 64)
	return n, err == nil
}
