package federation

func (r *reader) rules() {}
