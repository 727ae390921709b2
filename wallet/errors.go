package wallet

import "fmt"

// Refused is an error that says what was wrong and what to do about it.
type Refused struct {
	Cause  string
	Remedy string
	Err    error // what lies beneath, if anything
}

func (r *Refused) Error() string {
	text := r.Cause
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	if r.Remedy != "" {
		text += "; " + r.Remedy
	}
	return text
}

func (r *Refused) Unwrap() error { return r.Err }

func refusedf(remedy, cause string, args ...any) error {
	return &Refused{Cause: fmt.Sprintf(cause, args...), Remedy: remedy}
}

func refusedBy(err error, remedy, cause string, args ...any) error {
	return &Refused{Cause: fmt.Sprintf(cause, args...), Remedy: remedy, Err: err}
}
