package cluster

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network/draw"
)

// Pictures returns what can be drawn of the snapshot, with the findings of the
// report marked, for a report in HTML.
func Pictures(spec Spec, s Snapshot, r groundway.Report) []groundway.Picture {
	network, options := s.network(), spec.networkOptions()
	return []groundway.Picture{{
		Title: "Network", SVG: draw.SVG(network, options, r.Findings), Narrow: draw.Narrow(network, options, r.Findings),
	}}
}
