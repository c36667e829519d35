package awsiam

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/groundway-sdk/groundway/internal/awserr"
)

// maxPages bounds a listing: IAM has quotas far below it, and an endpoint that
// never ends would otherwise be read for ever.
const maxPages = 1000

var errNoEnd = errors.New("the listing does not end")

// pages reads a listing to its end. A page that has no list is no answer.
func pages[T any](ctx context.Context, page func(context.Context, *string) ([]T, *string, error)) ([]T, error) {
	var all []T
	var marker *string
	for range maxPages {
		items, next, err := page(ctx, marker)
		switch {
		case err != nil:
			return all, err
		case items == nil:
			return all, awserr.ErrNoList
		}
		all = append(all, items...)
		if aws.ToString(next) == "" {
			return all, nil
		}
		if marker != nil && *marker == *next {
			return all, errNoEnd
		}
		marker = next
	}
	return all, errNoEnd
}

// next returns the marker of the next page of IAM, which may send one beside the
// word that there is no more.
func next(truncated bool, marker *string) *string {
	if !truncated {
		return nil
	}
	return marker
}
