package cachelocal

import "github.com/starlinghq/starling/internal/social"

// stripes is how many locks share the keys, and the viewers.
const stripes = 64

// stripeOf spreads viewers over the stripes. The low bits of an id are its
// sequence, nearly always zero, so all bits are mixed and the middle ones taken.
func stripeOf(viewer social.UserID) uint64 {
	return (uint64(viewer) * 0x9e3779b97f4a7c15 >> 32) % stripes
}
