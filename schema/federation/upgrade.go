package federation

func (r *reader) upgrade() {}
