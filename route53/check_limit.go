package route53

import (
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

func checkLimitRecords(c *checker, code groundway.Code) {
	z := c.rightZone(code)
	if z == nil {
		return
	}
	i := slices.IndexFunc(c.Limits.Items, func(l Limit) bool { return l.ZoneID == z.ID && l.Type == LimitRecords })
	if i < 0 {
		c.unknown(code, c.zoneSubject(z.ID), limitGaps(c.Limits, actionZoneLimit, "the limits of "+z.ID)...)
		return
	}
	c.checkLimit(code, c.zoneSubject(z.ID), c.Limits.Items[i], len(c.o.names()), "record set", actionZoneLimit)
}

func checkLimitZones(c *checker, code groundway.Code) {
	if c.o.NewZones == 0 {
		c.Inapplicable(code, "no hosted zone is to be made")
		return
	}
	i := slices.IndexFunc(c.Limits.Items, func(l Limit) bool { return l.ZoneID == "" && l.Type == LimitZones })
	subject := groundway.Subject{Kind: "account", ID: c.account}
	if i < 0 {
		c.unknown(code, subject, limitGaps(c.Limits, actionAccountLimit, "the limit of the account")...)
		return
	}
	c.checkLimit(code, subject, c.Limits.Items[i], c.o.NewZones, "hosted zone", actionAccountLimit)
}

// limitGaps returns the gaps of one of the two calls that fill the part.
func limitGaps(p groundway.Part[Limit], action, what string) []groundway.Gap {
	gaps := slices.DeleteFunc(slices.Clone(p.Gaps), func(g groundway.Gap) bool { return g.Action != action })
	if len(gaps) == 0 {
		return []groundway.Gap{notShown(action, what)}
	}
	return gaps
}

func (c *checker) checkLimit(code groundway.Code, s groundway.Subject, l Limit, more int, what, action string) {
	if l.Count+int64(more) <= l.Value {
		c.Pass(code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code: code, Subject: s,
		Summary: fmt.Sprintf("%d of %d %ss are in use, and %d more are needed.", l.Count, l.Value, what, more),
		Evidence: []groundway.Fact{
			{Path: pointer("hostedZoneLimits", l.Key(), "count"), Got: fmt.Sprint(l.Count), Source: action},
			{Path: pointer("hostedZoneLimits", l.Key(), "value"), Got: fmt.Sprint(l.Value), Want: fmt.Sprintf("%d at least", l.Count+int64(more)), Source: action},
		},
		Remedies: []groundway.Remedy{{
			Action:   "Delete what nobody uses, or have the quota raised.",
			Commands: [][]string{{"aws", "service-quotas", "list-service-quotas", "--service-code", "route53", "--region", "us-east-1"}},
		}},
	})
}
