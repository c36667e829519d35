package failure

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway/identity/dex"
)

// A Known is a fact that may be unseen, which is its zero value.
type Known uint8

// What is known.
const (
	Unseen Known = iota
	Yes
	No
)

// Is returns what is known of a fact that was seen.
func Is(fact bool) Known {
	if fact {
		return Yes
	}
	return No
}

// A Model is what decides who is cut off when something fails.
type Model struct {
	// Dex is its configuration: lifetimes, rotation, storage and connectors.
	Dex dex.Config
	// Replicas is how many instances of dex run; zero is unseen.
	Replicas int
	// AntiAffinity says that the instances avoid each other's nodes, Readiness that
	// one that does not answer gets no requests, and Disruption that a budget keeps
	// one of them while nodes are drained.
	AntiAffinity, Readiness, Disruption Known
	// APIServers is how many run; zero is unseen. Each caches the keys for itself.
	APIServers int
	// KeysMaxAge is what the answer of the keys says of its age, by Cache-Control;
	// zero is dex's 10 minutes, which nothing configures, and less than zero is an
	// answer that must not be kept. A proxy may change it.
	KeysMaxAge time.Duration
	// CAByFlag says that the API server verifies the issuer by --oidc-ca-file, and so
	// reads a new authority at its next start only.
	CAByFlag Known
	// BreakGlass says that a way in exists that needs no dex, and BreakGlassEnds when
	// it ends; zero is unseen.
	BreakGlass     Known
	BreakGlassEnds time.Time
	// PodStart is how long an instance takes to start; zero is the 5 to 60 s of the
	// document: with and without the image on the node.
	PodStart Range
}

// A Range is from the least to the most.
type Range struct{ Least, Most time.Duration }

// String returns "5s to 1m", or one of them where both are the same.
func (r Range) String() string {
	if r.Least == r.Most {
		return short(r.Least)
	}
	return short(r.Least) + " to " + short(r.Most)
}

// NewModel returns the model of a configuration whose objects are those of
// [dex.Objects]: they avoid each other, are asked whether they are ready, and have a
// budget.
func NewModel(c dex.Config, replicas int) Model {
	return Model{Dex: c, Replicas: replicas, AntiAffinity: Yes, Readiness: Yes, Disruption: Is(replicas > 1)}
}

const (
	dexMaxAge = 10 * time.Minute
	// expiryDelta is how long before the end of their age the API server asks for
	// the keys again: a constant of go-oidc v2.5.0, in kube-apiserver v1.36.3.
	expiryDelta = 30 * time.Second
	// discoveryRetry is how often the API server asks for an issuer that it has
	// never reached.
	discoveryRetry = 10 * time.Second
	// healthPeriod is how often dex looks at its storage for its health.
	healthPeriod = 15 * time.Second
)

// Window returns how long the API server keeps its copy of the keys whatever token it
// sees: for so long after it fetched them, tokens of a newer key are refused. It is
// 570 s for dex as it is.
func (m Model) Window() time.Duration {
	return max(0, cmp.Or(m.KeysMaxAge, dexMaxAge)-expiryDelta)
}

// Chance returns which part of the starts of an API server, or of other first
// fetches, falls within the window before a rotation: then new tokens are refused for
// up to the window. Rotation without a period is none.
func (m Model) Chance() float64 {
	period, ok := m.Dex.Rotation()
	if !ok || period <= 0 {
		return 0
	}
	return min(1, float64(m.Window())/float64(period))
}

func (m Model) podStart() Range {
	if m.PodStart == (Range{}) {
		return Range{5 * time.Second, time.Minute}
	}
	return m.PodStart
}

// memory reports whether what dex knows ends with an instance.
func (m Model) memory() bool {
	_, ok := m.Dex.Storage.Config.(dex.MemoryStorage)
	return ok
}

// A way is one by which people log in.
type way struct {
	id      string // of the connector; "local" is the password database
	name    string
	refresh refresh
}

type refresh uint8

const (
	refreshNever   refresh = iota // dex gives no refresh token
	refreshStorage                // dex looks into its storage
	refreshAsks                   // dex asks the provider
)

// ways are those of the configuration, in its order.
func (m Model) ways() []way {
	var list []way
	for _, c := range m.Dex.Connectors {
		w := way{c.ID, cmp.Or(c.Name, c.ID), refreshAsks}
		switch c.Config.(type) {
		case dex.SAML, dex.AuthProxy, dex.OAuth:
			w.refresh = refreshNever
		case dex.MockCallback, dex.MockPassword:
			w.refresh = refreshStorage
		}
		list = append(list, w)
	}
	if m.Dex.EnablePasswordDB {
		list = append(list, way{"local", "password", refreshStorage})
	}
	return list
}

// Check returns what keeps a model from being simulated.
func (m Model) Check() error {
	if problem := m.problem(); problem != "" {
		return errors.New("simulate outage: " + problem)
	}
	return nil
}

func (m Model) problem() string {
	period, rotates := m.Dex.Rotation()
	switch {
	case m.Dex.IDTokens() <= 0:
		return fmt.Sprintf("ID tokens live for %s", m.Dex.IDTokens())
	case rotates && period <= 0:
		return fmt.Sprintf("keys sign for %s", period)
	case m.Replicas < 0 || m.APIServers < 0:
		return fmt.Sprintf("%d instances of dex and %d API servers", m.Replicas, m.APIServers)
	}
	return ""
}

// A Component is a part of the graph.
type Component string

// The components, as the document draws them.
const (
	Console      Component = "console"
	Kubectl      Component = "kubectl"
	Pods         Component = "pods"
	BreakGlass   Component = "break-glass"
	APIServer    Component = "API server"
	LoadBalancer Component = "load balancer" // with its DNS name and the ingress certificate
	Dex          Component = "dex"
	DexGRPC      Component = "dex gRPC"
	Storage      Component = "storage"
	KubeCA       Component = "kube authority"
	Provider     Component = "provider" // of all connectors; one of them is provider/ID
)

// ProviderOf is the provider of a connector.
func ProviderOf(connector string) Component { return Provider + Component("/"+connector) }

// A When says at which moments a component needs another.
type When string

// The moments.
const (
	AtStart   When = "at its start"
	AtRequest When = "at every request"
	AtLogin   When = "at a login"
	AtRenewal When = "when a token ends"
	AtNewKey  When = "at a key that it has not seen"
)

// A Dependency is an edge of the graph.
type Dependency struct {
	From, To Component
	When     When
	For      string        // what it is for
	Cache    string        // what stands in while To is away; empty is nothing
	Lasts    time.Duration // how long the cache does; zero is until a restart, or nothing
}

// Graph returns who needs whom, and what each keeps for the time in which the other
// is away. The circle of dex and the API server is no circle of requests: dex shows
// a token of its service account, which the API server verifies by a key of its own.
func (m Model) Graph() []Dependency {
	tokens := m.Dex.IDTokens()
	list := []Dependency{
		{Console, LoadBalancer, AtLogin, "a login with a browser", "the session, whose token ends", tokens},
		{Console, APIServer, AtRequest, "everything that it shows", "", 0},
		{Kubectl, LoadBalancer, AtRenewal, "a new token for the refresh token", "the ID token", tokens},
		{Kubectl, APIServer, AtRequest, "every command", "", 0},
		{Pods, APIServer, AtRequest, "tokens of service accounts", "", 0},
		{BreakGlass, APIServer, AtRequest, "a client certificate", "", 0},
		{APIServer, LoadBalancer, AtNewKey, "the keys of the issuer", "the keys that it has seen", 0},
		{APIServer, KubeCA, AtRequest, "client certificates, and its own", "", 0},
		{LoadBalancer, Dex, AtRequest, "everything below the issuer", "", 0},
		{Dex, Storage, AtRequest, "logins, tokens, and the keys", "the discovery document", 0},
	}
	if m.Dex.GRPC.Addr != "" {
		list = append(list,
			Dependency{Console, DexGRPC, AtRequest, "the administration of users", "", 0},
			Dependency{DexGRPC, Storage, AtRequest, "clients and passwords", "", 0})
	}
	if _, ok := m.Dex.Storage.Config.(dex.KubernetesStorage); ok {
		list = append(list, Dependency{Storage, APIServer, AtRequest, "custom resources, by a service account", "", 0})
	}
	for _, w := range m.ways() {
		if w.id == "local" {
			continue
		}
		list = append(list, Dependency{Dex, ProviderOf(w.id), AtLogin, "logins by " + w.name, "", 0})
		if w.refresh == refreshAsks {
			list = append(list, Dependency{Dex, ProviderOf(w.id), AtRenewal, "whether the user is still one", "the ID token", tokens})
		}
	}
	return list
}

// reaches returns the components that cannot do what they are asked at these
// moments, because one that they need at them is down: the failed ones included.
func reaches(graph []Dependency, failed []Component, moments ...When) map[Component]Component {
	because := map[Component]Component{}
	for _, c := range failed {
		because[c] = c
	}
	for changed := true; changed; {
		changed = false
		for _, d := range graph {
			if !slices.Contains(moments, d.When) {
				continue
			}
			if _, already := because[d.From]; already {
				continue
			}
			if root, down := because[d.To]; down {
				because[d.From] = root
				changed = true
			}
		}
	}
	return because
}
