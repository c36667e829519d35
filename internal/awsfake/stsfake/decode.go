package stsfake

import "github.com/groundway-sdk/groundway/internal/awsfake"

// WithMessages returns the service with sts:DecodeAuthorizationMessage, which
// decodes every message to this text.
func WithMessages(s awsfake.Service, decoded string) awsfake.Service {
	s.Operations["DecodeAuthorizationMessage"] = func(r awsfake.Request) (any, error) {
		if r.Params.Get("EncodedMessage") == "" {
			return nil, awsfake.Errorf("InvalidAuthorizationMessageException", "the message is empty")
		}
		return struct{ DecodedMessage string }{decoded}, nil
	}
	return s
}
