package awsnetwork

import (
	"context"
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// maxPages is how many pages of one listing are read. At the page sizes that
// Load asks for it is room for 25 600 route tables and 256 000 of most others,
// far above any quota.
const maxPages = 256

// A fetch asks for the page at token, nil for the first, and returns its items
// and the token of the next.
type fetch[S any] func(ctx context.Context, token *string) (items []S, next *string, err error)

// list reads every page and returns them as a part. It fails only where reading
// has to stop. A first page that fails leaves the part unseen; a later one, an
// item that does not convert, or a listing without end leave it partial.
func list[S any, T groundway.Keyed](ctx context.Context, action string, get fetch[S], convert func(S) (T, error)) (part groundway.Part[T], err error) {
	gap := func(g groundway.Gap) {
		part.Partial = part.Seen
		part.Gaps = append(part.Gaps, g)
	}
	var leftOut int
	var reason string
	defer func() {
		if leftOut > 0 && part.Seen {
			gap(groundway.Gap{Action: action, Message: fmt.Sprintf("%d of the items could not be read, the first %s", leftOut, reason)})
		}
	}()
	at := map[string]int{} // by key, since a listing that changes under way may show an item twice
	tokens := map[string]bool{}
	var token *string
	for range maxPages {
		items, next, err := get(ctx, token)
		if err == nil && items == nil {
			err = awserr.ErrNoList
		}
		if err != nil {
			if stop := awserr.Stop(ctx, action, err); stop != nil {
				return groundway.Part[T]{}, stop
			}
			gap(awserr.Gap(action, err))
			return part, nil
		}
		part.Seen = true
		for _, source := range items {
			item, err := convert(source)
			if err == nil && item.Key() == "" {
				err = fmt.Errorf("it has no identifier")
			}
			if err != nil {
				if leftOut++; leftOut == 1 {
					reason = fmt.Sprintf("%.40q: %v", item.Key(), err)
				}
				continue
			}
			i, twice := at[item.Key()]
			if twice {
				part.Items[i] = item
				continue
			}
			at[item.Key()] = len(part.Items)
			part.Items = append(part.Items, item)
		}
		if text(next) == "" {
			return part, nil
		}
		if tokens[*next] {
			gap(groundway.Gap{Action: action, Message: "the listing came back to a page that it had shown"})
			return part, nil
		}
		tokens[*next] = true
		token = next
	}
	gap(groundway.Gap{Action: action, Message: fmt.Sprintf("the listing has more than %d pages", maxPages)})
	return part, nil
}
