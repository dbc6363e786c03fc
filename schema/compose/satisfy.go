package compose

func (m *merger) satisfy(options) {}
