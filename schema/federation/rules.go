package federation

func (r *reader) validate() {}

func (r *reader) rules() {}
