package failure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Kind is what fails.
type Kind string

// What can fail. The first four are the document's own.
const (
	OneInstance        Kind = "one instance of dex"
	AllInstances       Kind = "all instances of dex, the load balancer or its name"
	ProviderDown       Kind = "an authentication provider"
	StorageDown        Kind = "the storage of dex"
	AllAndRestart      Kind = "all instances of dex, and an API server starts"
	KeyRotation        Kind = "nothing: dex rotates its key"
	IngressCertificate Kind = "the certificate of the ingress, or its authority"
	GRPCCertificate    Kind = "the certificate of dex's gRPC interface"
	KubeCAReplaced     Kind = "the kube authority, replaced without a bundle"
)

// Kinds returns all of them, in the order of the documentation.
func Kinds() []Kind {
	return []Kind{OneInstance, AllInstances, ProviderDown, StorageDown, AllAndRestart, KeyRotation, IngressCertificate, GRPCCertificate, KubeCAReplaced}
}

// An Outage is a failure and how long it lasts.
type Outage struct {
	Kind Kind
	// Lasts is how long; zero is until somebody mends it.
	Lasts time.Duration
	// Connector is whose provider is down; empty is all of them.
	Connector string
	// SinceFetch is how long before a rotation the API server fetched the keys.
	SinceFetch time.Duration
}

// An Activity is what people and programs do.
type Activity string

// The activities.
const (
	LogIn         Activity = "log in"
	Renew         Activity = "renew a token"
	UseToken      Activity = "use a token"
	UseNewToken   Activity = "use a token of a key that the API server has not seen"
	ConsoleLogIn  Activity = "log in to the console"
	ManageUsers   Activity = "manage users in the console"
	UseAccount    Activity = "use a service account"
	UseBreakGlass Activity = "use the break-glass kubeconfig"
	StartServer   Activity = "start an API server"
	RotateKey     Activity = "rotate the signing key"
)

// An Effect is what an outage does to an activity.
type Effect struct {
	Activity  Activity
	Connector string // by which people log in; empty is all or none
	// Cut says that it fails, or will, within the outage. From is when it fails
	// first, after the outage began: everybody at once where both are the same, and
	// each at the end of the own token between them where they are not.
	Cut  bool
	From Range
	// For is how long it fails for whom it hits; zero is as long as the outage.
	For time.Duration
	// Share is which part of those who do it is cut off before the outage ends: 1
	// is all. Tokens are taken to be of all ages.
	Share float64
	Why   string // a sentence
}

// A Risk is how bad an outage is. The zero value is invalid.
type Risk uint8

// The risks.
const (
	_ Risk = iota
	Low
	Medium
	High
	Critical
)

// String returns "low", "medium", "high" or "critical".
func (r Risk) String() string {
	return []string{"invalid", "low", "medium", "high", "critical"}[min(int(r), 4)]
}

// A Result is what an outage comes to.
type Result struct {
	Outage  Outage
	Effects []Effect // those that are cut off first
	Risk    Risk
	Why     string // of the risk: a sentence
	// Recovery is the mean time to recovery: until everything works again. Where a
	// person has to act, which Manual says, it counts from then on.
	Recovery Range
	Manual   bool
	By       string // what brings it back: a sentence
}

// Cut returns the effects that cut somebody off.
func (r Result) Cut() []Effect {
	return slices.DeleteFunc(slices.Clone(r.Effects), func(e Effect) bool { return !e.Cut })
}

// Survives returns the effects that do not.
func (r Result) Survives() []Effect {
	return slices.DeleteFunc(slices.Clone(r.Effects), func(e Effect) bool { return e.Cut })
}

// Of returns the effect on an activity, by a connector where it asks for one.
func (r Result) Of(a Activity, connector string) (Effect, bool) {
	i := slices.IndexFunc(r.Effects, func(e Effect) bool { return e.Activity == a && e.Connector == connector })
	if i < 0 {
		return Effect{}, false
	}
	return r.Effects[i], true
}

// Simulate says who is cut off by an outage, from when and for how long, what goes on
// working, and why. It follows the graph of the model, and its numbers come from the
// configuration. A configuration that has no lifetimes to follow is an error.
func Simulate(m Model, o Outage) (Result, error) {
	if err := m.Check(); err != nil {
		return Result{}, err
	}
	if !slices.Contains(Kinds(), o.Kind) {
		return Result{}, fmt.Errorf("simulate outage: %q is no kind of outage", o.Kind)
	}
	if o.Lasts < 0 || o.SinceFetch < 0 {
		return Result{}, fmt.Errorf("simulate outage: an outage of %s, %s after a fetch", o.Lasts, o.SinceFetch)
	}
	if o.Connector != "" && !slices.ContainsFunc(m.ways(), func(w way) bool { return w.id == o.Connector && w.id != "local" }) {
		return Result{}, fmt.Errorf("simulate outage: %q is no connector with a provider", o.Connector)
	}
	if o.Kind == OneInstance && o.Lasts == 0 {
		o.Lasts = m.podStart().Most
	}
	s := simulation{m: m, o: o, graph: m.Graph()}
	s.run()
	return s.result(), nil
}

type simulation struct {
	m       Model
	o       Outage
	graph   []Dependency
	effects []Effect
}

// failed are the components that the outage takes away.
func (s *simulation) failed() []Component {
	switch s.o.Kind {
	case OneInstance:
		if s.single() {
			return []Component{Dex, DexGRPC}
		}
		return nil
	case AllInstances, AllAndRestart:
		return []Component{Dex, DexGRPC}
	case IngressCertificate:
		return []Component{LoadBalancer}
	case StorageDown:
		return []Component{Storage}
	case GRPCCertificate:
		return []Component{DexGRPC}
	case KubeCAReplaced:
		return []Component{KubeCA}
	case ProviderDown:
		var list []Component
		for _, w := range s.m.ways() {
			if w.id != "local" && (s.o.Connector == "" || s.o.Connector == w.id) {
				list = append(list, ProviderOf(w.id))
			}
		}
		return list
	}
	return nil
}

// single reports whether the loss of one instance is that of all. What is unseen is
// taken for the worse.
func (s *simulation) single() bool { return s.m.Replicas < 2 }

func (s *simulation) run() {
	failed := s.failed()
	atRequest := reaches(s.graph, failed, AtRequest)
	for _, w := range s.m.ways() {
		s.login(w, atRequest, failed)
		s.renewal(w, atRequest, failed)
	}
	s.consoleLogin()
	s.tokens(atRequest)
	s.others(atRequest)
	if s.m.memory() && s.ended() {
		s.forgotten()
	}
	slices.SortStableFunc(s.effects, func(a, b Effect) int {
		return cmp.Or(-boolCompare(a.Cut, b.Cut), cmp.Compare(a.From.Least, b.From.Least))
	})
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// now is for what fails at once.
func (s *simulation) now(a Activity, connector string, because Component) {
	s.effects = append(s.effects, Effect{Activity: a, Connector: connector, Cut: true, Share: 1, Why: reason(a, because, s.o.Kind)})
}

func (s *simulation) works(a Activity, connector, why string) {
	s.effects = append(s.effects, Effect{Activity: a, Connector: connector, Why: why})
}

// reason says why a component that is down keeps an activity from happening.
func reason(_ Activity, because Component, kind Kind) string {
	switch {
	case because == Storage:
		return "Dex answers 500 to whatever asks its storage. Its health says so within 15 s, and not at all where only the keys are gone."
	case because == KubeCA:
		return "Nobody can verify the API server's certificate, and it can verify nobody's."
	case because == LoadBalancer:
		return "Clients refuse the certificate at the issuer."
	case because == DexGRPC:
		return "The console cannot reach dex's gRPC interface."
	case strings.HasPrefix(string(because), string(Provider)):
		return "Dex has to ask the provider."
	case kind == OneInstance:
		return "There is no other instance."
	}
	return "No instance of dex answers."
}

func (s *simulation) login(w way, down map[Component]Component, failed []Component) {
	switch because, ok := down[LoadBalancer]; {
	case ok:
		s.now(LogIn, w.id, because)
	case slices.Contains(failed, ProviderOf(w.id)):
		s.now(LogIn, w.id, ProviderOf(w.id))
	default:
		s.works(LogIn, w.id, s.unhurt())
	}
}

func (s *simulation) unhurt() string {
	if s.o.Kind == OneInstance {
		return "Another instance answers, and the load balancer asks only those that are healthy."
	}
	return "Nothing that it needs is down."
}

// renewal is cut off for each user at the end of the own token.
func (s *simulation) renewal(w way, down map[Component]Component, failed []Component) {
	because, cut := down[LoadBalancer]
	if !cut && w.refresh == refreshAsks && slices.Contains(failed, ProviderOf(w.id)) {
		because, cut = ProviderOf(w.id), true
	}
	if !cut && w.refresh == refreshNever && slices.Contains(failed, ProviderOf(w.id)) {
		// Who has no refresh token logs in again.
		because, cut = ProviderOf(w.id), true
	}
	tokens := s.m.Dex.IDTokens()
	if !cut {
		s.works(Renew, w.id, s.unhurt())
		return
	}
	e := Effect{Activity: Renew, Connector: w.id, Cut: true, From: Range{0, tokens}, Share: 1, Why: reason(Renew, because, s.o.Kind)}
	if because == ProviderOf(w.id) && w.refresh == refreshNever {
		e.Why = "Dex gives no refresh token for this connector: people log in again when their tokens end."
	}
	if s.o.Lasts > 0 {
		e.Share = min(1, float64(s.o.Lasts)/float64(tokens))
	}
	if idle := s.m.Dex.Expiry.RefreshTokens.ValidIfNotUsedFor; idle != nil && *idle > 0 && s.o.Lasts > *idle {
		e.Why += fmt.Sprintf(" After %s without use the refresh token ends too, and the user has to log in.", short(*idle))
	}
	s.effects = append(s.effects, e)
}

// consoleLogin is cut off where every login is.
func (s *simulation) consoleLogin() {
	var cut, all int
	var first Effect
	for _, e := range s.effects {
		if e.Activity == LogIn {
			all++
			if e.Cut {
				cut++
				first = e
			}
		}
	}
	switch {
	case all == 0:
	case cut == all:
		first.Activity, first.Connector = ConsoleLogIn, ""
		s.effects = append(s.effects, first)
	case cut > 0:
		s.works(ConsoleLogIn, "", "There is another way to log in.")
	default:
		s.works(ConsoleLogIn, "", s.unhurt())
	}
}

// tokens are those in hand, and those of a key that the API server has not seen.
func (s *simulation) tokens(down map[Component]Component) {
	keys, away := down[LoadBalancer]
	api, apiDown := down[APIServer]
	switch {
	case apiDown:
		s.now(UseToken, "", api)
		s.now(UseNewToken, "", api)
		return
	case s.o.Kind == AllAndRestart:
		s.effects = append(s.effects, Effect{
			Activity: UseToken, Cut: true, Share: 1,
			Why: "The API server that started has no key yet, and cannot fetch one.",
		})
	default:
		s.works(UseToken, "", "The API server keeps the keys that it has seen, past their age, until it starts anew.")
	}
	window, period := s.m.Window(), time.Duration(0)
	rotation, rotates := s.m.Dex.Rotation()
	if rotates {
		period = rotation
	}
	switch {
	case away:
		s.now(UseNewToken, "", keys)
	case s.o.Kind != KeyRotation:
		s.works(UseNewToken, "", "The API server fetches the keys when it sees a new one.")
	case !rotates:
		s.works(UseNewToken, "", "The signer does not rotate its key.")
	case period <= window:
		s.effects = append(s.effects, Effect{
			Activity: UseNewToken, Cut: true, Share: 1, For: window,
			Why: fmt.Sprintf("Keys sign for %s, and the API server keeps its copy for %s: after every fetch it refuses the next key.", short(period), short(window)),
		})
	case s.o.SinceFetch < window:
		s.effects = append(s.effects, Effect{
			Activity: UseNewToken, Cut: true, Share: 1, For: window - s.o.SinceFetch,
			Why: fmt.Sprintf("The API server fetched the keys %s before the rotation, and asks again %s after a fetch; each API server for itself.", short(s.o.SinceFetch), short(window)),
		})
	default:
		s.works(UseNewToken, "", fmt.Sprintf("The copy of the API server is older than %s, so it fetches the keys when it sees the new one.", short(window)))
	}
}

func (s *simulation) others(down map[Component]Component) {
	const untouched = "It needs no dex."
	for _, a := range []Activity{UseAccount, UseBreakGlass} {
		because, cut := down[APIServer]
		switch {
		case a == UseBreakGlass && s.m.BreakGlass == No:
			s.effects = append(s.effects, Effect{Activity: a, Cut: true, Share: 1, Why: "There is none."})
		case a == UseBreakGlass && s.m.BreakGlass == Unseen && !cut:
			s.works(a, "", "It needs no dex, if there is one: that was not seen.")
		case cut:
			s.now(a, "", because)
		default:
			s.works(a, "", untouched)
		}
	}
	if s.m.Dex.GRPC.Addr != "" {
		// The console asks the instances by a service of their own.
		if because, cut := down[DexGRPC]; cut {
			s.now(ManageUsers, "", because)
		} else {
			s.works(ManageUsers, "", s.unhurt())
		}
	}
	if because, cut := down[APIServer]; cut {
		s.now(StartServer, "", because)
	} else {
		s.works(StartServer, "", "It is ready without dex, and asks for the issuer every 10 s until it answers.")
	}
	because, cut := down[Dex]
	switch _, rotates := s.m.Dex.Rotation(); {
	case !rotates:
		s.works(RotateKey, "", "The signer does not rotate its key.")
	case cut:
		s.now(RotateKey, "", because)
	default:
		s.works(RotateKey, "", "Dex looks every 30 s whether its key is due.")
	}
}

// ended reports whether no instance is left that was there before. Of an outage that
// may be of the load balancer the worse is taken.
func (s *simulation) ended() bool {
	return s.o.Kind == AllInstances || s.o.Kind == AllAndRestart || s.o.Kind == OneInstance && s.single()
}

// forgotten is what the end of all instances that keep their state in memory adds:
// new keys and no sessions.
func (s *simulation) forgotten() {
	for i, e := range s.effects {
		switch e.Activity {
		case Renew:
			s.effects[i].Share = 1
			s.effects[i].Why += " Its state was in memory: every refresh token is gone, and everybody has to log in again."
		case UseNewToken:
			if s.o.Kind == AllAndRestart || s.o.Lasts == 0 {
				continue // the API server has no copy, or the outage has no end
			}
			s.effects[i].Cut, s.effects[i].Share, s.effects[i].For = true, 1, max(s.o.Lasts, s.m.Window())
			s.effects[i].Why = fmt.Sprintf("The new instance has new keys, which the API server refuses for up to %s after its last fetch.", short(s.m.Window()))
		}
	}
}

func (s *simulation) result() Result {
	r := Result{Outage: s.o, Effects: s.effects}
	tokens, start, window := s.m.Dex.IDTokens(), s.m.podStart(), s.m.Window()
	switch s.o.Kind {
	case OneInstance:
		if s.single() {
			r.Risk, r.Why = Medium, "There is no other instance: it is an outage of all, until a new one has started."
			r.Recovery, r.By = start, "Kubernetes starts another one."
			if s.m.memory() {
				r.Risk, r.Why = High, "There is no other instance, and its state was in memory."
			}
			break
		}
		r.Risk, r.Why = Low, "The others answer."
		r.Recovery, r.By = start, "Kubernetes starts another one."
		if s.m.memory() {
			r.Risk, r.Why = High, "Each instance has keys and sessions of its own in memory: half of all tokens are refused anyway."
		}
	case AllInstances:
		r.Risk, r.Why = Low, fmt.Sprintf("For less than %s most people work on with the tokens that they have; whoever has none, or meets an API server that has just started, does not.", short(tokens))
		if s.o.Lasts == 0 || s.o.Lasts >= tokens {
			r.Risk, r.Why = High, fmt.Sprintf("After %s nobody has a token any more, and keys are not rotated.", short(tokens))
		}
		if s.m.memory() {
			r.Risk, r.Why = High, "The state of the instances is in memory: if it is they that end, everybody has to log in again."
		}
		r.Recovery, r.By = start, "The instances start, or the load balancer or its name is mended."
	case AllAndRestart:
		r.Risk, r.Why = High, "Everybody who logs in by dex is out at that API server at once, whatever token they have."
		r.Recovery, r.By = Range{start.Least, start.Most + discoveryRetry}, "The instances start, and the API server asks again within 10 s."
	case ProviderDown:
		r.Risk, r.Why = Medium, fmt.Sprintf("Whoever logged in by it works on until the own token ends, %s at the most.", short(tokens))
		switch login, _ := r.Of(ConsoleLogIn, ""); {
		case login.Cut:
			r.Risk, r.Why = High, "There is no other way to log in."
		case len(s.failed()) == 0:
			r.Risk, r.Why = Low, "Nobody logs in by a provider."
		}
		r.Recovery, r.By = Range{}, "Dex asks the provider at the next login."
	case StorageDown:
		r.Risk, r.Why = Medium, "No new token, no renewal and no key; what people hold goes on working."
		if s.o.Lasts == 0 || s.o.Lasts >= tokens {
			r.Risk, r.Why = High, fmt.Sprintf("After %s nobody has a token any more. The health of dex does not show it where only the keys are gone.", short(tokens))
		}
		r.Recovery, r.By = Range{0, healthPeriod}, "Dex asks its storage at every request, and the load balancer asks dex again when its health is good."
	case KeyRotation:
		r.Risk, r.Why = Low, fmt.Sprintf("It takes a fetch in the %s before a rotation: %.2g %% of the starts of an API server.", short(window), 100*s.m.Chance())
		if e, ok := r.Of(UseNewToken, ""); ok && e.Cut {
			r.Risk, r.Why = Medium, "New tokens are refused, and old ones go on working."
			r.Recovery = Range{0, e.For}
		}
		if period, ok := s.m.Dex.Rotation(); ok && period <= window {
			r.Risk, r.Why = Critical, "New tokens are refused again and again."
		}
		r.By = "The API server fetches the keys when its copy is old."
	case IngressCertificate:
		r.Manual = true
		r.Risk, r.Why = High, "It is an outage of all until somebody notices: nothing restarts by itself."
		r.Recovery, r.By = Range{0, time.Minute}, "A person issues it anew; the API server reads a new authority within a minute."
		if s.m.CAByFlag != No {
			r.By = "A person issues it anew; for a new authority the API server has to be started anew, and then it has no keys."
		}
	case GRPCCertificate:
		r.Manual = true
		r.Risk, r.Why = Low, "Logins do not use it."
		r.Recovery, r.By = start, "A person issues it anew, and rolls the Deployment: dex does not read it again."
	case KubeCAReplaced:
		r.Manual = true
		r.Risk, r.Why = Critical, "Everything that speaks to the API server is out, the break-glass kubeconfig too."
		r.By = "A person puts the old authority back beside the new one, on every control-plane machine."
	}
	return r
}
