package dex

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway/internal/verdict"
)

// checkRefused finds what dex ends on when it starts.
func checkRefused(k *linter) {
	bad := func(path, got, want, summary string) {
		if k.whole(path) {
			k.Fail(verdict.Fault{Code: codeRefused, Path: path, Got: got, Want: want, Summary: summary})
		}
	}
	c := k.c
	if c.Issuer == "" {
		bad("/issuer", "", "a URL", "There is no issuer.")
	}
	if c.Storage.Config == nil {
		bad("/storage", "", "a storage", "There is no storage.")
	}
	switch s := c.Storage.Config.(type) {
	case KubernetesStorage:
		if s.InCluster == (s.KubeConfigFile != "") {
			bad("/storage/config", "both or neither", "one of inCluster and kubeConfigFile", "The Kubernetes storage needs one of inCluster and kubeConfigFile.")
		}
		if s.CRDHandling != "" && s.CRDHandling != "ensure" && s.CRDHandling != "check" {
			bad("/storage/config/crdHandling", s.CRDHandling, "ensure or check", "The storage has the crdHandling "+quote(s.CRDHandling)+".")
		}
	case EtcdStorage:
		if len(s.Endpoints) == 0 {
			bad("/storage/config/endpoints", "", "an endpoint", "The etcd storage has no endpoint.")
		}
	}
	if c.Web.HTTP == "" && c.Web.HTTPS == "" {
		bad("/web", "", "http or https", "Dex has no address to listen on.")
	}
	listeners := []struct{ path, address string }{{"/web/http", c.Web.HTTP}, {"/web/https", c.Web.HTTPS}, {"/grpc/addr", c.GRPC.Addr}, {"/telemetry/http", c.Telemetry.HTTP}}
	for i, a := range listeners {
		if a.address == "" {
			continue
		}
		_, port, err := net.SplitHostPort(a.address)
		if n, notNumber := strconv.Atoi(port); err != nil || notNumber == nil && (n < 0 || n > 65535) {
			bad(a.path, a.address, "an address with a port", words(a.path)+" is "+quote(a.address)+", which is no address with a port.")
			continue
		}
		for _, b := range listeners[:i] {
			if collide(a.address, b.address) {
				bad(a.path, a.address, "a port of its own", words(a.path)+" is "+quote(a.address)+", where "+words(b.path)+" listens already.")
				break
			}
		}
	}
	if c.Web.HTTPS != "" && (c.Web.TLSCert == "" || c.Web.TLSKey == "") {
		bad("/web/https", c.Web.HTTPS, "tlsCert and tlsKey", "https needs both tlsCert and tlsKey.")
	}
	if g := c.GRPC; g.Addr == "" && (g.TLSCert != "" || g.TLSKey != "") {
		bad("/grpc/addr", "", "an address", "grpc has a certificate and no address.")
	}
	if (c.GRPC.TLSCert == "") != (c.GRPC.TLSKey == "") {
		bad("/grpc/tlsCert", "one of two", "tlsCert and tlsKey", "grpc needs both tlsCert and tlsKey.")
	}
	if c.GRPC.TLSCert == "" && c.GRPC.TLSClientCA != "" {
		bad("/grpc/tlsClientCA", c.GRPC.TLSClientCA, "tlsCert beside it", "grpc.tlsClientCA needs tlsCert.")
	}
	for _, v := range []struct{ path, low, high string }{{"/web", c.Web.TLSMinVersion, c.Web.TLSMaxVersion}, {"/grpc", c.GRPC.TLSMinVersion, c.GRPC.TLSMaxVersion}} {
		for key, version := range map[string]string{"tlsMinVersion": v.low, "tlsMaxVersion": v.high} {
			if version != "" && version != "1.2" && version != "1.3" {
				bad(v.path+"/"+key, version, "1.2 or 1.3", words(v.path+"/"+key)+" is "+quote(version)+".")
			}
		}
		if v.low > v.high && v.high != "" {
			bad(v.path+"/tlsMinVersion", v.low, v.high+" or less", words(v.path)+" has a tlsMinVersion above its tlsMaxVersion.")
		}
	}
	if s, ok := c.Signer.Config.(LocalSigner); ok && s.KeysRotationPeriod == nil {
		bad("/signer/config/keysRotationPeriod", "", "a duration", "The local signer has no keysRotationPeriod.")
	}
	for i, r := range c.OAuth2.ResponseTypes {
		if !slices.Contains(responseTypes, r) {
			bad(fmt.Sprintf("/oauth2/responseTypes/%d", i), r, strings.Join(responseTypes, ", "), "Dex has no response type "+quote(r)+".")
		}
	}
	for i, p := range c.Web.ClientRemoteIP.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			bad(fmt.Sprintf("/web/clientRemoteIP/trustedProxies/%d", i), p, "a CIDR block", "The trusted proxy "+quote(p)+" is no CIDR block.")
		}
	}
	if l := c.Logger; l.Format != "" && !strings.EqualFold(l.Format, "text") && !strings.EqualFold(l.Format, "json") {
		bad("/logger/format", l.Format, "text or json", "Dex has no log format "+quote(l.Format)+".")
	}
	if l := c.Logger.Level; l != "" && new(slog.Level).UnmarshalText([]byte(l)) != nil {
		bad("/logger/level", c.Logger.Level, "debug, info, warn or error", "Dex has no log level "+quote(c.Logger.Level)+".")
	}
	refusedPeople(k, bad)
	if !k.Settled(codeRefused) {
		k.Pass(codeRefused, 1)
	}
}

// collide reports whether the system lets only one of two addresses be listened on:
// they have one port, and one host, or one of them is of every host.
func collide(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	every := func(host string) bool { return host == "" || host == "::" }
	return errA == nil && errB == nil && portA == portB && strings.Trim(portA, "0") != "" &&
		(hostA == hostB || every(hostA) || every(hostB) || oneOfIPv4(hostA, hostB))
}

// oneOfIPv4 reports whether one host is every address of IPv4 and the other one of them.
func oneOfIPv4(a, b string) bool {
	if b == "0.0.0.0" {
		a, b = b, a
	}
	addr, err := netip.ParseAddr(b)
	return a == "0.0.0.0" && err == nil && addr.Is4()
}

// refusedPeople finds what dex ends on in clients, passwords and connectors.
func refusedPeople(k *linter, bad func(path, got, want, summary string)) {
	for i, c := range k.c.StaticClients {
		path := fmt.Sprintf("/staticClients/%d", i)
		switch {
		case c.Name == "":
			bad(path+"/name", "", "a name", fmt.Sprintf("Client %d has no name.", i))
		case c.ID == "" && c.IDEnv == "":
			bad(path+"/id", "", "an ID", fmt.Sprintf("Client %d has no ID.", i))
		case c.ID != "" && c.IDEnv != "":
			bad(path+"/idEnv", c.IDEnv, "one of id and idEnv", fmt.Sprintf("Client %d has both id and idEnv.", i))
		case c.Secret.IsZero() && c.SecretEnv == "" && !c.Public:
			bad(path+"/secret", "", "a secret", "The client "+quote(c.ID)+" has no secret and is not public.")
		case !c.Secret.IsZero() && c.SecretEnv != "":
			bad(path+"/secretEnv", c.SecretEnv, "one of secret and secretEnv", "The client "+quote(c.ID)+" has both secret and secretEnv.")
		}
	}
	if len(k.c.StaticPasswords) > 0 && !k.c.EnablePasswordDB {
		bad("/enablePasswordDB", "false", "true", "There are passwords, and the password database is off.")
	}
	for i, p := range k.c.StaticPasswords {
		path := fmt.Sprintf("/staticPasswords/%d", i)
		switch {
		case p.Hash.IsZero() && p.HashFromEnv == "":
			bad(path+"/hash", "", "a hash", fmt.Sprintf("Password %d has no hash.", i))
		case !p.Hash.IsZero() && !isHash(p.Hash.Reveal()):
			bad(path+"/hash", "another text", "a hash of bcrypt", fmt.Sprintf("Password %d has a hash that is none of bcrypt.", i))
		}
	}
	opening := 0
	for i, c := range k.c.Connectors {
		path := fmt.Sprintf("/connectors/%d", i)
		if c.ID == "" || c.Name == "" {
			bad(path, "a field is empty", "type, id and name", fmt.Sprintf("Connector %d has no id or no name.", i))
		}
		if c.Config == nil {
			bad(path+"/type", "", "a type", fmt.Sprintf("Connector %d has no type.", i))
		} else if brokenConnector(c.Config) == "" {
			opening++
		}
	}
	switch {
	case k.c.EnablePasswordDB:
	case len(k.c.Connectors) == 0:
		bad("/connectors", "", "a connector, or enablePasswordDB", "Nobody can log in: there is no connector, and no password database.")
	case opening == 0:
		bad("/connectors", "0 connectors open", "a connector that opens", "None of the connectors opens.")
	}
}

func isHash(text string) bool {
	_, ok := costOf(text)
	return ok
}

// words turns a pointer into the name of a field: /grpc/addr is grpc.addr.
func words(path string) string { return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ".") }
