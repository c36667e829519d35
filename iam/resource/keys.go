package resource

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/groundway-sdk/groundway"
)

// KeyDigest returns what a snapshot keeps of an access key ID: 32 hexadecimal
// digits of its SHA-256 hash. It tells two keys apart and leads back to none.
func KeyDigest(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}

// digest returns the digest of the ID that a secret holds.
func digest(id groundway.Secret) string { return KeyDigest(id.Reveal()) }
