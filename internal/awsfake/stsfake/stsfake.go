// Package stsfake answers sts:GetCallerIdentity.
package stsfake

import "github.com/groundway-sdk/groundway/internal/awsfake"

// New returns the service for a caller of this account, 12 digits, whose ARN
// and user ID are given.
func New(account, arn, userID string) awsfake.Service {
	return awsfake.Service{
		Name:      "sts",
		Protocol:  awsfake.Query,
		Namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		Operations: map[string]awsfake.Operation{
			"GetCallerIdentity": func(awsfake.Request) (any, error) {
				return identity{account, arn, userID}, nil
			},
		},
	}
}

type identity struct {
	Account string
	Arn     string
	UserID  string `xml:"UserId"`
}
