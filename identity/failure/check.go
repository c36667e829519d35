package failure

import (
	"fmt"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// CheckOptions say what is asked of a model.
type CheckOptions struct {
	Time time.Time // now; without it nothing is known of when a way in ends
	// Planned is the outage that people are to work through; zero is none.
	Planned time.Duration
}

// Check judges the values that decide what an outage comes to. The subjects are
// fields of the model, as JSON pointers.
func Check(m Model, o CheckOptions) []groundway.Finding {
	k := verdict.NewJudge(rules, "identity-model")
	k.Source = "model"
	if problem := m.problem(); problem != "" {
		k.Fail(verdict.Fault{Code: codeModel, Path: "/dex/expiry", Got: problem, Want: "lifetimes above zero", Summary: "The configuration cannot be simulated: " + problem + "."})
		k.SkipAll(codeModel, k.Subject("/dex/expiry"))
		return k.Findings()
	}
	checkInstances(k, m)
	checkLifetimes(k, m, o)
	checkRotation(k, m)
	if n := len(m.ways()); n > 0 {
		k.Require(n > 1, verdict.Fault{Code: codeWays, Path: "/dex/connectors", Got: m.ways()[0].name + " alone", Want: "two ways", Summary: "People log in by " + m.ways()[0].name + " alone."})
	}
	known(k, codeCAFlag, "/caByFlag", m.CAByFlag, No, "the API server reads the authority of the issuer when it starts only")
	known(k, codeNoGlass, "/breakGlass", m.BreakGlass, Yes, "there is no way in that needs no dex")
	if m.BreakGlass == Yes {
		checkGlass(k, m, o)
	}
	k.Settle()
	return k.Findings()
}

// known judges a fact that may be unseen.
func known(k *verdict.Judge, code groundway.Code, path string, got, want Known, summary string) {
	if got == Unseen {
		k.Unseen(code, path, "it was not given")
		return
	}
	k.Require(got == want, verdict.Fault{Code: code, Path: path, Got: fmt.Sprint(got == Yes), Want: fmt.Sprint(want == Yes), Summary: upper(summary) + "."})
}

func upper(s string) string { return string(s[0]-'a'+'A') + s[1:] }

func checkInstances(k *verdict.Judge, m Model) {
	if m.Replicas == 0 {
		k.Unseen(codeReplicas, "/replicas", "how many instances run was not given")
	} else {
		k.Require(m.Replicas > 1, verdict.Fault{Code: codeReplicas, Path: "/replicas", Got: fmt.Sprint(m.Replicas), Want: "2 or more", Summary: "One instance of dex runs."})
	}
	known(k, codeAffinity, "/antiAffinity", m.AntiAffinity, Yes, "instances of dex may run on one machine")
	known(k, codeReadiness, "/readiness", m.Readiness, Yes, "dex is not asked whether it is ready")
	if m.Replicas != 1 {
		known(k, codeDisruption, "/disruption", m.Disruption, Yes, "nothing keeps an instance of dex while machines are drained")
	}
	own := m.memory()
	switch m.Dex.Storage.Config.(type) {
	case dex.SQLite3Storage:
		own = true
	}
	switch {
	case !own:
		k.Pass(codeShared, 1)
	case m.Replicas == 0:
		k.Unseen(codeShared, "/dex/storage", "how many instances run was not given")
	case m.Replicas > 1:
		k.Fail(verdict.Fault{Code: codeShared, Path: "/dex/storage", Got: m.Dex.Storage.Config.Type(), Want: "a storage that instances share", Summary: fmt.Sprintf("%d instances of dex have a storage each: %s.", m.Replicas, m.Dex.Storage.Config.Type())})
	}
}

func checkLifetimes(k *verdict.Judge, m Model, o CheckOptions) {
	if o.Planned <= 0 {
		return
	}
	tokens := m.Dex.IDTokens()
	share := min(1, float64(o.Planned)/float64(tokens))
	k.Require(tokens >= o.Planned, verdict.Fault{
		Code: codeBudget, Path: "/dex/expiry/idTokens", Got: tokens.String(), Want: o.Planned.String() + " or more",
		Summary: fmt.Sprintf("ID tokens live for %s: in an outage of %s, %.0f %% of the people are cut off before it ends.", short(tokens), short(o.Planned), 100*share),
	})
	if idle := m.Dex.Expiry.RefreshTokens.ValidIfNotUsedFor; idle != nil && *idle > 0 {
		k.Require(*idle >= o.Planned, verdict.Fault{
			Code: codeIdle, Path: "/dex/expiry/refreshTokens/validIfNotUsedFor", Got: idle.String(), Want: o.Planned.String() + " or more",
			Summary: fmt.Sprintf("Refresh tokens end after %s without use, before an outage of %s does.", short(*idle), short(o.Planned)),
		})
	}
}

func checkRotation(k *verdict.Judge, m Model) {
	period, rotates := m.Dex.Rotation()
	if !rotates {
		return
	}
	window := m.Window()
	k.Require(period > window, verdict.Fault{
		Code: codeAlways, Path: "/dex/expiry/signingKeys", Got: period.String(), Want: "more than " + window.String(),
		Summary: fmt.Sprintf("Keys sign for %s, and the API server keeps its copy for %s.", short(period), short(window)),
	})
	if period <= window {
		k.Inapplicable(codeWindow, "every rotation falls within it")
		return
	}
	const most = 0.03
	k.Require(m.Chance() <= most, verdict.Fault{
		Code: codeWindow, Path: "/dex/expiry/signingKeys", Got: fmt.Sprintf("%.1f %% of all starts of an API server", 100*m.Chance()), Want: fmt.Sprintf("%.0f %% or less", 100*most),
		Summary: fmt.Sprintf("Keys sign for %s, and the API server keeps its copy for %s: %.1f %% of its starts are followed by a rotation within that time.", short(period), short(window), 100*m.Chance()),
	})
}

func checkGlass(k *verdict.Judge, m Model, o CheckOptions) {
	switch {
	case m.BreakGlassEnds.IsZero():
		k.Unseen(codeGlassEnds, "/breakGlassEnds", "when it ends was not given")
	case o.Time.IsZero():
		k.Unseen(codeGlassEnds, "/breakGlassEnds", "the time was not given")
	default:
		left := m.BreakGlassEnds.Sub(o.Time)
		want := max(o.Planned, time.Hour)
		k.Require(left >= want, verdict.Fault{
			Code: codeGlassEnds, Path: "/breakGlassEnds", Got: m.BreakGlassEnds.UTC().Format(time.RFC3339), Want: o.Time.Add(want).UTC().Format(time.RFC3339) + " or later",
			Summary: fmt.Sprintf("The way in that needs no dex ends %s, with %s left.", m.BreakGlassEnds.UTC().Format(time.RFC3339), max(0, left).Round(time.Minute)),
		})
	}
}
