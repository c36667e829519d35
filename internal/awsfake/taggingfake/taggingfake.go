// Package taggingfake answers tag:GetResources from the tags of load balancers.
package taggingfake

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
)

// New returns the service for these load balancers. An unseen part is answered
// with AccessDeniedException.
func New(tags groundway.Part[network.ClusterTag]) awsfake.Service {
	return awsfake.Service{
		Name:     "tagging",
		Prefix:   "tag",
		Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{
			"GetResources": func(r awsfake.Request) (any, error) { return getResources(r, tags) },
		},
	}
}

type request struct {
	PaginationToken  string
	ResourcesPerPage int
	TagFilters       []struct{ Key string }
}

type answer struct {
	PaginationToken        string
	ResourceTagMappingList []mapping
}

type mapping struct {
	ResourceARN string
	Tags        []tag
}

type tag struct{ Key, Value string }

func getResources(r awsfake.Request, tags groundway.Part[network.ClusterTag]) (any, error) {
	var in request
	if err := json.Unmarshal(r.Body, &in); err != nil {
		return nil, awsfake.Errorf("SerializationException", "the body is no request")
	}
	if !tags.Seen {
		return nil, &awsfake.Error{Status: http.StatusBadRequest, Code: "AccessDeniedException", Message: "the snapshot does not show it"}
	}
	var items []network.ClusterTag
	for _, t := range tags.Items {
		if !slices.ContainsFunc(in.TagFilters, func(f struct{ Key string }) bool { return f.Key != t.TagKey }) {
			items = append(items, t)
		}
	}
	start, end, next, err := r.Page(in.PaginationToken, in.ResourcesPerPage, len(items))
	out := answer{PaginationToken: next, ResourceTagMappingList: []mapping{}}
	for _, t := range items[start:end] {
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, mapping{t.ResourceID, []tag{{"Name", "x"}, {t.TagKey, t.Value}}})
	}
	return out, err
}
