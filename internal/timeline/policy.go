package timeline

// Policy decides between fan-out on write and fan-out on read.
type Policy struct {
	// PageSize is how many followers one fan-out command delivers to.
	PageSize int
}

// DefaultPolicy pushes every tweet to every follower.
func DefaultPolicy() Policy { return Policy{PageSize: 1000} }
