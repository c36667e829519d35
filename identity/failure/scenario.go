package failure

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/groundway-sdk/groundway"
)

// Scenarios returns a row for each kind of outage, each until somebody mends it: those
// of "Failure domains of Tectonic Identity" first, and those that it is silent about.
// The rotation is one right after a fetch, which is the worst.
func Scenarios(m Model) ([]Result, error) {
	var list []Result
	for _, kind := range Kinds() {
		if kind == GRPCCertificate && m.Dex.GRPC.Addr == "" {
			continue
		}
		r, err := Simulate(m, Outage{Kind: kind})
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// Words returns what an effect is in a sentence: who, when and why.
func (e Effect) Words() string { return e.words(e.name()) }

func (e Effect) name() string {
	if e.Connector == "" {
		return string(e.Activity)
	}
	return string(e.Activity) + " by " + groundway.Visible(e.Connector)
}

// words is the sentence about whatever shares the effect.
func (e Effect) words(what string) string {
	if !e.Cut {
		return what + ": works. " + e.Why
	}
	switch when := ""; {
	case e.From.Least != e.From.Most:
		when = fmt.Sprintf(": fails for each at the end of the own token, %s after the outage began at the latest", short(e.From.Most))
		if e.Share < 1 {
			when += fmt.Sprintf("; for %.0f %% of all before it ends", 100*e.Share)
		}
		what += when
	case e.For > 0:
		what += fmt.Sprintf(": fails at once, for up to %s", short(e.For))
	default:
		what += ": fails at once"
	}
	return what + ". " + e.Why
}

// A group are effects that differ in the activity alone.
type group struct {
	Effect
	names []string
}

// grouped joins what comes to the same.
func grouped(effects []Effect) []group {
	var list []group
	for _, e := range effects {
		same := func(g group) bool {
			return g.Cut == e.Cut && g.From == e.From && g.For == e.For && g.Share == e.Share && g.Why == e.Why
		}
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i].names = append(list[i].names, e.name())
		} else {
			list = append(list, group{e, []string{e.name()}})
		}
	}
	return list
}

// short returns a duration without the parts that are zero: "1h" for "1h0m0s".
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// RenderTable writes results as a table for people: what fails, who is cut off and
// when, how it recovers, and the risk.
func RenderTable(w io.Writer, results []Result) error {
	var out bytes.Buffer
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "what fails\tat once\tlater\trecovery\trisk")
	for _, r := range results {
		var now, later []string
		for _, e := range r.Cut() {
			name := string(e.Activity)
			if e.Connector != "" {
				name += " (" + groundway.Visible(e.Connector) + ")"
			}
			switch {
			case e.From.Least != e.From.Most:
				later = append(later, fmt.Sprintf("%s within %s", name, short(e.From.Most)))
			case e.For > 0:
				now = append(now, fmt.Sprintf("%s for %s", name, short(e.For)))
			default:
				now = append(now, name)
			}
		}
		recovery := r.Recovery.String()
		if r.Recovery == (Range{}) {
			recovery = "at once"
		}
		if r.Manual {
			recovery = "by a person, then " + recovery
		}
		for i := range max(1, len(now), len(later)) {
			cell := func(list []string) string {
				if i < len(list) {
					return list[i]
				}
				if i == 0 {
					return "-"
				}
				return ""
			}
			if i == 0 {
				_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Outage.Kind, cell(now), cell(later), recovery, r.Risk)
			} else {
				_, _ = fmt.Fprintf(t, "\t%s\t%s\t\t\n", cell(now), cell(later))
			}
		}
	}
	_ = t.Flush() // into memory
	for _, line := range strings.SplitAfter(out.String(), "\n") {
		trimmed := strings.TrimRight(line, " \n")
		if trimmed == "" {
			continue
		}
		if _, err := io.WriteString(w, trimmed+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// A DrillOptions says where dex runs.
type DrillOptions struct {
	Name      string // of the Deployment and its roles; empty is tectonic-identity
	Namespace string // empty is tectonic-system
	Replicas  int    // to come back to; zero is the model's
	Break     string // the kubeconfig of the break-glass; empty is <break-glass-kubeconfig>
}

// A Drill is a procedure of "Simulating Downtime": what to do, what to watch and how
// to undo it. Commands are argument vectors, and nothing here runs them.
type Drill struct {
	Title    string
	Outage   Outage
	Before   [][]string // look first
	Commands [][]string
	Watch    []Observation
	Undo     [][]string
	Expect   Result
}

// An Observation is a command to run meanwhile, and what it will show.
type Observation struct {
	Command []string
	Shows   string
}

// Drills returns the procedures of the document, and three that it has not, with what
// Simulate expects of each for the time that it is held.
func Drills(m Model, o DrillOptions, held time.Duration) ([]Drill, error) {
	o.Name, o.Namespace = cmp.Or(o.Name, "tectonic-identity"), cmp.Or(o.Namespace, "tectonic-system")
	o.Replicas = cmp.Or(o.Replicas, m.Replicas, 2)
	o.Break = cmp.Or(o.Break, "<break-glass-kubeconfig>")
	kubectl := func(args ...string) []string { return append([]string{"kubectl", "--kubeconfig", o.Break}, args...) }
	in := []string{"--namespace", o.Namespace}
	scale := func(n int) []string {
		return kubectl(append([]string{"scale", "deployment", o.Name, fmt.Sprintf("--replicas=%d", n)}, in...)...)
	}
	issuer := m.Dex.Issuer
	curl := func(path string) []string {
		return []string{"curl", "--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{http_code}", issuer + path}
	}
	whoami := []string{"kubectl", "auth", "whoami"}
	ready := kubectl("get", "--raw", "/readyz")
	breakGlass := Observation{kubectl("auth", "whoami"), "the break-glass user: it needs no dex"}
	rollout := kubectl(append([]string{"rollout", "status", "deployment", o.Name}, in...)...)
	list := []Drill{
		{
			Title: "All instances of dex are down", Outage: Outage{Kind: AllInstances, Lasts: held},
			Before:   [][]string{kubectl("auth", "whoami")},
			Commands: [][]string{scale(0)},
			Watch: []Observation{
				{curl("/.well-known/openid-configuration"), "502 or 503: the load balancer has nobody to ask"},
				{whoami, "your name, until your own token ends; then a failed renewal"},
				{ready, "ok: the API server does not need dex"},
				breakGlass,
			},
			Undo: [][]string{scale(o.Replicas), rollout},
		},
		{
			Title: "The storage of dex fails: its service account has no role", Outage: Outage{Kind: StorageDown, Lasts: held},
			Before:   [][]string{kubectl("auth", "whoami"), kubectl(append([]string{"get", "rolebinding", o.Name, "--output", "yaml"}, in...)...)},
			Commands: [][]string{kubectl(append([]string{"delete", "rolebinding", o.Name}, in...)...)},
			Watch: []Observation{
				{curl("/keys"), "500, at once: dex keeps no copy of its keys"},
				{curl("/.well-known/openid-configuration"), "200: dex made it when it started"},
				{curl("/healthz"), "500 within 15 s, after which the load balancer asks nobody and Kubernetes starts the instance again, in vain"},
				{whoami, "your name, until your own token ends"},
				breakGlass,
			},
			Undo: [][]string{
				kubectl(append([]string{"create", "rolebinding", o.Name, "--role=" + o.Name, "--serviceaccount=" + o.Namespace + ":" + o.Name}, in...)...),
				curl("/keys"),
			},
		},
		{
			Title: "One instance of dex is lost", Outage: Outage{Kind: OneInstance},
			Before:   [][]string{kubectl(append([]string{"get", "pods", "--selector", "k8s-app=" + o.Name, "--output", "wide"}, in...)...)},
			Commands: [][]string{kubectl(append([]string{"delete", "pod", "<one-of-them>", "--wait=false"}, in...)...)},
			Watch:    []Observation{{curl("/healthz"), "200 throughout, where there are two instances"}},
			Undo:     [][]string{rollout},
		},
		{
			Title: "An API server starts while dex is down", Outage: Outage{Kind: AllAndRestart, Lasts: held},
			Before:   [][]string{kubectl("auth", "whoami")},
			Commands: [][]string{scale(0), {"crictl", "stop", "<kube-apiserver-container-of-one-machine>"}},
			Watch: []Observation{
				{ready, "ok within seconds"},
				{whoami, "Unauthorized where that machine answers: it has no keys"},
				breakGlass,
			},
			Undo: [][]string{scale(o.Replicas), rollout},
		},
		{
			Title: "Dex rotates its key", Outage: Outage{Kind: KeyRotation},
			Before:   [][]string{kubectl(append([]string{"get", "signingkeies.dex.coreos.com", "--output", "jsonpath={.items[*].nextRotation}"}, in...)...)},
			Commands: nil,
			Watch: []Observation{
				{curl("/keys"), "200, and a key more"},
				{whoami, "Unauthorized with a new token, where the API server fetched the keys within the window before; your name otherwise"},
			},
		},
	}
	for i := range list {
		var err error
		if list[i].Expect, err = Simulate(m, list[i].Outage); err != nil {
			return nil, err
		}
	}
	return list, nil
}
