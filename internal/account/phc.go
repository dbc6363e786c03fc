package account

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrBadHash says that a stored text is no hash that this package can verify.
var ErrBadHash = errors.New("not an argon2id hash")

const (
	saltBytes = 16
	keyBytes  = 32
)

// phc is a hash in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$key, both in base64 without padding.
type phc struct {
	cost      Cost
	salt, key []byte
}

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Lanes,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// parsePHC reads a hash and refuses what String would not write, and costs beyond maxCost.
func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, fmt.Errorf("account: read hash: %w", ErrBadHash)
	}
	cost, err := parseCost(parts[3])
	if err != nil {
		return phc{}, err
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return phc{}, fmt.Errorf("account: read salt of hash: %w", ErrBadHash)
	}
	key, err := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || len(key) < 16 || len(key) > 64 {
		return phc{}, fmt.Errorf("account: read key of hash: %w", ErrBadHash)
	}
	h := phc{cost, salt, key}
	if h.String() != s {
		return phc{}, fmt.Errorf("account: read hash: %w", ErrBadHash)
	}
	return h, nil
}

func parseCost(s string) (Cost, error) {
	var values [3]uint64
	fields := strings.Split(s, ",")
	if len(fields) != len(values) {
		return Cost{}, fmt.Errorf("account: read cost of hash: %w", ErrBadHash)
	}
	most := maxCost()
	bounds := [3]uint64{uint64(most.Memory), uint64(most.Passes), uint64(most.Lanes)}
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || n == 0 || n > bounds[i] {
			return Cost{}, fmt.Errorf("account: read cost of hash: %w", ErrBadHash)
		}
		values[i] = n
	}
	return Cost{Memory: uint32(values[0]), Passes: uint32(values[1]), Lanes: uint8(values[2])}, nil
}
