package serve

// UserCode is the code of a userError: an expected outcome of a mutation.
type UserCode string

// The codes of userErrors. The list is closed.
const (
	HandleTaken      UserCode = "HANDLE_TAKEN"
	HandleInvalid    UserCode = "HANDLE_INVALID"
	PasswordWeak     UserCode = "PASSWORD_WEAK"
	WrongCredentials UserCode = "WRONG_CREDENTIALS"
	TextEmpty        UserCode = "TEXT_EMPTY"
	TextTooLong      UserCode = "TEXT_TOO_LONG"
	NotFound         UserCode = "NOT_FOUND"
	Deleted          UserCode = "DELETED"
	NotYours         UserCode = "NOT_YOURS"
	SelfFollow       UserCode = "SELF_FOLLOW"
	TooManyFollowees UserCode = "TOO_MANY_FOLLOWEES"
)

// UserCodes lists the codes of userErrors.
func UserCodes() []UserCode {
	return []UserCode{
		HandleTaken, HandleInvalid, PasswordWeak, WrongCredentials, TextEmpty, TextTooLong, NotFound, Deleted, NotYours,
		SelfFollow, TooManyFollowees,
	}
}

// Refusal is a userError: the mutation was understood and nothing was changed.
type Refusal struct {
	Code    UserCode
	Field   []string // path of the input's field, from "input"
	Message string
}

// Refuse returns the refusal that blames one field of the input.
func Refuse(code UserCode, field, message string) *Refusal {
	return &Refusal{Code: code, Field: []string{"input", field}, Message: message}
}
