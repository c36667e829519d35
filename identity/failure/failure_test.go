package failure_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/internal/golden"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// model is a cluster with two ways to log in, and everything that helps.
func model() failure.Model {
	c := dex.Tectonic(dex.TectonicOptions{
		ConsoleHost: "console.example.com", ConsoleSecret: groundway.NewSecret("s"), KubectlSecret: groundway.NewSecret("s"),
		AdminEmail: "admin@example.com", AdminHash: groundway.NewSecret("h"), AdminID: "1",
	})
	c.Connectors = []dex.Connector{{ID: "corp", Name: "Corp", Config: dex.LDAP{Host: "ldap.example.com"}}, {ID: "partner", Name: "Partner", Config: dex.SAML{}}}
	m := failure.NewModel(c, 2)
	m.APIServers, m.CAByFlag, m.BreakGlass, m.BreakGlassEnds = 3, failure.No, failure.Yes, noon.Add(4*time.Hour)
	return m
}

func simulate(t *testing.T, m failure.Model, o failure.Outage) failure.Result {
	t.Helper()
	r, err := failure.Simulate(m, o)
	require.NoError(t, err)
	return r
}

func of(t *testing.T, r failure.Result, a failure.Activity, connector string) failure.Effect {
	t.Helper()
	e, ok := r.Of(a, connector)
	require.True(t, ok, "%s by %s", a, connector)
	return e
}

// Every row of the document, and what it is silent about.
func TestSimulate(t *testing.T) {
	t.Parallel()
	all := []string{
		"log in/corp", "log in/partner", "log in/local", "log in to the console/", "renew a token/corp", "renew a token/partner", "renew a token/local",
		"use a token of a key that the API server has not seen/", "rotate the signing key/", "manage users in the console/",
	}
	for _, test := range []struct {
		name   string
		edit   func(*failure.Model)
		outage failure.Outage
		cut    []string
		risk   failure.Risk
	}{
		{"one of two instances", nil, failure.Outage{Kind: failure.OneInstance}, nil, failure.Low},
		{"the one instance", func(m *failure.Model) { m.Replicas = 1 }, failure.Outage{Kind: failure.OneInstance}, all, failure.Medium},
		{"the one instance, in memory", func(m *failure.Model) { m.Replicas, m.Dex.Storage.Config = 1, dex.MemoryStorage{} }, failure.Outage{Kind: failure.OneInstance}, all, failure.High},
		{"all instances for a while", nil, failure.Outage{Kind: failure.AllInstances, Lasts: 10 * time.Minute}, all, failure.Low},
		{"all instances for long", nil, failure.Outage{Kind: failure.AllInstances}, all, failure.High},
		{"and an API server starts", nil, failure.Outage{Kind: failure.AllAndRestart}, append([]string{"use a token/"}, all...), failure.High},
		{"a provider", nil, failure.Outage{Kind: failure.ProviderDown, Connector: "corp"}, []string{"log in/corp", "renew a token/corp"}, failure.Medium},
		{"all providers", nil, failure.Outage{Kind: failure.ProviderDown}, []string{"log in/corp", "renew a token/corp", "log in/partner", "renew a token/partner"}, failure.Medium},
		{"the one provider", func(m *failure.Model) {
			m.Dex.EnablePasswordDB, m.Dex.Connectors = false, m.Dex.Connectors[:1]
		}, failure.Outage{Kind: failure.ProviderDown}, []string{"log in/corp", "renew a token/corp", "log in to the console/"}, failure.High},
		{"the storage", nil, failure.Outage{Kind: failure.StorageDown, Lasts: time.Minute}, all, failure.Medium},
		{"the storage for long", nil, failure.Outage{Kind: failure.StorageDown}, all, failure.High},
		{"a rotation right after a fetch", nil, failure.Outage{Kind: failure.KeyRotation}, all[7:8], failure.Medium},
		{"a rotation long after a fetch", nil, failure.Outage{Kind: failure.KeyRotation, SinceFetch: 10 * time.Minute}, nil, failure.Low},
		{"rotations all the time", func(m *failure.Model) { m.Dex.Expiry.SigningKeys = ptr(5 * time.Minute) }, failure.Outage{Kind: failure.KeyRotation, SinceFetch: time.Hour}, all[7:8], failure.Critical},
		{"a rotation that nobody misses", func(m *failure.Model) { m.KeysMaxAge = 30 * time.Second }, failure.Outage{Kind: failure.KeyRotation}, nil, failure.Low},
		{"a signer that does not rotate", func(m *failure.Model) { m.Dex.Signer.Config = dex.VaultSigner{} }, failure.Outage{Kind: failure.KeyRotation}, nil, failure.Low},
		{"the certificate of the ingress", nil, failure.Outage{Kind: failure.IngressCertificate}, all[:8], failure.High},
		{"the certificate of gRPC", nil, failure.Outage{Kind: failure.GRPCCertificate}, all[9:], failure.Low},
		{"the kube authority", nil, failure.Outage{Kind: failure.KubeCAReplaced}, append([]string{
			"use a token/", "use a service account/", "use the break-glass kubeconfig/", "start an API server/",
		}, all...), failure.Critical},
		{"no break-glass", func(m *failure.Model) { m.BreakGlass = failure.No }, failure.Outage{Kind: failure.OneInstance}, []string{"use the break-glass kubeconfig/"}, failure.Low},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := model()
			if test.edit != nil {
				test.edit(&m)
			}
			r := simulate(t, m, test.outage)
			var cut []string
			for _, e := range r.Cut() {
				cut = append(cut, fmt.Sprintf("%s/%s", e.Activity, e.Connector))
			}
			assert.ElementsMatch(t, test.cut, cut)
			assert.Equal(t, test.risk, r.Risk, r.Why)
			assert.Len(t, r.Effects, len(r.Cut())+len(r.Survives()))
			assert.NotEmpty(t, r.By)
			for _, e := range r.Effects {
				assert.True(t, strings.HasSuffix(e.Why, "."), "%+v", e)
				if !e.Cut {
					assert.Zero(t, e.Share)
				}
			}
		})
	}
}

func ptr(d time.Duration) *time.Duration { return &d }

// The numbers come from the configuration.
func TestSimulateNumbers(t *testing.T) {
	t.Parallel()
	m := model()
	assert.Equal(t, 570*time.Second, m.Window(), "measured on kube-apiserver v1.36.3 and dex v2.45.1")
	assert.InDelta(t, 0.0264, m.Chance(), 0.0001)
	m.Dex.Expiry.SigningKeys = ptr(24 * time.Hour)
	assert.InDelta(t, 0.0066, m.Chance(), 0.0001)
	m.KeysMaxAge = 20 * time.Second
	assert.Zero(t, m.Window())
	m.KeysMaxAge = -1
	assert.Zero(t, m.Window())

	r := simulate(t, model(), failure.Outage{Kind: failure.AllInstances, Lasts: 15 * time.Minute})
	renew := of(t, r, failure.Renew, "local")
	assert.Equal(t, failure.Range{Least: 0, Most: time.Hour}, renew.From)
	assert.InDelta(t, 0.25, renew.Share, 1e-9, "tokens of an hour are of all ages")
	assert.Equal(t, failure.Range{Least: 5 * time.Second, Most: time.Minute}, r.Recovery)
	assert.Contains(t, of(t, simulate(t, model(), failure.Outage{Kind: failure.AllInstances, Lasts: 200 * time.Hour}), failure.Renew, "local").Why, "After 168h without use the refresh token ends too")

	r = simulate(t, model(), failure.Outage{Kind: failure.KeyRotation, SinceFetch: 200 * time.Second})
	assert.Equal(t, 370*time.Second, of(t, r, failure.UseNewToken, "").For)
	assert.Equal(t, failure.Range{Least: 0, Most: 370 * time.Second}, r.Recovery)

	r = simulate(t, model(), failure.Outage{Kind: failure.AllAndRestart})
	assert.Equal(t, failure.Range{Least: 5 * time.Second, Most: 70 * time.Second}, r.Recovery, "the start and the 10 s until it asks again")
	assert.False(t, of(t, r, failure.UseBreakGlass, "").Cut)
	assert.False(t, of(t, r, failure.UseAccount, "").Cut)
	assert.False(t, of(t, r, failure.StartServer, "").Cut)
}

// Instances that all end take with them what they had in memory, however short the
// outage is.
func TestSimulateForgets(t *testing.T) {
	t.Parallel()
	m := model()
	m.Dex.Storage.Config = dex.MemoryStorage{}
	for _, kind := range []failure.Kind{failure.AllInstances, failure.AllAndRestart} {
		r := simulate(t, m, failure.Outage{Kind: kind, Lasts: time.Minute})
		renew := of(t, r, failure.Renew, "local")
		assert.InDelta(t, 1, renew.Share, 0, kind)
		assert.Contains(t, renew.Why, "every refresh token is gone", kind)
		assert.Equal(t, failure.High, r.Risk, kind)
	}
	r := simulate(t, m, failure.Outage{Kind: failure.AllInstances, Lasts: time.Minute})
	assert.Equal(t, 570*time.Second, of(t, r, failure.UseNewToken, "").For, "the new instances have new keys")
	r = simulate(t, m, failure.Outage{Kind: failure.AllInstances, Lasts: time.Hour})
	assert.Equal(t, time.Hour, of(t, r, failure.UseNewToken, "").For, "the copy is old by then")
	r = simulate(t, m, failure.Outage{Kind: failure.AllInstances})
	assert.Zero(t, of(t, r, failure.UseNewToken, "").For, "as long as the outage")
	r = simulate(t, m, failure.Outage{Kind: failure.AllAndRestart, Lasts: time.Minute})
	assert.Zero(t, of(t, r, failure.UseNewToken, "").For, "the API server that started has no copy")
	// The same instances with a storage of their own.
	r = simulate(t, model(), failure.Outage{Kind: failure.AllInstances, Lasts: time.Minute})
	assert.Equal(t, failure.Low, r.Risk)
}

// The risk of providers that are down is whether another way is left.
func TestSimulateProviders(t *testing.T) {
	t.Parallel()
	connector := func(id string) dex.Connector {
		return dex.Connector{ID: id, Name: id, Config: dex.LDAP{Host: "ldap.example.com"}}
	}
	for _, test := range []struct {
		name      string
		passwords bool
		ids       []string
		down      string
		risk      failure.Risk
		why       string
	}{
		{"one of two", false, []string{"a", "b"}, "a", failure.Medium, "Whoever logged in by it works on"},
		{"both of two", false, []string{"a", "b"}, "", failure.High, "There is no other way to log in."},
		{"the only one", false, []string{"a"}, "a", failure.High, "There is no other way to log in."},
		{"beside passwords", true, []string{"a"}, "", failure.Medium, "Whoever logged in by it works on"},
		{"passwords alone", true, nil, "", failure.Low, "Nobody logs in by a provider."},
	} {
		m := model()
		m.Dex.EnablePasswordDB, m.Dex.Connectors = test.passwords, nil
		for _, id := range test.ids {
			m.Dex.Connectors = append(m.Dex.Connectors, connector(id))
		}
		r := simulate(t, m, failure.Outage{Kind: failure.ProviderDown, Connector: test.down})
		assert.Equal(t, test.risk, r.Risk, test.name)
		assert.Contains(t, r.Why, test.why, test.name)
	}
}

// A longer outage cuts off no fewer, and longer tokens no more.
func TestSimulateIsMonotone(t *testing.T) {
	t.Parallel()
	for _, kind := range failure.Kinds() {
		last := map[string]float64{}
		for _, lasts := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 10 * time.Hour} {
			for _, e := range simulate(t, model(), failure.Outage{Kind: kind, Lasts: lasts}).Effects {
				key := fmt.Sprint(e.Activity, e.Connector)
				assert.GreaterOrEqual(t, e.Share, last[key], "%s: %s", kind, key)
				last[key] = e.Share
			}
		}
		short, long := model(), model()
		long.Dex.Expiry.IDTokens = ptr(24 * time.Hour)
		a := simulate(t, short, failure.Outage{Kind: kind, Lasts: time.Hour})
		b := simulate(t, long, failure.Outage{Kind: kind, Lasts: time.Hour})
		for _, e := range a.Effects {
			assert.LessOrEqual(t, of(t, b, e.Activity, e.Connector).Share, e.Share, kind)
		}
	}
}

func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		edit   func(*failure.Model)
		outage failure.Outage
		want   string
	}{
		{func(m *failure.Model) { m.Dex.Expiry.IDTokens = ptr(-time.Minute) }, failure.Outage{Kind: failure.AllInstances}, "simulate outage: ID tokens live for -1m0s"},
		{func(m *failure.Model) { m.Dex.Expiry.SigningKeys = ptr(0) }, failure.Outage{Kind: failure.AllInstances}, "simulate outage: keys sign for 0s"},
		{func(m *failure.Model) { m.Replicas = -1 }, failure.Outage{Kind: failure.AllInstances}, "simulate outage: -1 instances of dex and 3 API servers"},
		{func(*failure.Model) {}, failure.Outage{Kind: "the moon"}, `simulate outage: "the moon" is no kind of outage`},
		{func(*failure.Model) {}, failure.Outage{Kind: failure.AllInstances, Lasts: -1}, "simulate outage: an outage of -1ns, 0s after a fetch"},
		{func(*failure.Model) {}, failure.Outage{Kind: failure.ProviderDown, Connector: "local"}, `simulate outage: "local" is no connector with a provider`},
	} {
		m := model()
		test.edit(&m)
		_, err := failure.Simulate(m, test.outage)
		assert.EqualError(t, err, test.want)
	}
}

func TestRenderTable(t *testing.T) {
	t.Parallel()
	rows, err := failure.Scenarios(model())
	require.NoError(t, err)
	assert.Len(t, rows, len(failure.Kinds()))
	var out bytes.Buffer
	require.NoError(t, failure.RenderTable(&out, rows))
	golden.Check(t, "scenarios.txt", out.Bytes())
}

func TestDrills(t *testing.T) {
	t.Parallel()
	drills, err := failure.Drills(model(), failure.DrillOptions{}, 10*time.Minute)
	require.NoError(t, err)
	var out strings.Builder
	for _, d := range drills {
		fmt.Fprintf(&out, "%s\n", d.Title)
		for _, c := range d.Before {
			fmt.Fprintf(&out, "  before  %s\n", strings.Join(c, " "))
		}
		for _, c := range d.Commands {
			fmt.Fprintf(&out, "  do      %s\n", strings.Join(c, " "))
		}
		for _, o := range d.Watch {
			fmt.Fprintf(&out, "  watch   %s: %s\n", strings.Join(o.Command, " "), o.Shows)
		}
		for _, c := range d.Undo {
			fmt.Fprintf(&out, "  undo    %s\n", strings.Join(c, " "))
		}
		for _, e := range d.Expect.Cut() {
			fmt.Fprintf(&out, "  expect  %s\n", e.Words())
		}
	}
	golden.Check(t, "drills.txt", []byte(out.String()))
	bad := model()
	bad.Replicas = -1
	_, err = failure.Drills(bad, failure.DrillOptions{}, 0)
	assert.Error(t, err)
}

// What a connector is called comes out as a reader can see it.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	m := model()
	m.Dex.Connectors[0].ID, m.Dex.Connectors[0].Name = "$(rm)\x1b[31m\u202e\n", "<script>\x1b[31m\u202e"
	rows, err := failure.Scenarios(m)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, failure.RenderTable(&out, rows))
	lines := strings.Count(out.String(), "\n")
	for _, r := range rows {
		require.NoError(t, failure.RenderSVG(&out, m, &r))
		for _, e := range r.Effects {
			_, _ = out.WriteString(e.Words())
		}
	}
	assert.Contains(t, out.String(), `$(rm)\x1b[31m\u202e\n`)
	for _, harm := range []string{"\x1b", "\u202e", "<script"} {
		assert.NotContains(t, out.String(), harm)
	}
	plain, err := failure.Scenarios(model())
	require.NoError(t, err)
	out.Reset()
	require.NoError(t, failure.RenderTable(&out, plain))
	assert.Equal(t, strings.Count(out.String(), "\n"), lines)
}

func TestRenderSVG(t *testing.T) {
	t.Parallel()
	m := model()
	m.Dex.Connectors[0].ID = `<script>"&corp`
	var graph bytes.Buffer
	require.NoError(t, failure.RenderSVG(&graph, m, nil))
	for _, o := range []failure.Outage{{Kind: failure.AllInstances, Lasts: 15 * time.Minute}, {Kind: failure.StorageDown}, {Kind: failure.ProviderDown, Connector: `<script>"&corp`}} {
		r := simulate(t, m, o)
		var out bytes.Buffer
		require.NoError(t, failure.RenderSVG(&out, m, &r))
		decoder := xml.NewDecoder(bytes.NewReader(out.Bytes()))
		for {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else {
				require.NoError(t, err)
			}
		}
		assert.NotContains(t, out.String(), "<script")
		assert.Contains(t, out.String(), ">down<")
	}
	r := simulate(t, model(), failure.Outage{Kind: failure.AllInstances, Lasts: 15 * time.Minute})
	var out bytes.Buffer
	require.NoError(t, failure.RenderSVG(&out, model(), &r))
	golden.Check(t, "all-instances.svg", out.Bytes())
	assert.NotContains(t, graph.String(), ">down<")
}

// Every line has a head of its own, which it joins, and none hides another.
func TestRenderSVGLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := model()
	m.Dex.Connectors[0].ID, m.Dex.Connectors[1].ID = "team-platform-production-ldap-eu-west-1a", "team-platform-production-ldap-eu-west-1b"
	require.NoError(t, failure.RenderSVG(&out, m, nil))
	lines := regexp.MustCompile(`<path class="line[^"]*" d="M(\d+ \d+)(?:C.* (\d+) (\d+)|V(\d+))"/><path class="tip" d="M(\d+) (\d+)(?:l(-?9) -4v8z|l-4 (-?9)h8z)"/>`).FindAllStringSubmatch(out.String(), -1)
	pairs := map[[3]string]bool{}
	for _, d := range m.Graph() {
		pairs[[3]string{string(d.From), string(d.To), strconv.FormatBool(d.When == failure.AtRequest)}] = true
	}
	assert.Len(t, lines, len(pairs), "one for each two components and kind")
	starts, heads := map[string]bool{}, map[string]bool{}
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	for _, l := range lines {
		assert.False(t, starts[l[1]], "two lines leave at %s", l[1])
		assert.False(t, heads[l[5]+" "+l[6]], "two lines enter at %s %s", l[5], l[6])
		starts[l[1]], heads[l[5]+" "+l[6]] = true, true
		if l[4] != "" {
			assert.Equal(t, number(l[6])+number(l[8]), number(l[4]), "the line ends where its head begins")
			continue
		}
		assert.Equal(t, number(l[5])+number(l[7]), number(l[2]), "the line ends where its head begins")
		assert.Equal(t, l[6], l[3])
	}
	assert.Contains(t, out.String(), ">provider team-p…est-1a<")
	assert.Contains(t, out.String(), ">provider team-p…est-1b<")
}

func TestGraph(t *testing.T) {
	t.Parallel()
	graph := model().Graph()
	edge := func(from, to failure.Component) bool {
		return slices.ContainsFunc(graph, func(d failure.Dependency) bool { return d.From == from && d.To == to })
	}
	// The circle, which is none at a request: the API server asks dex for keys that
	// it has not seen, and dex shows a service account.
	assert.True(t, edge(failure.APIServer, failure.LoadBalancer))
	assert.True(t, edge(failure.Storage, failure.APIServer))
	for _, d := range graph {
		if d.From == failure.APIServer && d.To == failure.LoadBalancer {
			assert.Equal(t, failure.AtNewKey, d.When)
		}
	}
	assert.True(t, edge(failure.Dex, failure.ProviderOf("corp")))
}

func TestCheck(t *testing.T) {
	t.Parallel()
	var own []groundway.Rule
	for _, r := range failure.Rules() {
		if strings.HasPrefix(string(r.Code), "identity/failure-") {
			own = append(own, r)
		}
	}
	options := failure.CheckOptions{Time: noon, Planned: time.Hour}
	ledger := findingtest.Ledger{}
	for _, test := range []struct {
		name  string
		edit  func(m *failure.Model, o *failure.CheckOptions)
		fails []string
	}{
		{"good", func(*failure.Model, *failure.CheckOptions) {}, nil},
		{"nothing is known", func(m *failure.Model, o *failure.CheckOptions) {
			*m, *o = failure.Model{Dex: m.Dex}, failure.CheckOptions{}
			m.Dex.Storage.Config = dex.SQLite3Storage{}
		}, nil},
		{"no lifetime", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Expiry.IDTokens = ptr(0) }, []string{"model-invalid"}},
		{"one instance", func(m *failure.Model, _ *failure.CheckOptions) { m.Replicas, m.Disruption = 1, failure.No }, []string{"replicas-single"}},
		{"one machine", func(m *failure.Model, _ *failure.CheckOptions) { m.AntiAffinity = failure.No }, []string{"antiaffinity-missing"}},
		{"no probe, as Tectonic", func(m *failure.Model, _ *failure.CheckOptions) { m.Readiness = failure.No }, []string{"readiness-missing"}},
		{"no budget", func(m *failure.Model, _ *failure.CheckOptions) { m.Disruption = failure.No }, []string{"budget-missing"}},
		{"memory", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Storage.Config = dex.MemoryStorage{} }, []string{"storage-unshared"}},
		{"a long outage", func(_ *failure.Model, o *failure.CheckOptions) { o.Planned = 8 * time.Hour }, []string{"tokens-end-first", "breakglass-ends"}},
		{"a very long outage", func(m *failure.Model, o *failure.CheckOptions) {
			o.Planned, m.BreakGlassEnds = 200*time.Hour, noon.Add(300*time.Hour)
		}, []string{"tokens-end-first", "refresh-ends-first"}},
		{"one way", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Connectors = nil }, []string{"login-single"}},
		{"no way", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Connectors, m.Dex.EnablePasswordDB = nil, false }, nil},
		{"keys of two hours", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Expiry.SigningKeys = ptr(2 * time.Hour) }, []string{"rotation-window"}},
		{"keys of five minutes", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Expiry.SigningKeys = ptr(5 * time.Minute) }, []string{"rotation-always"}},
		{"keys of five minutes that are not kept", func(m *failure.Model, _ *failure.CheckOptions) {
			m.Dex.Expiry.SigningKeys, m.KeysMaxAge = ptr(5*time.Minute), 30*time.Second
		}, nil},
		{"Vault", func(m *failure.Model, _ *failure.CheckOptions) { m.Dex.Signer.Config = dex.VaultSigner{} }, nil},
		{"an authority by flag", func(m *failure.Model, _ *failure.CheckOptions) { m.CAByFlag = failure.Yes }, []string{"ca-restart"}},
		{"no break-glass", func(m *failure.Model, _ *failure.CheckOptions) { m.BreakGlass = failure.No }, []string{"breakglass-missing"}},
		{"a break-glass that ends", func(m *failure.Model, _ *failure.CheckOptions) { m.BreakGlassEnds = noon.Add(-time.Hour) }, []string{"breakglass-ends"}},
		{"a break-glass of no end", func(m *failure.Model, _ *failure.CheckOptions) { m.BreakGlassEnds = time.Time{} }, nil},
		{"no time", func(_ *failure.Model, o *failure.CheckOptions) { o.Time = time.Time{} }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, o := model(), options
			test.edit(&m, &o)
			findings := failure.Check(m, o)
			var want []string
			for _, code := range test.fails {
				want = append(want, "failure-"+code)
			}
			assert.ElementsMatch(t, want, findingtest.Outcomes(findings, groundway.Failed))
			ledger.Hold(t, findingtest.Contract{Rules: own, Sources: []string{"caller"}}, findings)
		})
	}
	ledger.Complete(t, own, "failure-replicas-single", "failure-antiaffinity-missing", "failure-readiness-missing", "failure-budget-missing",
		"failure-storage-unshared", "failure-ca-restart", "failure-breakglass-missing", "failure-breakglass-ends")
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "identity", failure.Rules)
}
