package cluster

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network/draw"
)

// Pictures returns what can be drawn of the snapshot, with the findings of the
// report marked, for a report in HTML.
func Pictures(spec Spec, s Snapshot, r groundway.Report) []groundway.Picture {
	return []groundway.Picture{{Title: "Network", SVG: draw.SVG(s.network(), spec.networkOptions(), r.Findings)}}
}
